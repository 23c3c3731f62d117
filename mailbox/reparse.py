"""Derives everything again from the stored octets: what lists, conversations and search show of a message.

What is no derivation stays: keys, folders, flags, and when a message was received here. Each batch is one transaction
and may be repeated, so a run that was cut off is simply started again.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import zstandard
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import MailAccount
from mailbox import delivery, search, threads
from mailbox.models import Attachment, Message, Sender

log = logging.getLogger(__name__)

# A batch is one transaction: large enough to be fast, small enough to stay out of everybody's way.
BATCH_COUNT = 200
BATCH_OCTETS = 8 * 2**20
# A message that was received by ourselves is stored within this; its octets cannot say when it came.
_AT_ONCE = timedelta(minutes=1)
_DERIVED = [
    *("message_id", "sender_name", "sender_address", "recipient_names", "subject", "preview", "octets_count"),
    *("has_attachments", "dated_at", "received_at", "defects"),
]
_OF_ATTACHMENT = ("part", "file_name", "media_type", "octets_count", "content_id", "is_inline")

type Progress = Callable[[int], None]


@dataclass(slots=True)
class Tally:
    """What a run found: messages that it derived again, those that were different after it, those it left alone."""

    derived: int = 0
    changed: int = 0
    # The keys of messages whose octets are no longer those that were received, and of those that the database refused.
    damaged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Again:
    """A stored message beside what its octets say."""

    stored: Message
    prepared: delivery.Prepared


def chosen(accounts: Collection[MailAccount], since: datetime | None) -> QuerySet[Message]:
    """Return the messages of `accounts`, or those that were stored at or after `since`."""
    messages = Message.objects.filter(account__in=accounts)
    return messages.filter(stored_at__gte=since) if since else messages


def reparse(accounts: Collection[MailAccount], *, since: datetime | None = None, on_progress: Progress) -> Tally:
    """Derive the messages again, account by account; `on_progress` is called with the size of each batch."""
    tally = Tally()
    for account in accounts:
        for batch in _batches(chosen([account], since)):
            _reparse(account, batch, tally)
            on_progress(len(batch))
    return tally


def _batches(messages: QuerySet[Message]) -> Iterator[list[int]]:
    """Yield the ids of messages, in runs that fit into memory and into a transaction."""
    batch: list[int] = []
    octets = 0
    sizes = messages.order_by("pk").values_list("pk", "original__octets_count")
    for pk, size in list(sizes):
        if batch and (len(batch) == BATCH_COUNT or octets + size > BATCH_OCTETS):
            yield batch
            batch, octets = [], 0
        batch.append(pk)
        octets += size
    if batch:
        yield batch


def _reparse(account: MailAccount, ids: Sequence[int], tally: Tally) -> None:
    stored = Message.objects.filter(pk__in=ids).select_related("original").order_by("pk")
    # The slow part, before any lock is taken.
    derived = [again for message in stored if (again := _derive(account, message, tally))]
    try:
        _write(account, derived, tally)
    except delivery.UNFIT:
        for again in derived:
            _write_alone(account, again, tally)


def _write_alone(account: MailAccount, again: _Again, tally: Tally) -> None:
    """Write what one message says; where the database refuses that, the message stays as it was."""
    try:
        _write(account, [again], tally)
    except delivery.UNFIT:
        log.exception("message %s stays as it was", again.stored.key)
        tally.refused.append(again.stored.key)


def _write(account: MailAccount, derived: Sequence[_Again], tally: Tally) -> None:
    with transaction.atomic():
        MailAccount.objects.select_for_update().get(pk=account.pk)
        standing = _standing(derived)
        changed = _write_messages(standing) | _write_attachments(standing)
        Sender.note(each.stored for each in standing)
        search.index((each.stored.pk, account.pk, each.prepared.words) for each in standing)
        changed |= _rejoin(account, standing)
    tally.derived += len(standing)
    tally.changed += len(changed)


def _derive(account: MailAccount, stored: Message, tally: Tally) -> _Again | None:
    if not _is_whole(stored):
        tally.damaged.append(stored.key)
        return None
    is_ours = abs(stored.received_at - stored.stored_at) < _AT_ONCE
    received_at = stored.received_at if is_ours else None
    return _Again(stored, delivery.prepare(account, stored.octets, received_at=received_at, stored_at=stored.stored_at))


def _is_whole(stored: Message) -> bool:
    try:
        return stored.original.is_whole()
    except zstandard.ZstdError:
        return False


def _standing(derived: Sequence[_Again]) -> list[_Again]:
    """Return what is still as it was read, with its row locked: others delete messages and complete stubs."""
    rows = Message.objects.select_for_update().filter(pk__in=[each.stored.pk for each in derived])
    now = {row.pk: row for row in rows.order_by("pk")}
    return [
        _Again(row, each.prepared)
        for each in derived
        if (row := now.get(each.stored.pk)) and row.original_id == each.stored.original_id
    ]


def _write_messages(batch: Sequence[_Again]) -> set[int]:
    """Write the derived columns where they differ; return the ids of those messages."""
    changed = [each.stored for each in batch if _take_over(each)]
    Message.objects.bulk_update(changed, _DERIVED)
    return {message.pk for message in changed}


def _take_over(again: _Again) -> bool:
    before = [getattr(again.stored, name) for name in _DERIVED]
    derived = [getattr(again.prepared.message, name) for name in _DERIVED]
    for name, value in zip(_DERIVED, derived, strict=True):
        setattr(again.stored, name, value)
    return before != derived


def _write_attachments(batch: Sequence[_Again]) -> set[int]:
    """Replace the attachments of messages where they differ; return the ids of those messages."""
    stored: dict[int, list[tuple[object, ...]]] = {each.stored.pk: [] for each in batch}
    for attachment in Attachment.objects.filter(message__in=stored).order_by("part"):
        stored[attachment.message_id].append(_looks(attachment))
    changed = [each for each in batch if stored[each.stored.pk] != [_looks(one) for one in each.prepared.attachments]]
    Attachment.objects.filter(message__in=[each.stored.pk for each in changed]).delete()
    for each in changed:
        for attachment in each.prepared.attachments:
            attachment.message_id = each.stored.pk
    Attachment.objects.bulk_create(one for each in changed for one in each.prepared.attachments)
    return {each.stored.pk for each in changed}


def _looks(attachment: Attachment) -> tuple[object, ...]:
    return tuple(getattr(attachment, name) for name in _OF_ATTACHMENT)


def _rejoin(account: MailAccount, batch: Sequence[_Again]) -> set[int]:
    """Put each message into its thread and derive the entries again; return the ids of those that moved."""
    before = [each.stored.thread_id for each in batch]
    after = threads.rejoin(account.pk, [each.prepared.thread_ids for each in batch], before)
    moved = [each.stored for each, old, new in zip(batch, before, after, strict=True) if old != new]
    for each, thread_id in zip(batch, after, strict=True):
        each.stored.thread_id = thread_id
    Message.objects.bulk_update(moved, ["thread"])
    threads.refresh({*before, *after})
    return {message.pk for message in moved}
