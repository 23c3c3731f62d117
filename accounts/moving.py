"""Moving here from Gmail's fetcher: every address that it collected is set up in turn.

The list is kept in the session; which of it is done is told by the accounts that there are.
"""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.moving import AnswersForm, MoveForm
from accounts.models import MailAccount, User

_LIST, _LABELS = "moving", "moving-labels"


@dataclass(frozen=True, slots=True)
class Moved:
    """An address of the list, and its account once there is one."""

    address: str
    account: MailAccount | None


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest) -> HttpResponse:
    """The list, and what is still to be done; a new list replaces the old one."""
    form = MoveForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        request.session[_LIST] = form.cleaned_data["addresses"]
        request.session[_LABELS] = form.cleaned_data["keeps_labels"]
        return redirect("move")
    return render(request, "accounts/move/page.html", _context(request, form), status=422 if form.is_bound else 200)


@require_POST
def answers(request: HttpRequest) -> HttpResponse:
    """Choose from which address answers leave."""
    user = cast("User", request.user)
    form = AnswersForm(request.POST, user=user)
    if form.is_valid():
        user.answers_from = form.cleaned_data["answers_from"]
        user.save(update_fields=["answers_from"])
        messages.success(request, _("Your choice is saved."))
    return redirect("move")


def is_listed(request: HttpRequest, address: str) -> bool:
    """Whether the address is one of those that are being moved."""
    return address.lower() in {each.lower() for each in request.session.get(_LIST, ())}


def label_for(request: HttpRequest, address: str) -> str:
    """Return the label for what arrives at a moved address; "" for none."""
    return address if request.session.get(_LABELS) and is_listed(request, address) else ""


def _context(request: HttpRequest, form: MoveForm) -> dict[str, Any]:
    user = cast("User", request.user)
    accounts = {each.address.lower(): each for each in MailAccount.objects.owned_by(user)}
    listed = [Moved(each, accounts.get(each.lower())) for each in request.session.get(_LIST, ())]
    return {
        "here": "accounts",
        "form": form,
        "answers": AnswersForm(None, user=user),
        "listed": listed,
        "next": next((each for each in listed if each.account is None), None),
        "done_count": sum(each.account is not None for each in listed),
        "accounts": list(accounts.values()),
    }
