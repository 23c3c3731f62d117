"""Marking as read and unread: by the owner of an account in its mail, by a member for himself alone."""

from collections.abc import Callable, Collection

from mailbox import seen, threads
from mailbox.holding import holding
from mailbox.models import Thread


def mark_read(thread_ids: Collection[int], *, reader: int) -> None:
    """Note that the person of that primary key has read these conversations."""
    _apart(thread_ids, reader, threads.mark_read, seen.see)


def mark_unread(thread_ids: Collection[int], *, reader: int) -> None:
    """Make the newest received message of each conversation unread for that person."""
    _apart(thread_ids, reader, threads.mark_unread, seen.forget_newest)


def _apart(thread_ids: Collection[int], reader: int, by_owner: threads.Act, by_member: Callable[..., None]) -> None:
    """Do it to the conversations of the reader's own accounts, and for him to those that others share with him."""
    with holding(thread_ids) as held:
        if held.owners <= {reader}:
            by_owner(thread_ids)
            return
        own = set(Thread.objects.filter(pk__in=thread_ids, account__owner=reader).values_list("pk", flat=True))
        shared = set(thread_ids) - own
        by_member(shared, reader=reader)
        threads.refresh(shared)
        if own:
            by_owner(own)
