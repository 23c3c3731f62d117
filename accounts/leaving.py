"""The screen on which a person deletes all that is his, and takes that back."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit
from accounts.confirming import confirmed
from accounts.forms.departure import DepartureForm
from accounts.models import Departure, User
from accounts.sessions import end_all
from webmail.celery import wake


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def leave(request: HttpRequest) -> HttpResponse:
    """Say what would go and what would stay, and note the wish when the name is typed."""
    user = cast("User", request.user)
    form = DepartureForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_bound and form.is_valid():
        Departure.ask(user, at_once=form.at_once)
        audit.note(audit.What.LEAVING, about="at once" if form.at_once else "in seven days")
        return _gone(request, user) if form.at_once else redirect("security")
    own = user.owned_accounts.annotate(message_count=Count("messages", distinct=True))
    context = {
        "here": "settings",
        "form": form,
        "own": own.select_related("hand_over__to").prefetch_related("members"),
        "maildrops": user.local_maildrops.all(),
        "shared": user.shared_accounts.all(),
    }
    return render(request, "accounts/leaving/page.html", context, status=422 if form.is_bound else 200)


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Take the wish back."""
    if Departure.objects.filter(user=cast("User", request.user)).delete()[0]:
        audit.note(audit.What.STAYING)
    messages.success(request, _("Nothing is deleted. You stay."))
    return redirect("security")


def _gone(request: HttpRequest, user: User) -> HttpResponse:
    end_all(user, but=request.session.session_key)
    logout(request)
    wake("depart_due")
    return render(request, "accounts/leaving/gone.html")
