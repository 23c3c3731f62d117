"""What became of messages on the server that they were collected from, and which of them came only in part."""

import enum
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import RemoteMaildrop
from mailbox.models import Message, RetrievedUidl
from webmail.prepared import Prepared

Deletion, Mode, Proof = RetrievedUidl.Deletion, RemoteMaildrop.Mode, RetrievedUidl.Proof

# Not the password of the maildrop, which would be decrypted for every page.
_READ = [
    *("message_id", "octets_count", "proof", "retrieved_at", "unlisted_at", "deletion", "deleted_at", "is_wanted"),
    *(f"maildrop__{name}" for name in ("mode", "is_recent", "delete_after_days", "leave_newest", "is_paused")),
]


class Fate(enum.StrEnum):
    """What is, or will be, with a message on its server."""

    KEPT = "kept"
    UNTIL = "until"
    AMONG_NEWEST = "among-newest"
    LEAVING = "leaving"
    DELETED = "deleted"
    GONE = "gone"


class Rest(enum.StrEnum):
    """How it stands with the rest of a message whose beginning is here."""

    OFFERED = "offered"
    COMING = "coming"
    PAUSED = "paused"
    TOO_LARGE = "too-large"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class OnServer:
    """A message as its server has it, or had it. `at` belongs to UNTIL and DELETED, `newest` to AMONG_NEWEST."""

    fate: Fate
    octets_count: int
    at: datetime | None = None
    newest: int = 0
    rest: Rest | None = None

    @property
    def limit(self) -> int:
        """Octets of the largest message that is collected at all."""
        return int(settings.MESSAGE_OCTETS_LIMIT)


def on_server(messages: Collection[Message]) -> dict[int, OnServer]:
    """Return what is known of each message that was collected, by its primary key. At most one query."""
    rows = _listed(messages=[message.pk for message in messages]) if messages else []
    by_message: defaultdict[int, list[RetrievedUidl]] = defaultdict(list)
    for row in rows:
        by_message[row.message_id or 0].append(row)
    now = timezone.now()
    return {pk: _on_server(found, now) for pk, found in by_message.items()}


@Prepared
def _listed(messages: list[int]) -> QuerySet[RetrievedUidl]:
    rows = RetrievedUidl.objects.filter(message__in=messages)
    return rows.select_related("maildrop").only(*_READ).order_by("pk")


def _on_server(rows: Collection[RetrievedUidl], now: datetime) -> OnServer:
    """One message may have been listed under several ids: the one that is listed now says most."""
    row = max(rows, key=lambda each: (_is_there(each), each.pk))
    fate, at = _fate(row, now)
    is_beginning = all(each.proof == Proof.STUB for each in rows)
    return OnServer(fate, row.octets_count, at, row.maildrop.leave_newest, rest=_rest(row) if is_beginning else None)


def _is_there(row: RetrievedUidl) -> bool:
    return row.unlisted_at is None and row.deletion != Deletion.DONE


def _fate(row: RetrievedUidl, now: datetime) -> tuple[Fate, datetime | None]:
    maildrop = row.maildrop
    if row.deletion == Deletion.DONE:
        return Fate.DELETED, row.deleted_at
    if row.unlisted_at:
        return Fate.GONE, None
    # What is not here octet for octet is never deleted there, whatever the mode.
    if not maildrop.may_delete or row.proof in {Proof.STUB, Proof.BODY}:
        return Fate.KEPT, None
    if maildrop.mode == Mode.LEAVE_NEWEST and row.deletion == Deletion.NONE:
        return Fate.AMONG_NEWEST, None
    until = row.retrieved_at + timedelta(days=maildrop.delete_after_days)
    if maildrop.mode == Mode.DELETE_AFTER and until > now:
        return Fate.UNTIL, until
    return Fate.LEAVING, None


def _rest(row: RetrievedUidl) -> Rest:
    if not _is_there(row):
        return Rest.GONE
    if row.octets_count > settings.MESSAGE_OCTETS_LIMIT:
        return Rest.TOO_LARGE
    if not row.is_wanted:
        return Rest.OFFERED
    return Rest.PAUSED if row.maildrop.is_paused else Rest.COMING


def ask_for_rest(message: Message) -> Iterable[int]:
    """Note that somebody wants the whole of a message; return the maildrops to pull now, none where nothing is to come.

    A pause stays: whatever made it would only happen again.
    """
    stubs = RetrievedUidl.objects.filter(message=message, proof=Proof.STUB, unlisted_at=None)
    wanted = stubs.filter(octets_count__lte=settings.MESSAGE_OCTETS_LIMIT).exclude(deletion=Deletion.DONE)
    wanted.update(is_wanted=True)
    maildrops = RemoteMaildrop.objects.filter(pk__in=wanted.values("maildrop"))
    maildrops.update(due_at=timezone.now())
    return maildrops.filter(is_paused=False).values_list("pk", flat=True)
