"""Conversations: which messages belong together, what the lists show of them, and what a person does with them."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import wraps
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import MailAccount
from mailbox.models import Entry, Folder, Message, Thread, ThreadReference

_SENDERS_LIMIT = 20

# Belonging together --------------------------------------------------------------------------------------------------


def join(account_id: int, message_ids: Sequence[tuple[str, ...]]) -> list[int]:
    """Return the thread of each message, given the ids that it carries: its own and those it refers to.

    Messages that share an id, directly or over others, share a thread, in whatever order they arrive: threads that
    turn out to be one are merged. Runs in the caller's transaction, which holds the account's row.
    """
    groups = _Groups()
    keys = [groups.add([fold_id(each) for each in ids]) for ids in message_ids]
    wanted = list(groups.ids())
    known = ThreadReference.objects.filter(account_id=account_id, message_id__in=wanted)
    threads_of: dict[str, int] = dict(known.values_list("message_id", "thread_id"))
    threads: dict[int, set[int]] = defaultdict(set)
    for message_id, thread_id in threads_of.items():
        threads[groups.find(message_id)].add(thread_id)
    _merge_chains(groups, threads)
    roots = {groups.root(key) for key in keys}
    chosen = _choose(account_id, roots, threads)
    _remember((account_id, each, chosen[groups.find(each)]) for each in wanted if each not in threads_of)
    return [chosen[groups.root(key)] for key in keys]


def _remember(rows: Iterable[tuple[int, str, int]]) -> None:
    """Insert thread references. There are several for each message, and model instances would double their cost."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO mailbox_threadreference (account_id, message_id, thread_id) VALUES (%s, %s, %s)", list(rows)
        )


def rejoin(account_id: int, message_ids: Sequence[tuple[str, ...]], threads: Sequence[int]) -> list[int]:
    """Return the thread of each stored message as `join` finds it; `threads` is where each is now.

    It stays there unless its ids are known elsewhere: lost references tear no conversation apart.
    """
    folded = [[fold_id(each) for each in ids] for ids in message_ids]
    wanted = {each for ids in folded for each in ids}
    stored = ThreadReference.objects.filter(account_id=account_id, message_id__in=wanted)
    known = set(stored.values_list("message_id", flat=True))
    lost = {ids[0]: thread for ids, thread in zip(folded, threads, strict=True) if ids and known.isdisjoint(ids)}
    ThreadReference.objects.bulk_create(
        ThreadReference(account_id=account_id, message_id=each, thread_id=thread) for each, thread in lost.items()
    )
    linked = [place for place, ids in enumerate(folded) if ids]
    found = dict(zip(linked, join(account_id, [message_ids[place] for place in linked]), strict=True))
    return [found.get(place, thread) for place, thread in enumerate(threads)]


def fold_id(message_id: str) -> str:
    """Return a Message-ID as it is compared: one that is too long for the column is replaced by its hash."""
    if len(message_id) <= 255:
        return message_id
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()


class _Groups:
    """Messages of one batch, grouped by the ids that they share (a disjoint-set forest)."""

    def __init__(self) -> None:
        self._parent: list[int] = []
        self._group_of: dict[str, int] = {}

    def add(self, ids: Iterable[str]) -> int:
        key = len(self._parent)
        self._parent.append(key)
        for each in ids:
            self.unite(key, self._group_of.setdefault(each, key))
        return key

    def ids(self) -> Iterable[str]:
        return self._group_of.keys()

    def find(self, message_id: str) -> int:
        return self.root(self._group_of[message_id])

    def root(self, key: int) -> int:
        while self._parent[key] != key:
            self._parent[key] = key = self._parent[self._parent[key]]
        return key

    def unite(self, one: int, other: int) -> None:
        one, other = self.root(one), self.root(other)
        self._parent[max(one, other)] = min(one, other)


def _merge_chains(groups: _Groups, threads: dict[int, set[int]]) -> None:
    """Unite groups of the batch that meet in one stored thread."""
    group_of_thread: dict[int, int] = {}
    for root, thread_ids in list(threads.items()):
        for thread_id in thread_ids:
            groups.unite(root, group_of_thread.setdefault(thread_id, root))
    for root in list(threads):
        if groups.root(root) != root:
            threads[groups.root(root)] |= threads.pop(root)


def _choose(account_id: int, roots: Collection[int], threads: dict[int, set[int]]) -> dict[int, int]:
    """Return one thread for each group: the oldest that its ids are in, else a new one."""
    chosen = {root: min(threads[root]) for root in roots if threads.get(root)}
    new = [root for root in roots if root not in chosen]
    created = Thread.objects.bulk_create(Thread(account_id=account_id) for _ in new)
    chosen |= {root: thread.pk for root, thread in zip(new, created, strict=True)}
    for root, thread_id in chosen.items():
        _merge(thread_id, threads.get(root, set()) - {thread_id})
    return chosen


def _merge(into: int, others: Collection[int]) -> None:
    if not others:
        return
    Message.objects.filter(thread__in=others).update(thread=into)
    ThreadReference.objects.filter(thread__in=others).update(thread=into)
    Thread.objects.filter(pk__in=others).delete()


# What lists show -----------------------------------------------------------------------------------------------------


class _Shown(NamedTuple):
    """The columns of a message that its conversation's entries are made of."""

    thread_id: int
    account_id: int
    folder: str
    key: str
    received_at: datetime
    sender_name: str
    sender_address: str
    recipient_names: list[str]
    subject: str
    preview: str
    is_read: bool
    is_starred: bool
    has_attachments: bool


