"""What became of messages, written down: an outcome for each recipient, and when the next try is due.

The claim on a message is given back in the same transaction, so its outcomes stand in the database whole or not at
all. Without any, `data_started_at` tells whoever finds the message that the server may have it.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import MailAccount
from accounts.restraint import WAITS, wait_after
from mailbox import smtp
from mailbox.models import Outgoing, Recipient
from mailbox.sending import notice
from webmail import backoff
from webmail.claims import this_process

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


@dataclass(frozen=True, slots=True)
class Try:
    """A message with what a server said of it; `claimed_at` is our claim, whatever a failed transaction made of it."""

    outgoing: Outgoing
    found: tuple[smtp.Outcome, ...]
    claimed_at: datetime | None

    @property
    def is_accepted(self) -> bool:
        return all(each.status is smtp.Status.ACCEPTED for each in self.found)


def note_all(tries: Sequence[Try]) -> None:
    """Write down what became of several messages, in one transaction; those that all accept by few statements."""
    if not tries:
        return
    with transaction.atomic():
        accepted = [each for each in tries if each.is_accepted]
        if len(accepted) < len(tries):
            _lock_account(tries[0].outgoing)
        if not _note_accepted(accepted):
            accepted = []
        for each in tries:
            if each not in accepted:
                with words_for(each.outgoing):
                    note(each.outgoing, each.found)


def abandon(tries: Sequence[Try]) -> None:
    """Note of messages that nobody can know what became of them, after that could not be written down."""
    for each in tries:
        each.outgoing.claimed_at, each.outgoing.claimed_by = each.claimed_at, this_process()
        with words_for(each.outgoing):
            note(each.outgoing, uncertain(each.outgoing))


@contextmanager
def words_for(outgoing: Outgoing) -> Iterator[None]:
    """Write in the writer's language and by his clock: what is noted here, the person reads later."""
    writer = outgoing.writer
    language, zone = (writer.language, writer.zone) if writer else ("", None)
    with translation.override(language or settings.LANGUAGE_CODE), timezone.override(zone):
        yield


def note(outgoing: Outgoing, outcomes: Iterable[smtp.Outcome], *, due_at: datetime | None = None) -> None:
    """Write the outcomes down and give the claim back: all of it, or nothing when the claim was lost.

    What was deferred is due again at `due_at`, by default later with every attempt.
    """
    now = timezone.now()
    outcomes = sorted(outcomes, key=_said)
    with transaction.atomic():
        if _is_over(outgoing, now) or _refused(outcomes):
            _lock_account(outgoing)
        for (status, reply), group in groupby(outcomes, key=_said):
            rows = undecided(outgoing).filter(address__in=[each.recipient for each in group])
            rows.update(status=Recipient.Status(status), reply=reply[:2000], decided_at=now)
        failures = _refused(outcomes)
        left = list(undecided(outgoing).values_list("status", "reply"))
        if left and _is_over(outgoing, now):
            failures += _give_up(outgoing, now)
            left = list(undecided(outgoing).values_list("status", "reply"))
        notice.deliver(outgoing, failures)
        last_error = next((reply for status, reply in left if status == Recipient.Status.DEFERRED), "")
        due_at = _due_again(outgoing, {status for status, _ in left}, outcomes, now, due_at)
        is_trouble = bool(failures) or any(each.status is smtp.Status.UNCERTAIN for each in outcomes)
        if not outgoing.attempted(due_at=due_at, last_error=last_error, is_trouble=is_trouble):
            transaction.set_rollback(True)
            log.warning("%s was taken over by another worker", outgoing.message_id)


def _lock_account(outgoing: Outgoing) -> None:
    """Wait for whoever delivers into the account, before any row is locked that he may want: a notice may follow."""
    MailAccount.objects.select_for_update().get(pk=outgoing.account_id)


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


def _note_accepted(tries: Sequence[Try]) -> bool:
    """Finish these; False, and nothing written, where that is not the whole truth of each."""
    if not tries:
        return True
    now = timezone.now()
    pks = [each.outgoing.pk for each in tries]
    with transaction.atomic():
        _accept_recipients(tries, now)
        ours = Outgoing.objects.filter(pk__in=pks, claimed_at=tries[0].claimed_at, claimed_by=this_process())
        finished = ours.update(
            claimed_at=None,
            claimed_by="",
            data_started_at=None,
            last_error="",
            finished_at=now,
            attempt_count=F("attempt_count") + 1,
        )
        left = Recipient.objects.filter(outgoing__in=pks, status__in=Recipient.UNDECIDED)
        if finished == len(tries) and not left.exists():
            return True
        transaction.set_rollback(True)
    return False


def _accept_recipients(tries: Sequence[Try], now: datetime) -> None:
    """One prepared statement: building one for each recipient costs more than running it."""
    decided_at = Recipient._meta.get_field("decided_at").get_db_prep_value(now, connection)
    rows = [(_reply(each)[:2000], decided_at, one.outgoing.pk, each.recipient) for one in tries for each in one.found]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE mailbox_recipient SET status = 'accepted', reply = %s, decided_at = %s"
            " WHERE outgoing_id = %s AND address = %s AND status IN ('queued', 'deferred')",
            rows,
        )


def _reply(outcome: smtp.Outcome) -> str:
    return f"{outcome.code} {outcome.reply}" if outcome.code else outcome.reply


def _said(outcome: smtp.Outcome) -> tuple[str, str]:
    return outcome.status.value, _reply(outcome)


def _is_over(outgoing: Outgoing, now: datetime) -> bool:
    """Two days, and not all of them without a worker or under a clock that was set wrong."""
    return now - outgoing.queued_at >= GIVE_UP_AFTER and outgoing.attempt_count >= len(WAITS)


def _refused(outcomes: Iterable[smtp.Outcome]) -> list[notice.Failure]:
    refused = (each for each in outcomes if each.status is smtp.Status.REFUSED)
    return [notice.Failure(each.recipient, _reply(each), is_refused=True) for each in refused]


def _give_up(outgoing: Outgoing, now: datetime) -> list[notice.Failure]:
    """Refuse what is still deferred; return what that was."""
    rows = undecided(outgoing).filter(status=Recipient.Status.DEFERRED)
    failed = list(rows.values_list("address", "reply"))
    for address, reply in failed:
        words = _("Given up after two days. Last answer: %s") % reply
        rows.filter(address=address).update(status=Recipient.Status.REFUSED, reply=words[:2000], decided_at=now)
    return [notice.Failure(address, reply, is_refused=False) for address, reply in failed]


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
