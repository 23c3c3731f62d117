"""The screens on which a person adds and removes the addresses that he writes under besides those of his accounts."""

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.alias import AliasForm
from accounts.models import Identity, MailAccount, User
from accounts.numbers import number_in


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """One more address."""
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    form = AliasForm(request.POST if request.method == "POST" else None, owner=request.user)
    if form.is_bound and form.is_valid():
        saved = form.save()
        messages.success(request, _("You can write as %(address)s now.") % {"address": saved.address})
        return redirect("identities")
    context = {"here": "settings", "form": form}
    return render(request, "accounts/identities/add.html", context, status=422 if form.is_bound else 200)


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Take an address away, but never the account's own; what was sent under it stays as it is."""
    identity = get_object_or_404(
        _own(request).exclude(address=F("account__address")), pk=number_in(request.POST.get("remove", ""))
    )
    identity.delete()
    messages.success(request, _("%(address)s is removed.") % {"address": identity.address})
    return redirect("identities")


def prefer(request: HttpRequest) -> None:
    """Make the address whose button was pressed, if any was, the one that its account writes under."""
    if "prefer" in request.POST:
        identity = get_object_or_404(_own(request), pk=number_in(request.POST.get("prefer", "")))
        identity.make_default()
        messages.success(
            request, _("You write as %(address)s now, unless you choose another.") % {"address": identity.address}
        )


def _own(request: HttpRequest) -> QuerySet[Identity]:
    return Identity.objects.filter(account__in=MailAccount.objects.owned_by(request.user)).select_related("account")
