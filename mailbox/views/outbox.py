"""What is on its way, and what became of it: one status for each recipient, and what can be done about it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.contrib import messages
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import MailAccount
from mailbox import outbox as queue
from mailbox.models import Outgoing, Recipient
from mailbox.views import sending
from mailbox.views.delivery_log import WITH_REPORTS
from mailbox.views.moments import moment_in_words, picks
from mailbox.views.sidebar import sidebar
from webmail.htmx import render_screen, wants_part

_LINES = 100
_SHOWN_FOR = timedelta(days=7)


class Fate(StrEnum):
    """What became of a message so far, the most urgent first."""

    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    RETURNED = "returned"
    SENDING = "sending"
    DEFERRED = "deferred"
    WAITING = "waiting"
    SCHEDULED = "scheduled"
    SENT = "sent"


# What a person should look at, though nothing more happens by itself.
_URGENT = (Fate.UNCERTAIN, Fate.REFUSED, Fate.RETURNED)


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the outbox with what the person may do about it."""

    outgoing: Outgoing
    recipients: tuple[Recipient, ...]
    fate: Fate
    is_mine: bool

    @property
    def copy_key(self) -> str | None:
        """Of the message in Sent, None where there is none."""
        return self.outgoing.copy_key  # type: ignore[attr-defined]  # annotated

    @property
    def can_be_tried(self) -> bool:
        return self.is_mine and self.fate in (Fate.DEFERRED, Fate.WAITING) and not self.can_be_undone

    @property
    def can_be_undone(self) -> bool:
        """While it is held for the few seconds in which its writer may think again."""
        return self.is_mine and self.fate == Fate.WAITING and not self.is_due

    @property
    def can_be_rescheduled(self) -> bool:
        return self.is_mine and self.fate == Fate.SCHEDULED

    @property
    def can_be_cancelled(self) -> bool:
        """While no server has had a say about any recipient."""
        undecided = all(each.status in Recipient.UNDECIDED for each in self.recipients)
        return (self.can_be_tried or self.can_be_undone) and undecided

    @property
    def can_be_settled(self) -> bool:
        return self.is_mine and self.fate == Fate.UNCERTAIN

    @property
    def needs_you(self) -> bool:
        """While something went wrong, and nobody has said that he knows."""
        return self.fate == Fate.UNCERTAIN or (self.fate in _URGENT and self.outgoing.troubled_at is not None)

    @property
    def can_be_seen(self) -> bool:
        return self.is_mine and self.needs_you and not self.can_be_settled

    @property
    def moment(self) -> str:
        """When it leaves or left: the time, with its day unless that is today."""
        return moment_in_words(self.outgoing.finished_at or self.outgoing.due_at)

    @property
    def is_due(self) -> bool:
        return self.outgoing.due_at <= timezone.now()

    @property
    def is_over(self) -> bool:
        return self.fate == Fate.SENT or (self.fate in _URGENT and not self.needs_you)

    @property
    def is_open(self) -> bool:
        return self.fate in (Fate.SENDING, Fate.DEFERRED, Fate.WAITING)


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """What waits, what needs a decision, what was sent lately; 204 to a poll that would show nothing new."""
    found = list(_shown(request)[:_LINES])
    if wants_part(request) and request.GET.get("since") == _version(found):
        return HttpResponse(status=204)
    return _list(request, found)


@require_POST
def retry(request: HttpRequest, key: str) -> HttpResponse:
    """Make the next attempt due now."""
    outgoing = mine(request, key)
    if outgoing.finished_at is None:
        queue.retry(outgoing)
    return answer(request)


@require_POST
def settle(request: HttpRequest, key: str) -> HttpResponse:
    """The person knows what no server said: it arrived, or it is to be sent again."""
    outgoing = mine(request, key)
    word = request.POST.get("arrived")
    if word not in ("yes", "no"):
        return HttpResponseBadRequest(_("Say whether it arrived."))
    queue.settle(outgoing, arrived=word == "yes")
    return answer(request)


@require_POST
def seen(request: HttpRequest, key: str) -> HttpResponse:
    """The person knows that it was refused or came back."""
    queue.seen(mine(request, key))
    return answer(request)


