"""The screens on which an owner offers an account to somebody else, and on which that person answers."""

from typing import cast

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.audit import What
from accounts.confirming import confirmed
from accounts.forms.hand_over import HandOverForm
from accounts.models import HandOver, MailAccount, User
from accounts.sharing import may_try
from mailbox import handing_over

_WHY_NOT: dict[type[handing_over.Unfit], str | Promise] = {
    handing_over.IsThere: gettext_lazy(
        "You have an account with this address already. Delete that one first, or decline this one."
    ),
    handing_over.NoRoom: gettext_lazy(
        "There is not enough room for all this mail in your Letterbox. "
        "Make room, or ask the person who runs this installation for more."
    ),
    handing_over.Gone: gettext_lazy("The offer was withdrawn, or has become too old."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def offer(request: HttpRequest, key: str) -> HttpResponse:
    """Say what goes along and what stays, and offer the account to somebody, or take the offer back."""
    found = get_object_or_404(MailAccount.objects.owned_by(request.user), key=key)
    if request.POST.get("do") == "withdraw":
        return _withdraw(request, found)
    form = HandOverForm(request.POST if request.method == "POST" else None, account=found)
    if form.is_bound and not may_try(request):
        form.add_error("person", _("That were many tries. Wait a few minutes."))
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            made = form.offer()
            note_for_both(What.OFFERED, found, _user(request), made.to)
        _write(request, made)
        return redirect("hand_over", found.key)
    context = {
        "here": "accounts",
        "mail_account": found,
        "form": form,
        "offer": _open_offer(found),
        "members": found.members.all(),
    }
    return render(request, "accounts/handing/page.html", context, status=422 if form.is_bound else 200)


def _withdraw(request: HttpRequest, found: MailAccount) -> HttpResponse:
    if made := HandOver.objects.filter(account=found).select_related("to").first():
        made.delete()
        note_for_both(What.OFFER_ENDED, found, _user(request), made.to)
        messages.success(request, _("The offer is withdrawn. The account stays yours."))
    return redirect("hand_over", found.key)


@require_http_methods(["GET", "HEAD", "POST"])
def offered(request: HttpRequest, key: str) -> HttpResponse:
    """Show the person to whom an account is offered what he would get; he accepts or declines."""
    offers = HandOver.objects.made_to(request.user).select_related("account__owner", "to")
    made = get_object_or_404(offers, key=key)
    if request.method == "POST" and request.POST.get("do") == "decline":
        return _decline(request, made)
    problem = _accept(made) if request.POST.get("do") == "accept" else ""
    if request.POST.get("do") == "accept" and not problem:
        words = _("%(account)s is yours now, with all its mail.")
        messages.success(request, words % {"account": made.account.address})
        return redirect("accounts")
    context = {
        "here": "accounts",
        "offer": made,
        "mail_account": made.account,
        "message_count": made.account.messages.count(),
        "problem": problem,
    }
    return render(request, "accounts/handing/offered.html", context, status=422 if problem else 200)


def _decline(request: HttpRequest, made: HandOver) -> HttpResponse:
    made.delete()
    note_for_both(What.OFFER_ENDED, made.account, made.account.owner, made.to)
    messages.success(request, _("You have declined the account."))
    return redirect("accounts")


def _accept(made: HandOver) -> str | Promise:
    """Have the account change hands; return why it cannot, or ""."""
    former = made.account.owner
    try:
        account = handing_over.hand_over(made)
    except handing_over.Unfit as reason:
        return _WHY_NOT[type(reason)]
    note_for_both(What.HANDED_OVER, account, former, made.to)
    return ""


def note_for_both(what: What, account: MailAccount, owner: User, to: User) -> None:
    """Note it for both: each sees it among his own events."""
    for person in (owner, to):
        audit.note(what, person=person, about=f"{account}: {owner.username} → {to.username}")


def _open_offer(found: MailAccount) -> HandOver | None:
    return HandOver.objects.open(timezone.now()).filter(account=found).select_related("to").first()


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _write(request: HttpRequest, made: HandOver) -> None:
    """Tell the person by letter, where Letterbox writes any."""
    if made.to.email and settings.WRITES_LETTERS:
        link = request.build_absolute_uri(reverse("offered", args=[made.key]))
        context = {"owner": request.user, "account": made.account, "link": link}
        get_adapter(request).send_mail("account/email/offer", made.to.email, context)
