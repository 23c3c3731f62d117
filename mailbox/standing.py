"""What belongs to a conversation as a whole and to none of its messages: its labels, its sleep, that it is muted.

`threads` derives and merges with what is here; the acts themselves are in `quiet` and `labelling`.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from django.db import connection
from django.db.models import QuerySet

from mailbox.models import Folder, Labelled, ThreadMark, Unread
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


def woken(thread_ids: Collection[int]) -> Mapping[int, Any]:
    """Return when conversations came back from sleep, those that ever did; times as the database gives them."""
    if not thread_ids:
        return {}
    places = ", ".join(["%s"] * len(thread_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT thread_id, woke_at FROM mailbox_threadmark"  # noqa: S608
            f" WHERE thread_id IN ({places}) AND woke_at IS NOT NULL",
            list(thread_ids),
        )
        return dict(cursor.fetchall())


def forget_sleep(thread_ids: Collection[int]) -> None:
    """Let nothing wake these conversations any more: they are where their reader has put them."""
    if not thread_ids:
        return
    places = ", ".join(["%s"] * len(thread_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mailbox_threadmark SET wakes_at = NULL"  # noqa: S608
            f" WHERE thread_id IN ({places}) AND wakes_at IS NOT NULL",
            list(thread_ids),
        )


def place_labels(thread_ids: Collection[int], lines: Iterable[Line]) -> None:
    """Derive again where labelled conversations stand in the lists of their labels. One query where none is."""
    labelled = _labelled(threads=list(thread_ids)) if thread_ids else []
    if not labelled:
        return
    found = {(line.thread_id, line.folder): line for line in lines}
    unread = _unread_by_members([thread for _pk, thread, reader, owner in labelled if reader != owner])
    rows = []
    for pk, thread_id, reader, owner in labelled:
        there = [line for folder in _STANDS_FOR if (line := found.get((thread_id, folder.value)))]
        shown = there[0] if there else None
        is_unread = any(line.unread_count for line in there) if reader == owner else (reader, thread_id) in unread
        rows.append((shown.folder if shown else "", shown.newest_at if shown else None, bool(there) and is_unread, pk))
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE mailbox_labelled SET folder = %s, newest_at = %s, is_unread = %s WHERE id = %s", rows
        )


@Prepared
def _labelled(threads: list[int]) -> QuerySet[Labelled, tuple[int, int, int, int]]:
    there = Labelled.objects.filter(thread__in=threads)
    return there.values_list("pk", "thread_id", "label__owner_id", "account__owner_id")


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
