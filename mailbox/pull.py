"""Remote maildrop -> inbox: one pull at a time for each maildrop, and nothing deleted there before it is safe here.

A pull is one or more POP3 sessions. In each: log in; list; retrieve what is not known, in batches; commit a batch with
its unique-ids in one transaction; only then DELE what is to go. DELE counts when the server has answered QUIT with +OK,
so until then a deletion is pending and the next pull repeats it.
"""

import enum
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.fields import UnreadableSecret
from accounts.hosts import HostRefused, HostUnknown
from accounts.models import RemoteMaildrop, Trouble
from mailbox import delivery, pop3
from mailbox.models import Message, RetrievedUidl
from mailbox.models.original import sha256
from mailbox.servers import pop3_server
from webmail.claims import ClaimLost

log = logging.getLogger(__name__)

# A batch is one transaction: large enough to be fast, small enough to stay out of everybody's way.
BATCH_COUNT = 200
BATCH_OCTETS = 8 * 2**20
# A session that ends early repeats little; one that never ends could not be told from a hung one.
SESSION_COUNT = 5_000
SESSION_COUNT_DELETING = 500
SESSION_OCTETS_DELETING = 64 * 2**20
SESSION_SECONDS = 600
# After this no further batch is begun, so that the last one has time to end.
WORKING_SECONDS = 400
_QUESTIONS_AT_ONCE = 500

type Progress = Callable[[int, int], None]


class Status(enum.StrEnum):
    OK = "ok"
    FAILED = "failed"
    PAUSED = "paused"
    BUSY = "busy"


@dataclass(slots=True)
class Report:
    """What a pull did; the counts are of messages."""

    address: str
    status: Status = Status.OK
    retrieved: int = 0
    known: int = 0
    deleted: int = 0
    oversize: int = 0
    refused: int = 0
    octets: int = 0
    seconds: float = 0.0
    error: str = ""
    # Where the listing of the last session stood, for the progress bar.
    wanted: int = field(default=0, repr=False)


class PasswordLost(Exception):
    """The stored password was encrypted with a key that is gone."""


class CannotKeep(Exception):
    """The server has no unique-ids, so messages that stay there could not be told from new ones (RFC 1939, 7)."""


def pull(maildrop: RemoteMaildrop, *, on_progress: Progress | None = None) -> Report:
    """Pull what is new in `maildrop` and note the outcome on it. Raises nothing that a server can cause.

    `on_progress` is called with how many messages came and how many are wanted.
    """
    report = Report(maildrop.account.address)
    if not maildrop.claim(timezone.now()):
        report.status = Status.BUSY
        return report
    started = time.monotonic()
    try:
        while _session(maildrop, report, on_progress or _silent):
            maildrop.renew_claim(timezone.now())
        maildrop.pull_succeeded(timezone.now())
    except ClaimLost:
        report.status, report.error = Status.BUSY, _("Another pull has taken over.")
    except _TROUBLES as error:
        _note_trouble(maildrop, report, error)
    except BaseException:
        # Not the server's doing: it is raised, and must neither leave the claim to go stale nor come back at once.
        maildrop.release(due_at=timezone.now() + timedelta(minutes=maildrop.every_minutes))
        raise
    report.seconds = time.monotonic() - started
    log.info("pulled %s: %s, %d new, %d known", report.address, report.status, report.retrieved, report.known)
    return report


def _silent(done: int, wanted: int) -> None:
    """Progress that nobody watches."""


# One session ---------------------------------------------------------------------------------------------------------


def _session(maildrop: RemoteMaildrop, report: Report, on_progress: Progress) -> bool:
    """Run one POP3 session; return whether another one has more to retrieve."""
    limits = pop3.Limits(session_seconds=SESSION_SECONDS, message_octets=settings.MESSAGE_OCTETS_LIMIT)
    deadline = time.monotonic() + WORKING_SECONDS
    if isinstance(maildrop.password, UnreadableSecret):
        raise PasswordLost
    with pop3.Client.connect(pop3_server(maildrop), limits=limits) as client:
        client.login(maildrop.login, maildrop.password)
        listing = client.listing()
        _refuse_without_uidls(maildrop, listing)
        known = _Known(maildrop, listing)
        wanted = [listed for listed in known.new if listed.octets <= limits.message_octets]
        turn = _turn(maildrop, wanted)
        report.known, report.oversize = len(listing) - len(known.new), len(known.new) - len(wanted)
        report.wanted = report.retrieved + len(wanted)
        came = stored = 0
        deletions = list(_delete(client, maildrop, known.to_delete(timezone.now())))
        for batch in _batches(turn):
            retrieved = _retrieve(client, batch, report)
            rows = _store(maildrop, retrieved, report)
            came, stored = came + len(batch), stored + len(rows)
            on_progress(report.retrieved, report.wanted)
            if maildrop.mode == RemoteMaildrop.Mode.DELETE:
                deletions += _delete(client, maildrop, rows)
            maildrop.renew_claim(timezone.now())
            if time.monotonic() > deadline:
                break
        client.quit()
    _note_deleted(deletions)
    report.deleted += len(deletions)
    # A session that stored nothing would only be repeated.
    return stored > 0 and came < len(wanted)