@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Turn a message that has not started back into a draft."""
    outgoing = mine(request, key)
    try:
        draft = queue.cancel(outgoing)
    except queue.TooLate:
        messages.warning(request, _("It is too late to cancel: the message is being sent, or was."))
        return leave(request)
    sending.forget(request, key)
    messages.success(request, _("Sending is cancelled. The message is a draft again."))
    # The draft is its writer's alone, also when another member of the account cancels.
    is_opened = draft.writer_id == request.user.pk and "stay" not in request.POST
    return leave(request, reverse("draft", args=[draft.key]) if is_opened else "")


@require_safe
def state(request: HttpRequest, key: str) -> HttpResponse:
    """Say in a word what became of a message that has just left; 204 while that is open."""
    fate = fate_of(get_object_or_404(Outgoing.objects.visible_to(request.user), key=key))
    if fate in (Fate.WAITING, Fate.SENDING, Fate.SCHEDULED):
        return HttpResponse(status=204)
    return render(request, "_shell/sent.html", {"fate": fate})


def leave(request: HttpRequest, url: str = "") -> HttpResponse:
    """Go to `url`, or to the outbox, where what has just been said to the person is shown."""
    url = url or reverse("outbox")
    return HttpResponseClientRedirect(url) if wants_part(request) else redirect(url)


def _shown(request: HttpRequest) -> QuerySet[Outgoing]:
    """What is not done, what needs a decision, and what was done in the last days, the newest first."""
    since = timezone.now() - _SHOWN_FOR
    asks = Q(status=Recipient.Status.UNCERTAIN) | Q(action=Recipient.Action.FAILED, reported_at__gte=since)
    asking = Recipient.objects.filter(asks, outgoing=OuterRef("pk"))
    recent = Q(finished_at=None) | Q(finished_at__gte=since) | Q(troubled_at__isnull=False) | Exists(asking)
    visible = Outgoing.objects.visible_to(request.user).filter(recent)
    # Of the copy its key is enough, and few accounts have many messages.
    return visible.annotate(copy_key=F("sent_copy__key")).prefetch_related("account", WITH_REPORTS)


def mine(request: HttpRequest, key: str) -> Outgoing:
    """The message of that key, of an account that this person owns or may send from; else 404."""
    return get_object_or_404(Outgoing.objects.filter(account__in=_senders(request)), key=key)


def _senders(request: HttpRequest) -> QuerySet[MailAccount]:
    return MailAccount.objects.spoken_for_by(request.user)


def answer(request: HttpRequest) -> HttpResponse:
    return _list(request, list(_shown(request)[:_LINES])) if wants_part(request) else redirect("outbox")


def _list(request: HttpRequest, found: list[Outgoing]) -> HttpResponse:
    senders = set(_senders(request).values_list("pk", flat=True))
    lines = [_line(each, is_mine=each.account_id in senders) for each in found]
    urgent = [line for fate in _URGENT for line in lines if line.fate == fate and line.needs_you]
    context = {
        "here": "outbox",
        "sections": [
            (_("Needs you"), urgent),
            (_("On their way"), [line for line in lines if line.is_open]),
            (_("Scheduled"), sorted((line for line in lines if line.fate == Fate.SCHEDULED), key=_leaves_at)),
            (_("Sent lately"), [line for line in lines if line.is_over]),
        ],
        "picks": picks(timezone.localtime()),
        "is_empty": not lines,
        "version": _version(found),
        "sidebar": sidebar(request.user),
        "is_part": wants_part(request),
    }
    return render_screen(request, "mailbox/outbox", "_list", context)


def _line(outgoing: Outgoing, *, is_mine: bool) -> Line:
    recipients = tuple(outgoing.recipients.all())
    return Line(outgoing, recipients, _fate(outgoing, recipients), is_mine)


def _leaves_at(line: Line) -> datetime:
    return line.outgoing.due_at


def _fate(outgoing: Outgoing, recipients: Iterable[Recipient]) -> Fate:
    statuses = {each.status for each in recipients}
    if Recipient.Status.UNCERTAIN in statuses:
        return Fate.UNCERTAIN
    if outgoing.finished_at:
        if Recipient.Status.REFUSED in statuses:
            return Fate.REFUSED
        return Fate.RETURNED if any(each.has_returned for each in recipients) else Fate.SENT
    if outgoing.claimed_at:
        return Fate.SENDING
    if outgoing.is_scheduled and outgoing.due_at > timezone.now():
        return Fate.SCHEDULED
    return Fate.DEFERRED if outgoing.attempt_count else Fate.WAITING


def fate_of(outgoing: Outgoing) -> Fate:
    """Return what became of a message so far."""
    return _fate(outgoing, outgoing.recipients.all())


def _version(found: list[Outgoing]) -> str:
    """Changes with anything that the list shows, so that a poll costs two queries and no rendering."""
    facts = []
    for each in found:
        statuses = [(recipient.pk, recipient.status, recipient.action) for recipient in each.recipients.all()]
        facts.append(
            (each.pk, each.due_at, each.claimed_at, each.attempt_count, each.finished_at, each.troubled_at, statuses)
        )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