def refresh(thread_ids: Collection[int]) -> None:
    """Derive the entries of these threads again from their messages, and tell open pages. In a transaction."""
    accounts = set(Thread.objects.filter(pk__in=thread_ids).values_list("account", flat=True))
    conversations: dict[int, list[_Shown]] = defaultdict(list)
    messages = Message.objects.filter(thread__in=thread_ids).order_by("received_at", "id")
    for row in messages.values_list(*_Shown._fields):
        conversations[row[0]].append(_Shown(*row))
    entries = [entry for conversation in conversations.values() for entry in _entries(conversation)]
    standing = {(entry.thread_id, entry.folder) for entry in entries}
    stored = Entry.objects.filter(thread__in=thread_ids).values_list("pk", "thread_id", "folder")
    Entry.objects.filter(pk__in=[pk for pk, *place in stored if tuple(place) not in standing]).delete()
    Entry.objects.bulk_create(
        entries, update_conflicts=True, unique_fields=["thread", "folder"], update_fields=_ENTRY_UPDATES
    )
    # A thread that has lost its last message has lost its last entry too.
    Thread.objects.filter(pk__in=thread_ids, messages=None).delete()
    MailAccount.objects.filter(pk__in=accounts).update(revision=F("revision") + 1)


_ENTRY_UPDATES = [
    *("key", "newest_at", "senders", "subject", "preview", "message_count", "unread_count"),
    *("is_starred", "has_attachments"),
]


def _entries(conversation: Sequence[_Shown]) -> Iterable[Entry]:
    """Yield one entry for each folder in which the conversation has a message."""
    kept = [message for message in conversation if message.folder != Folder.TRASH]
    for folder in {message.folder for message in conversation}:
        here = [message for message in conversation if message.folder == folder]
        yield _entry(Folder(folder), here, kept if folder != Folder.TRASH else here)


def _entry(folder: Folder, here: Sequence[_Shown], whole: Sequence[_Shown]) -> Entry:
    newest = here[-1]
    return Entry(
        account_id=newest.account_id,
        thread_id=newest.thread_id,
        folder=folder,
        key=newest.key,
        newest_at=newest.received_at,
        senders=_recipients(here) if folder == Folder.SENT else _senders(whole),
        subject=whole[0].subject,
        preview=newest.preview,
        message_count=len(whole),
        unread_count=sum(not message.is_read for message in here),
        is_starred=any(message.is_starred for message in here),
        has_attachments=any(message.has_attachments for message in whole),
    )


def _senders(messages: Sequence[_Shown]) -> list[list[object]]:
    unread: dict[str, bool] = {}
    for message in messages:
        sender = message.sender_name or message.sender_address
        # Taken out and put in again, so that who wrote last stands last.
        unread[sender] = unread.pop(sender, False) or not message.is_read
    return [[name, is_unread] for name, is_unread in unread.items()][-_SENDERS_LIMIT:]


def _recipients(messages: Sequence[_Shown]) -> list[list[object]]:
    names = dict.fromkeys(name for message in messages for name in message.recipient_names)
    return [[name, False] for name in names][:_SENDERS_LIMIT]


# What a person does with them ----------------------------------------------------------------------------------------


def _action(change: Callable[[Collection[int]], None]) -> Callable[[Collection[int]], None]:
    """Make `change` one transaction that ends with fresh entries."""

    @wraps(change)
    def act(thread_ids: Collection[int]) -> None:
        with transaction.atomic():
            # Deliveries to the same account wait, so that no message joins the thread between change and refresh.
            list(MailAccount.objects.select_for_update().filter(threads__in=thread_ids).values_list("pk"))
            change(thread_ids)
            refresh(thread_ids)

    return act


@_action
def archive(thread_ids: Collection[int]) -> None:
    """Take conversations out of the inbox."""
    Message.objects.filter(thread__in=thread_ids, folder=Folder.INBOX).update(folder=Folder.ARCHIVE)


@_action
def to_inbox(thread_ids: Collection[int]) -> None:
    """Bring archived conversations back."""
    Message.objects.filter(thread__in=thread_ids, folder=Folder.ARCHIVE).update(folder=Folder.INBOX)


@_action
def trash(thread_ids: Collection[int]) -> None:
    """Put whole conversations into the trash, and remember where each message was."""
    there = Message.objects.filter(thread__in=thread_ids).exclude(folder=Folder.TRASH)
    there.update(trashed_from=F("folder"), folder=Folder.TRASH, trashed_at=timezone.now())


@_action
def restore(thread_ids: Collection[int]) -> None:
    """Put trashed messages back where they were."""
    trashed = Message.objects.filter(thread__in=thread_ids, folder=Folder.TRASH)
    trashed.update(folder=F("trashed_from"), trashed_from="", trashed_at=None)


@_action
def mark_read(thread_ids: Collection[int]) -> None:
    Message.objects.filter(thread__in=thread_ids, is_read=False).update(is_read=True)


@_action
def mark_unread(thread_ids: Collection[int]) -> None:
    """Make the newest received message of each conversation unread: the older ones were read before it came."""
    for thread_id in thread_ids:
        received = Message.objects.filter(thread=thread_id).exclude(folder=Folder.SENT)
        newest = received.order_by("-received_at", "-id").values("pk")[:1]
        Message.objects.filter(pk__in=list(newest.values_list("pk", flat=True))).update(is_read=False)


@_action
def star(thread_ids: Collection[int]) -> None:
    """Star the newest message of each conversation."""
    for thread_id in thread_ids:
        newest = Message.objects.filter(thread=thread_id).order_by("-received_at", "-id").first()
        if newest:
            Message.objects.filter(pk=newest.pk).update(is_starred=True)


@_action
def unstar(thread_ids: Collection[int]) -> None:
    Message.objects.filter(thread__in=thread_ids, is_starred=True).update(is_starred=False)