def _refuse_without_uidls(maildrop: RemoteMaildrop, listing: Sequence[pop3.Listed]) -> None:
    if maildrop.mode != RemoteMaildrop.Mode.DELETE and any(not listed.uidl for listed in listing):
        raise CannotKeep


def _turn(maildrop: RemoteMaildrop, wanted: Sequence[pop3.Listed]) -> list[pop3.Listed]:
    """Return as many of `wanted` as one session takes."""
    if maildrop.mode == RemoteMaildrop.Mode.KEEP:
        return list(wanted[:SESSION_COUNT])
    turn: list[pop3.Listed] = []
    octets = 0
    for listed in wanted[:SESSION_COUNT_DELETING]:
        octets += listed.octets
        if turn and octets > SESSION_OCTETS_DELETING:
            break
        turn.append(listed)
    return turn


def _batches(turn: Iterable[pop3.Listed]) -> Iterator[list[pop3.Listed]]:
    batch: list[pop3.Listed] = []
    octets = 0
    for listed in turn:
        if batch and (len(batch) == BATCH_COUNT or octets + listed.octets > BATCH_OCTETS):
            yield batch
            batch, octets = [], 0
        batch.append(listed)
        octets += listed.octets
    if batch:
        yield batch


def _retrieve(client: pop3.Client, batch: Sequence[pop3.Listed], report: Report) -> list[pop3.Retrieved]:
    """Return what of `batch` came; one message that the server refuses does not keep the others."""
    came = []
    for answer in client.retrieve(batch):
        if isinstance(answer, pop3.Retrieved):
            came.append(answer)
        elif answer.kind == pop3.Why.OVERSIZE:
            report.oversize += 1
        else:
            report.refused += 1
            log.warning("message %d of %s: %s", answer.listed.number, report.address, answer.reason)
    return came


# What is known -------------------------------------------------------------------------------------------------------


class _Known:
    """A listing, divided by what is stored here already.

    A unique-id is believed only with the size that was listed with it, and not after its message was deleted on the
    server: one that gives an old id to another message must not cost anyone that message. What is retrieved again
    for nothing is recognised by its octets.
    """

    def __init__(self, maildrop: RemoteMaildrop, listing: Sequence[pop3.Listed]) -> None:
        self._maildrop = maildrop
        sizes = dict(self._standing().values_list("uidl", "octets_count"))
        seen: set[str] = set()
        self.new: list[pop3.Listed] = []
        self._here: dict[str, pop3.Listed] = {}
        for listed in listing:
            is_known = listed.uidl and listed.uidl not in seen and sizes.get(listed.uidl) == listed.octets
            seen.add(listed.uidl)
            if is_known:
                self._here[listed.uidl] = listed
            else:
                self.new.append(listed)

    def to_delete(self, now: datetime) -> list[tuple[RetrievedUidl, pop3.Listed]]:
        """Return the known messages that are to leave the server: their deletion is pending, or their time is up."""
        mode = self._maildrop.mode
        if mode == RemoteMaildrop.Mode.KEEP:
            return []
        rows = self._standing()
        if mode == RemoteMaildrop.Mode.DELETE_AFTER:
            rows = rows.filter(retrieved_at__lte=now - timedelta(days=self._maildrop.delete_after_days))
        return [(row, self._here[row.uidl]) for row in rows.iterator() if row.uidl in self._here]

    def _standing(self) -> QuerySet[RetrievedUidl]:
        return self._maildrop.retrieved.exclude(deletion=RetrievedUidl.Deletion.DONE)


# Storing -------------------------------------------------------------------------------------------------------------

type _Rows = list[tuple[RetrievedUidl, pop3.Listed]]


