"""Conversations that keep quiet: for a while (snoozed), or for good (muted)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from mailbox import seen, standing, threads
from mailbox.models import Folder, Message, Thread, ThreadMark

# One transaction holds no account's row for longer than this many take.
_AT_ONCE = 200


@threads.action
def snooze(thread_ids: Collection[int], *, until: str) -> None:
    """Put conversations to sleep until the moment `until`, written by ISO 8601 with its offset."""
    there = Message.objects.filter(thread__in=thread_ids, folder__in=[Folder.INBOX, Folder.ARCHIVE])
    there.update(folder=Folder.SNOOZED)
    asleep = Message.objects.filter(thread__in=thread_ids, folder=Folder.SNOOZED).values("thread")
    _mark(Thread.objects.filter(pk__in=asleep), wakes_at=datetime.fromisoformat(until))


@threads.action
def mute(thread_ids: Collection[int]) -> None:
    """Let new messages of these conversations go past the inbox, and take them out of it."""
    here = Message.objects.filter(thread__in=thread_ids, folder__in=[Folder.INBOX, Folder.SNOOZED])
    here.update(folder=Folder.ARCHIVE)
    _mark(Thread.objects.filter(pk__in=thread_ids), is_muted=True, wakes_at=None)


@threads.action
def unmute(thread_ids: Collection[int]) -> None:
    """Let new messages come into the inbox again; those that are here stay where they are."""
    ThreadMark.objects.filter(thread__in=thread_ids).update(is_muted=False)


def _mark(marked: QuerySet[Thread], **changes: bool | datetime | None) -> None:
    marks = [
        ThreadMark(thread_id=pk, account_id=account, **changes) for pk, account in marked.values_list("pk", "account")
    ]
    ThreadMark.objects.bulk_create(
        marks, update_conflicts=True, unique_fields=["thread"], update_fields=list(changes), batch_size=_AT_ONCE
    )


def wake_due(now: datetime) -> int:
    """Bring back what has slept until `now`; return how many conversations. May run twice at once."""
    count = 0
    while due := list(ThreadMark.objects.filter(wakes_at__lte=now).values_list("pk", flat=True)[:_AT_ONCE]):
        wake(due)
        count += len(due)
    return count


@threads.action
def wake(thread_ids: Collection[int]) -> None:
    """Bring sleeping conversations back on top of the inbox, unread. Another one may have done so meanwhile."""
    asleep = list(ThreadMark.objects.filter(pk__in=thread_ids, wakes_at__isnull=False).values_list("pk", flat=True))
    _rouse(asleep)
    threads.unread_newest(asleep)
    if asleep:
        seen.forget_newest(asleep)


def _rouse(thread_ids: Collection[int]) -> None:
    Message.objects.filter(thread__in=thread_ids, folder=Folder.SNOOZED).update(folder=Folder.INBOX)
    ThreadMark.objects.filter(pk__in=thread_ids).update(wakes_at=None, woke_at=timezone.now())


def meet(arrivals: Sequence[Message]) -> None:
    """Let messages that are about to be stored into their threads meet what these are: muted, or asleep.

    What is muted gets them past the inbox; what sleeps wakes. One query where neither is. In delivery's transaction,
    before its entries are derived.
    """
    coming = {message.thread_id for message in arrivals if message.folder == Folder.INBOX}
    marks = {mark.pk: mark for mark in standing.marks(threads=list(coming))} if coming else {}
    muted = {pk for pk, mark in marks.items() if mark.is_muted}
    for message in arrivals:
        if message.thread_id in muted and message.folder == Folder.INBOX:
            message.folder = Folder.ARCHIVE
    if asleep := [pk for pk, mark in marks.items() if mark.wakes_at and pk not in muted]:
        assert transaction.get_connection().in_atomic_block
        _rouse(asleep)
        threads.refresh(asleep)
