"""Invitations: the operator makes a link, and whoever opens it becomes a person here."""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit
from accounts.confirming import confirmed
from accounts.forms.invitation import ArrivalForm, InvitationForm
from accounts.models import Invitation, User

require_form = require_http_methods(["GET", "HEAD", "POST"])


@require_form
@confirmed
def invitations(request: HttpRequest) -> HttpResponse:
    """Make a link, which is shown once, and see those that are open."""
    operator = _operator(request)
    form = InvitationForm(request.POST if request.method == "POST" else None, label_suffix="")
    context: dict[str, Any] = {"here": "settings", "form": form}
    if form.is_bound and form.is_valid():
        made, token = Invitation.make(operator, form.cleaned_data["address"])
        audit.note(audit.What.INVITED, about=made)
        context |= {"made": made, "link": request.build_absolute_uri(reverse("invitation", args=[token]))}
        context["form"] = InvitationForm(label_suffix="")
        _write(request, made, context["link"])
    context["open"] = Invitation.objects.open(timezone.now()).select_related("invited_by")
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "accounts/invitations/page.html", context, status=status)


@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Make an open invitation void."""
    _operator(request)
    found = get_object_or_404(Invitation.objects.open(timezone.now()), key=request.POST.get("invitation", ""))
    audit.note(audit.What.INVITATION_VOID, about=found)
    found.delete()
    messages.success(request, _("The invitation is void."))
    return redirect("invitations")


@login_not_required
@never_cache
@require_form
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The first page of whoever is invited: a name, and a password or a passkey."""
    found = Invitation.of_token(token)
    if found is None or request.user.is_authenticated:
        return render(request, "accounts/invitations/closed.html", status=404 if found is None else 200)
    by_passkey = request.POST.get("way") == "passkey"
    data = request.POST if request.method == "POST" else None
    form = ArrivalForm(data, address=found.address, with_passkey=by_passkey)
    if form.is_bound and form.is_valid():
        person = _arrive(found, form)
        if person:
            return _let_in(request, person, to="mfa_add_webauthn" if by_passkey else "inbox")
    context = {"form": form, "invitation": found}
    return render(request, "accounts/invitations/arrive.html", context, status=422 if form.is_bound else 200)


def _arrive(found: Invitation, form: ArrivalForm) -> User | None:
    """Make the person and use the invitation up, both or neither; None where somebody was faster."""
    try:
        with transaction.atomic():
            person = form.save()
            if found.use():
                _note_arrival(found, person)
                return person
            transaction.set_rollback(True)
    except IntegrityError:
        pass
    form.add_error(None, _("Somebody was faster with this name or this link. Try once more."))
    return None


def _note_arrival(used: Invitation, person: User) -> None:
    """Note it for whoever came, and for whoever has invited him."""
    for each in filter(None, (person, used.invited_by)):
        audit.note(audit.What.INVITATION_USED, person=each, actor=person, about=f"{used}: {person.username}")


def _let_in(request: HttpRequest, person: User, *, to: str) -> HttpResponse:
    record_authentication(request, person, method="invitation")
    return perform_login(request, Login(user=person, redirect_url=reverse(to)))


def _operator(request: HttpRequest) -> User:
    """Whoever runs this place; to everybody else there is no such page."""
    user = cast("User", request.user)
    if not user.is_superuser:
        raise Http404
    return user


def _write(request: HttpRequest, made: Invitation, link: str) -> None:
    if made.address and settings.WRITES_LETTERS:
        context = {"invited_by": made.invited_by, "link": link}
        get_adapter(request).send_mail("account/email/invitation", made.address, context)
        messages.success(request, _("A letter to %(address)s is on its way.") % {"address": made.address})
