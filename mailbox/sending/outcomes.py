"""What became of a message, written down: an outcome for each recipient, and when the next try is due.

The claim on the message is given back in the same transaction, so an outcome stands in the database whole or not at
all. Without one, `data_started_at` tells whoever finds the message that the server may have it.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.restraint import WAITS, wait_after
from mailbox import smtp
from mailbox.models import Outgoing, Recipient
from mailbox.sending import notice
from webmail import backoff

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(hours=48)
# 452, and 552 from old servers: the others have to come in a transaction of their own (RFC 5321, 4.5.3.1.10).
_TOO_MANY_RECIPIENTS = frozenset({452, 552})


def undecided(outgoing: Outgoing) -> QuerySet[Recipient]:
    return outgoing.recipients.filter(status__in=Recipient.UNDECIDED)


def deferred(outgoing: Outgoing, words: str) -> list[smtp.Outcome]:
    """Return the outcome of a try that did not come to the message itself."""
    return [smtp.Outcome(each.address, smtp.Status.DEFERRED, 0, words) for each in undecided(outgoing)]


def uncertain(outgoing: Outgoing) -> list[smtp.Outcome]:
    """Return the outcome of a try that ended somewhere in the content, with nobody left to say where."""
    words = _("The connection ended while the message was on its way, so nobody can say whether it arrived.")
    return [smtp.Outcome(each.address, smtp.Status.UNCERTAIN, 0, words) for each in undecided(outgoing)]


def note_failure(outgoing: Outgoing, words: str) -> None:
    """Note a try that brought no outcomes: to be tried again, unless content octets have left."""
    outgoing.refresh_from_db(fields=["data_started_at"])
    note(outgoing, uncertain(outgoing) if outgoing.data_started_at else deferred(outgoing, words))


def note(outgoing: Outgoing, outcomes: Iterable[smtp.Outcome], *, due_at: datetime | None = None) -> None:
    """Write the outcomes down and give the claim back: all of it, or nothing when the claim was lost.

    What was deferred is due again at `due_at`, by default later with every attempt.
    """
    now = timezone.now()
    outcomes = sorted(outcomes, key=_said)
    with transaction.atomic():
        for said, group in groupby(outcomes, key=_said):
            _note_alike(outgoing, said, [each.recipient for each in group], now)
        left = list(undecided(outgoing).values_list("status", "reply"))
        if left and _is_over(outgoing, now):
            left = _give_up(outgoing, now)
        last_error = next((reply for status, reply in left if status == Recipient.Status.DEFERRED), "")
        due_at = _due_again(outgoing, {status for status, _ in left}, outcomes, now, due_at)
        if not outgoing.attempted(due_at=due_at, last_error=last_error):
            transaction.set_rollback(True)
            log.warning("%s was taken over by another worker", outgoing.message_id)


def put_off(due: QuerySet[Outgoing], words: str, *, until: datetime) -> None:
    """Note for all of these, which nobody has claimed, a try that did not come as far as any message."""
    now = timezone.now()
    for outgoing in due.filter(queued_at__lte=now - GIVE_UP_AFTER, attempt_count__gte=len(WAITS)):
        if outgoing.claim(now):
            note(outgoing, deferred(outgoing, words), due_at=until)
    due = due.filter(claimed_at=None, finished_at=None, data_started_at=None)
    with transaction.atomic():
        rows = Recipient.objects.filter(outgoing__in=due.values("pk"), status__in=Recipient.UNDECIDED)
        rows.update(status=Recipient.Status.DEFERRED, reply=words[:2000], decided_at=now)
        Outgoing.objects.filter(pk__in=due.values("pk")).update(
            attempt_count=F("attempt_count") + 1, last_error=words[:2000], due_at=until
        )


def _said(outcome: smtp.Outcome) -> tuple[str, int, str]:
    return outcome.status.value, outcome.code, outcome.reply


def _note_alike(outgoing: Outgoing, said: tuple[str, int, str], addresses: list[str], now: datetime) -> None:
    status, code, words = said
    reply = f"{code} {words}" if code else words
    rows = undecided(outgoing).filter(address__in=addresses)
    rows.update(status=Recipient.Status(status), reply=reply[:2000], decided_at=now)


def _is_over(outgoing: Outgoing, now: datetime) -> bool:
    """Two days, and not all of them without a worker or under a clock that was set wrong."""
    return now - outgoing.queued_at >= GIVE_UP_AFTER and outgoing.attempt_count >= len(WAITS)


def _give_up(outgoing: Outgoing, now: datetime) -> list[tuple[str, str]]:
    """Refuse what is still deferred, and tell the sender; return what is undecided even so."""
    rows = undecided(outgoing).filter(status=Recipient.Status.DEFERRED)
    failed = list(rows.values_list("address", "reply"))
    for address, reply in failed:
        words = _("Given up after two days. Last answer: %s") % reply
        rows.filter(address=address).update(status=Recipient.Status.REFUSED, reply=words[:2000], decided_at=now)
    if failed:
        notice.deliver(outgoing, failed)
    return list(undecided(outgoing).values_list("status", "reply"))


def _due_again(
    outgoing: Outgoing, left: set[str], outcomes: list[smtp.Outcome], now: datetime, due_at: datetime | None
) -> datetime | None:
    """Return when the next try is due, or None when nothing is left to try."""
    if not left:
        return None
    if Recipient.Status.QUEUED in left or _has_room_next_time(outcomes):
        # The person had these sent again while the others were tried, or the server takes so many at once.
        return now
    return due_at or now + backoff.jittered(wait_after(outgoing.attempt_count + 1))


def _has_room_next_time(outcomes: list[smtp.Outcome]) -> bool:
    """Whether the server took some recipients and found only the number of the others too much."""
    put_off = [each for each in outcomes if each.status is smtp.Status.DEFERRED]
    is_number = all(each.code in _TOO_MANY_RECIPIENTS and "recipients" in each.reply.lower() for each in put_off)
    return is_number and any(each.status is smtp.Status.ACCEPTED for each in outcomes)
