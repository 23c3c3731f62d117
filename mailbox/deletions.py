"""What may leave a remote maildrop: only what is proven to be stored here, and only counted when the server says so."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from accounts.models import RemoteMaildrop
from mailbox import pop3
from mailbox.listings import Comparison, Deletion, Known, Proof
from mailbox.models import Message, RetrievedUidl

Mode = RemoteMaildrop.Mode
_ROWS_AT_ONCE = 500

type Stored = list[tuple[RetrievedUidl, pop3.Listed]]


def leaving(maildrop: RemoteMaildrop, comparison: Comparison, stored: Stored, *, limit: int) -> Stored:
    """Return what is to leave the server: of what stood there, at most `limit`, and of what was just stored."""
    staying = {listed.number for listed in comparison.listing[-maildrop.leave_newest :]}
    old = _retrieved_long_ago(maildrop) if maildrop.mode == Mode.DELETE_AFTER else frozenset()

    def leaves(row: Known | RetrievedUidl, listed: pop3.Listed) -> bool:
        if row.proof != Proof.HASH or not maildrop.may_delete:
            return False
        match maildrop.mode:
            case Mode.DELETE_AFTER:
                return listed.uidl in old
            case Mode.LEAVE_NEWEST:
                return listed.number not in staying
        return True

    listed_of = {row.pk: listed for row, listed in comparison.standing if leaves(row, listed)}
    rows = RetrievedUidl.objects.in_bulk(list(listed_of)[:limit])
    return [*((row, listed_of[pk]) for pk, row in rows.items()), *(pair for pair in stored if leaves(*pair))]


def _retrieved_long_ago(maildrop: RemoteMaildrop) -> frozenset[str]:
    """Return the unique-ids of what was retrieved `delete_after_days` ago or earlier."""
    latest = timezone.now() - timedelta(days=maildrop.delete_after_days)
    return frozenset(maildrop.retrieved.filter(retrieved_at__lte=latest).values_list("uidl", flat=True))


def delete(client: pop3.Client, rows: Stored) -> list[RetrievedUidl]:
    """DELE the messages of `rows` that are proven to be stored; return the rows whose DELE the server accepted.

    The proof is read back from the database: the octets that are there have the hash of those that were retrieved.
    """
    proven = _proven(rows)
    uidls = [row.uidl for row, _listed in proven if row.uidl]
    if uidls:
        asked = RetrievedUidl.objects.filter(maildrop=proven[0][0].maildrop_id, uidl__in=uidls)
        asked.update(deletion=Deletion.PENDING)
    accepted = {listed.number for listed in client.delete_many(listed for _row, listed in proven)}
    return [row for row, listed in proven if listed.number in accepted]


def _proven(rows: Stored) -> Stored:
    ids = {row.message_id for row, _listed in rows if row.message_id}
    messages = Message.objects.filter(pk__in=ids).select_related("original")
    whole = {each.pk: each.original.sha256 for each in messages.iterator(chunk_size=20) if each.original.is_whole()}
    # A message that its reader has deleted for ever was stored, and is not wanted any more.
    return [(row, listed) for row, listed in rows if not row.message_id or whole.get(row.message_id) == row.sha256]


def note_done(rows: Sequence[RetrievedUidl]) -> None:
    """Note deletions that count, now that the server has answered QUIT with +OK (RFC 1939, 6)."""
    uidls = [row.uidl for row in rows if row.uidl]
    for start in range(0, len(uidls), _ROWS_AT_ONCE):
        pending = RetrievedUidl.objects.filter(
            maildrop=rows[0].maildrop_id, uidl__in=uidls[start : start + _ROWS_AT_ONCE], deletion=Deletion.PENDING
        )
        pending.update(deletion=Deletion.DONE, deleted_at=timezone.now())
