"""Rounds: everything that is due for one server, carried by as few sessions as it allows.

A worker that finds all sessions open goes away: whoever has one looks again after giving it back, so a message that
comes meanwhile is found by one of the two.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import SubmissionServer
from accounts.restraint import WAITS
from mailbox import smtp
from mailbox.models import Outgoing, SubmissionSession
from mailbox.sending import batches, outcomes
from mailbox.sending.courier import TROUBLES, Courier, Overloaded
from webmail.claims import ClaimLost

log = logging.getLogger(__name__)


def send_from(account_id: int) -> None:
    """Send what is due from an account, unless others do so over as many sessions as its server takes."""
    server = SubmissionServer.objects.filter(account=account_id).first()
    if server is None:
        _put_off_homeless(account_id)
        return
    if server.is_held(timezone.now()):
        batches.due(server, timezone.now()).update(due_at=server.held_until)
    try:
        while batches.is_wanted(server) and (session := SubmissionSession.begin(server, timezone.now())):
            if not _carry_all(server, session):
                return
    except ClaimLost as lost:
        log.warning("%s was taken over by another worker", lost)


def send_everything() -> list[Outgoing]:
    """Send what is due from all accounts, whatever their servers are held for: the operator asked for it.

    Return what was tried, the longest due first; another worker may have had the rest.
    """
    due = Outgoing.objects.due(timezone.now())
    tries = dict(due.values_list("pk", "attempt_count"))
    for account_id in dict.fromkeys(due.values_list("account", flat=True)):
        for server in SubmissionServer.objects.filter(account=account_id):
            server.let_go()
        send_from(account_id)
    rows = Outgoing.objects.prefetch_related("recipients").in_bulk(list(tries))
    return [rows[pk] for pk, count in tries.items() if pk in rows and rows[pk].attempt_count != count]


def send_one(outgoing: Outgoing) -> bool:
    """Try once to submit `outgoing`, whatever its server is held for: a person or the operator asked for it.

    False when it was not free or not due, or when another worker took it over.
    """
    now = timezone.now()
    batch = batches.claimed(Outgoing.claim_all([outgoing.pk], now, finished_at=None, due_at__lte=now))
    if not batch:
        return False
    server = SubmissionServer.objects.filter(account=outgoing.account_id).first()
    if server is None:
        batches.release(batch)
        _put_off_homeless(outgoing.account_id)
        return True
    try:
        with Courier(server) as courier:
            _carry(courier, server, batch, session=None)
    except ClaimLost as lost:
        log.warning("%s was taken over by another worker", lost)
        return False
    return True


def _carry_all(server: SubmissionServer, session: SubmissionSession) -> bool:
    """Carry batch after batch over one session; False when the server does not want more now."""
    try:
        with Courier(server) as courier:
            while batch := batches.take(server):
                session.go_on(timezone.now())
                if not _carry(courier, server, batch, session=session):
                    return False
        return True
    finally:
        session.release()


def _carry(
    courier: Courier, server: SubmissionServer, batch: list[Outgoing], *, session: SubmissionSession | None
) -> bool:
    """Carry the messages of `batch`, which is empty afterwards; False when the server does not want more now."""
    try:
        while batch:
            _carry_first(courier, batch)
        courier.write()
    except Overloaded as overload:
        _leave_alone(server, batch, str(overload))
        return False
    except TROUBLES as trouble:
        if _is_crowded(trouble) and session and session.has_company(timezone.now()):
            # The other session goes on, and this one was one too many.
            return False
        _leave_alone(server, batch, str(trouble), wait=WAITS[-1] if _is_password_wrong(trouble) else None)
        return False
    finally:
        try:
            courier.settle()
        finally:
            batches.release(batch)
    server.let_go()
    return True


def _carry_first(courier: Courier, batch: list[Outgoing]) -> None:
    with outcomes.words_for(batch[0]):
        try:
            courier.carry(batch)
        except (ClaimLost, *TROUBLES):
            raise
        except Overloaded:
            del batch[0]
            raise
        except BaseException:
            failed = batch.pop(0)
            words = _("Something went wrong here, not at the server.")
            is_late = courier.has_begun(failed)
            outcomes.note(failed, outcomes.uncertain(failed) if is_late else outcomes.deferred(failed, words))
            raise
    del batch[0]


def _leave_alone(server: SubmissionServer, batch: list[Outgoing], words: str, *, wait: timedelta | None = None) -> None:
    """Put off everything that waits for the server, and not only what met its trouble."""
    now = timezone.now()
    until = server.hold(now, wait=wait)
    batches.release(batch)
    batch.clear()
    outcomes.put_off(batches.due(server, now), words, until=until)


def _is_crowded(trouble: Exception) -> bool:
    return isinstance(trouble, smtp.Refused) and trouble.is_temporary


def _is_password_wrong(trouble: Exception) -> bool:
    """Such a login is not tried often: servers lock accounts for that."""
    return isinstance(trouble, smtp.Refused) and trouble.is_password_wrong


def _put_off_homeless(account_id: int) -> None:
    now = timezone.now()
    waiting = Outgoing.objects.due(now).filter(account=account_id)
    for language in set(waiting.values_list("writer__language", flat=True)):
        with translation.override(language or settings.LANGUAGE_CODE):
            words = _("The account has no server for outgoing mail any more.")
        outcomes.put_off(waiting.filter(writer__language=language), words, until=now + WAITS[1])
