"""What belongs to a conversation as a whole and to none of its messages: its labels, its sleep, that it is muted.

`threads` derives and merges with what is here; the acts themselves are in `quiet` and `labelling`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from django.db import connection
from django.db.models import QuerySet

from mailbox.models import Folder, Labelled, ThreadMark, Unread
from webmail import prepared
from webmail.prepared import Prepared

# Which of its entries stands for a conversation in the list of a label, the first that there is.
_STANDS_FOR = (Folder.INBOX, Folder.SNOOZED, Folder.ARCHIVE, Folder.SENT)


class Line(Protocol):
    """What is asked of an entry; its values as the database gives them."""

    @property
    def thread_id(self) -> int: ...
    @property
    def folder(self) -> str: ...
    @property
    def newest_at(self) -> Any: ...
    @property
    def unread_count(self) -> int: ...


class Signs(NamedTuple):
    """What is derived into the lines of conversations, of those that have anything of it."""

    woken: Mapping[int, Any]
    """When a conversation came back from sleep; as the database gives times."""
    labelled: Sequence[tuple[int, int, int | None]]
    """The primary key of a label on a conversation, that of the conversation, and of a member's label its owner's."""


def signs(thread_ids: Collection[int]) -> Signs:
    """Return the signs of these conversations, by one question."""
    if not thread_ids:
        return Signs({}, ())
    of_these, ids = prepared.among("thread_id", thread_ids)
    found = prepared.ask(
        f"SELECT thread_id, woke_at, NULL, NULL FROM mailbox_threadmark WHERE {of_these} AND woke_at IS NOT NULL"  # noqa: S608
        " UNION ALL SELECT thread_id, NULL, done.id,"
        " CASE WHEN label.owner_id <> account.owner_id THEN label.owner_id END FROM mailbox_labelled done"
        " JOIN mailbox_label label ON label.id = done.label_id"
        f" JOIN accounts_mailaccount account ON account.id = done.account_id WHERE {of_these}",
        ids + ids,
    )
    labelled = sorted((pk, thread_id, member) for thread_id, _woke_at, pk, member in found if pk is not None)
    return Signs({thread_id: woke_at for thread_id, woke_at, *_ in found if woke_at is not None}, labelled)


def forget_sleep(thread_ids: Collection[int]) -> None:
    """Let nothing wake these conversations any more: they are where their reader has put them."""
    if not thread_ids:
        return
    of_these, ids = prepared.among("thread_id", thread_ids)
    with prepared.cursor() as cursor:
        cursor.execute(
            f"UPDATE mailbox_threadmark SET wakes_at = NULL WHERE {of_these} AND wakes_at IS NOT NULL",  # noqa: S608
            ids,
        )


def place_labels(labelled: Collection[tuple[int, int, int | None]], lines: Iterable[Line]) -> None:
    """Derive again where these labelled conversations stand in the lists of their labels; see `Signs.labelled`."""
    if not labelled:
        return
    found = {(line.thread_id, line.folder): line for line in lines}
    unread = _unread_by_members([thread for _pk, thread, member in labelled if member])
    rows = []
    for pk, thread_id, member in labelled:
        there = [line for folder in _STANDS_FOR if (line := found.get((thread_id, folder.value)))]
        shown = there[0] if there else None
        is_unread = (member, thread_id) in unread if member else any(line.unread_count for line in there)
        rows.append((shown.folder if shown else "", shown.newest_at if shown else None, bool(there) and is_unread, pk))
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE mailbox_labelled SET folder = %s, newest_at = %s, is_unread = %s WHERE id = %s", rows
        )


def _unread_by_members(thread_ids: Collection[int]) -> set[tuple[int, int]]:
    """Return who has not read which of these conversations; no query without any."""
    rows = Unread.objects.filter(thread__in=thread_ids) if thread_ids else Unread.objects.none()
    return set(rows.values_list("membership__user_id", "thread_id"))


@Prepared
def marks(threads: list[int]) -> QuerySet[ThreadMark]:
    """The marks of those conversations that have one."""
    return ThreadMark.objects.filter(thread__in=threads)


def merge(into: int, others: Collection[int]) -> None:
    """Give one conversation the labels and marks of `others`, which become part of it. In a transaction."""
    labelled = Labelled.objects.filter(thread__in=others)
    known = Labelled.objects.filter(thread=into).values("label")
    labelled.filter(label__in=list(known.values_list("label", flat=True))).delete()
    for row in labelled.order_by("pk"):
        Labelled.objects.get_or_create(label_id=row.label_id, thread_id=into, defaults={"account_id": row.account_id})
    found = marks(threads=[into, *others])
    if any(mark.thread_id != into for mark in found):
        ThreadMark.objects.update_or_create(thread_id=into, defaults=_together(found))


def _together(marks: Collection[ThreadMark]) -> dict[str, Any]:
    return {
        "account_id": next(mark.account_id for mark in marks),
        "is_muted": any(mark.is_muted for mark in marks),
        "wakes_at": min((mark.wakes_at for mark in marks if mark.wakes_at), default=None),
        "woke_at": max((mark.woke_at for mark in marks if mark.woke_at), default=None),
    }