def _store(maildrop: RemoteMaildrop, retrieved: Sequence[pop3.Retrieved], report: Report) -> _Rows:
    """Commit a batch: the messages and their unique-ids, or neither."""
    account = maildrop.account
    prepared = [delivery.prepare(account, each.octets) for each in retrieved]
    with transaction.atomic():
        delivered = delivery.deliver(account, prepared)
        rows = [_row(maildrop, each, arrival.message.pk) for each, arrival in zip(retrieved, delivered, strict=True)]
        RetrievedUidl.objects.bulk_create(
            {row.uidl: row for row in rows if row.uidl}.values(),
            update_conflicts=True,
            unique_fields=["maildrop", "uidl"],
            update_fields=["octets_count", "sha256", "message", "retrieved_at", "listed_at", "deletion", "deleted_at"],
        )
    report.retrieved += sum(each.is_new for each in delivered)
    report.octets += sum(len(each.octets) for each in retrieved)
    return [(row, each.listed) for row, each in zip(rows, retrieved, strict=True)]


def _row(maildrop: RemoteMaildrop, retrieved: pop3.Retrieved, message_id: int) -> RetrievedUidl:
    return RetrievedUidl(
        maildrop=maildrop,
        uidl=retrieved.listed.uidl,
        octets_count=retrieved.listed.octets,
        sha256=sha256(retrieved.octets),
        message_id=message_id,
    )


# Deleting ------------------------------------------------------------------------------------------------------------


def _delete(client: pop3.Client, maildrop: RemoteMaildrop, rows: _Rows) -> list[RetrievedUidl]:
    """DELE the messages of `rows` that are proven to be stored; return the rows whose DELE the server accepted.

    The proof is read back from the database: the octets that are there have the hash of those that were retrieved.
    """
    proven = []
    for start in range(0, len(rows), _QUESTIONS_AT_ONCE):
        proven += _proven(rows[start : start + _QUESTIONS_AT_ONCE])
    uidls = [row.uidl for row, _listed in proven]
    for start in range(0, len(uidls), _QUESTIONS_AT_ONCE):
        asked = maildrop.retrieved.filter(uidl__in=uidls[start : start + _QUESTIONS_AT_ONCE])
        asked.update(deletion=RetrievedUidl.Deletion.PENDING)
    accepted = {listed.number for listed in client.delete_many(listed for _row, listed in proven)}
    return [row for row, listed in proven if listed.number in accepted]


def _proven(rows: _Rows) -> _Rows:
    ids = {row.message_id for row, _listed in rows if row.message_id}
    messages = Message.objects.filter(pk__in=ids).select_related("original")
    whole = {each.pk: each.original.sha256 for each in messages.iterator(chunk_size=20) if each.original.is_whole()}
    return [(row, listed) for row, listed in rows if whole.get(row.message_id or 0) == row.sha256]


def _note_deleted(rows: Sequence[RetrievedUidl]) -> None:
    """Note deletions that count, now that the server has answered QUIT with +OK (RFC 1939, 6)."""
    now = timezone.now()
    for start in range(0, len(rows), _QUESTIONS_AT_ONCE):
        part = rows[start : start + _QUESTIONS_AT_ONCE]
        done = RetrievedUidl.objects.filter(
            maildrop=part[0].maildrop_id, uidl__in=[row.uidl for row in part], deletion=RetrievedUidl.Deletion.PENDING
        )
        done.update(deletion=RetrievedUidl.Deletion.DONE, deleted_at=now)


# What goes wrong -----------------------------------------------------------------------------------------------------

_TROUBLE_OF: dict[type[Exception], Trouble] = {
    pop3.Untrusted: Trouble.UNTRUSTED,
    pop3.Unreachable: Trouble.UNREACHABLE,
    pop3.Garbled: Trouble.GARBLED,
    pop3.Refused: Trouble.REFUSED,
    HostRefused: Trouble.HOST,
    HostUnknown: Trouble.UNREACHABLE,
    CannotKeep: Trouble.CANNOT_KEEP,
    PasswordLost: Trouble.PASSWORD_LOST,
}
_TROUBLES = tuple(_TROUBLE_OF)


def _note_trouble(maildrop: RemoteMaildrop, report: Report, error: Exception) -> None:
    trouble = trouble_of(error)
    maildrop.pull_failed(timezone.now(), trouble, str(error))
    report.status, report.error = Status.FAILED, " ".join(filter(None, [str(trouble.label), str(error)]))


def trouble_of(error: Exception) -> Trouble:
    """Return what kind of trouble `error` is, for a sentence in the reader's language."""
    if isinstance(error, pop3.Refused) and error.is_password_wrong:
        return Trouble.PASSWORD
    if isinstance(error, pop3.Refused) and error.is_locked:
        return Trouble.LOCKED
    return next(trouble for kind, trouble in _TROUBLE_OF.items() if isinstance(error, kind))
