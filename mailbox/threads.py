"""Conversations: which messages belong together, what the lists show of them, and what a person does with them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, Concatenate, NamedTuple

from django.db.models import Case, F, QuerySet, Value, When
from django.utils import timezone

from mailbox import seen, standing, team
from mailbox.holding import holding
from mailbox.models import THROWN_AWAY, Entry, Folder, Message, Thread, ThreadReference, rows
from webmail import prepared
from webmail.prepared import Prepared

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
    threads_of: dict[str, int] = dict(_references(account=account_id, ids=wanted) if wanted else ())
    threads: dict[int, set[int]] = defaultdict(set)
    for message_id, thread_id in threads_of.items():
        threads[groups.find(message_id)].add(thread_id)
    _merge_chains(groups, threads)
    roots = {groups.root(key) for key in keys}
    chosen = _choose(account_id, roots, threads)
    unknown = ((account_id, each, chosen[groups.find(each)]) for each in wanted if each not in threads_of)
    rows.upsert(ThreadReference, ["account_id", "message_id", "thread_id"], unknown, key=2)
    return [chosen[groups.root(key)] for key in keys]


@Prepared
def _references(account: int, ids: list[str]) -> QuerySet[ThreadReference, tuple[str, int]]:
    return ThreadReference.objects.filter(account=account, message_id__in=ids).values_list("message_id", "thread_id")


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
    chosen |= dict(zip(new, _create(account_id, len(new)), strict=True))
    for root, thread_id in chosen.items():
        _merge(thread_id, threads.get(root, set()) - {thread_id})
    return chosen


def _create(account_id: int, count: int) -> list[int]:
    """Insert `count` empty threads; return their ids."""
    return [pk for (pk,) in prepared.ask(_CREATE, [count, account_id])] if count else []


_CREATE = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)
INSERT INTO mailbox_thread (account_id) SELECT %s FROM numbers RETURNING id
"""


def _merge(into: int, others: Collection[int]) -> None:
    if not others:
        return
    Message.objects.filter(thread__in=others).update(thread=into)
    standing.merge(into, others)
    seen.merge(into, others)
    team.merge(into, others)
    ThreadReference.objects.filter(thread__in=others).update(thread=into)
    Thread.objects.filter(pk__in=others).delete()


# What lists show -----------------------------------------------------------------------------------------------------


class _Shown(NamedTuple):
    """The columns of a message that its conversation's entries are made of, as the database gives them.

    Times and JSON go from table to table: turning them into Python's values and back would be half of a refresh.
    """

    thread_id: int
    account_id: int
    folder: str
    key: str
    received_at: Any
    sender_name: str
    sender_address: str
    recipient_names: str
    subject: str
    preview: str
    is_read: bool
    is_starred: bool
    has_attachments: bool


class _Line(NamedTuple):
    """The columns of an entry; the first two name it."""

    thread_id: int
    folder: str
    account_id: int
    key: str
    newest_at: Any
    senders: list[list[object]]
    subject: str
    preview: str
    message_count: int
    unread_count: int
    is_starred: bool
    has_attachments: bool


def refresh(thread_ids: Collection[int]) -> None:
    """Derive the entries of these threads again from their messages, and tell open pages. In a transaction."""
    if not thread_ids:
        return
    lines = _write_entries(thread_ids)
    _drop_entries(thread_ids, lines)
    accounts = {line.account_id for line in lines}
    if lost := set(thread_ids) - {line.thread_id for line in lines}:
        # With their last message they have lost their last entry.
        emptied = Thread.objects.filter(pk__in=lost, messages=None)
        accounts |= set(emptied.values_list("account", flat=True))
        emptied.delete()
    _tell_pages(accounts)


def grow(account_id: int, thread_ids: Collection[int]) -> None:
    """Do what `refresh` does, for threads that have only gained messages: none of their entries can be gone."""
    _write_entries(thread_ids)
    _tell_pages([account_id])


def _write_entries(thread_ids: Collection[int]) -> list[_Line]:
    signs = standing.signs(thread_ids)
    lines = [line for conversation in _conversations(thread_ids) for line in _lines(conversation, signs.woken)]
    rows.upsert(Entry, _Line._fields, lines, key=2)
    standing.place_labels(signs.labelled, lines)
    return lines


def _drop_entries(thread_ids: Collection[int], lines: Iterable[_Line]) -> None:
    """Delete the entries of these threads that are not among `lines`, which is all they have."""
    of_these, ids = prepared.among("thread_id", thread_ids)
    standing, places = prepared.among(
        "thread_id || folder", [f"{line.thread_id}{line.folder}" for line in lines] or [""]
    )
    with prepared.cursor() as cursor:
        cursor.execute(f"DELETE FROM mailbox_entry WHERE {of_these} AND NOT ({standing})", ids + places)  # noqa: S608


def _tell_pages(accounts: Collection[int]) -> None:
    if accounts:
        among, ids = prepared.among("id", accounts)
        with prepared.cursor() as cursor:
            cursor.execute(f"UPDATE accounts_mailaccount SET revision = revision + 1 WHERE {among}", ids)  # noqa: S608


def _conversations(thread_ids: Collection[int]) -> Iterable[list[_Shown]]:
    """Return the messages of each thread in their order."""
    conversations: dict[int, list[_Shown]] = defaultdict(list)
    of_these, ids = prepared.among("thread_id", thread_ids)
    columns = ", ".join(_Shown._fields)
    for row in prepared.ask(
        f"SELECT {columns} FROM mailbox_message WHERE {of_these} ORDER BY received_at, id",  # noqa: S608
        ids,
    ):
        conversations[row[0]].append(_Shown(*row))
    return conversations.values()


def _lines(conversation: Sequence[_Shown], woken: Mapping[int, Any]) -> Iterable[_Line]:
    """Yield one line for each folder in which the conversation has a message."""
    kept = [message for message in conversation if message.folder not in THROWN_AWAY]
    for folder in {message.folder for message in conversation}:
        here = [message for message in conversation if message.folder == folder]
        line = _line(Folder(folder), here, here if folder in THROWN_AWAY else kept)
        woke_at = woken.get(line.thread_id) if folder == Folder.INBOX else None
        # What came back from sleep stands where it would if it had just come.
        yield line._replace(newest_at=max(line.newest_at, woke_at)) if woke_at else line


def _line(folder: Folder, here: Sequence[_Shown], whole: Sequence[_Shown]) -> _Line:
    newest = here[-1]
    return _Line(
        thread_id=newest.thread_id,
        folder=folder.value,
        account_id=newest.account_id,
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
    names = dict.fromkeys(name for message in messages for name in json.loads(message.recipient_names))
    return [[name, False] for name in names][:_SENDERS_LIMIT]


# What a person does with them ----------------------------------------------------------------------------------------

type Act = Callable[[Collection[int]], None]
type _Change[**P] = Callable[Concatenate[Collection[int], P], None]


def action[**P](change: _Change[P]) -> _Change[P]:
    """Make `change` one transaction that ends with fresh entries."""

    @wraps(change)
    def act(thread_ids: Collection[int], /, *given: P.args, **named: P.kwargs) -> None:
        with holding(thread_ids):
            change(thread_ids, *given, **named)
            refresh(thread_ids)

    return act


@action
def archive(thread_ids: Collection[int]) -> None:
    """Take conversations out of the inbox, and those that sleep out of their beds."""
    here = Message.objects.filter(thread__in=thread_ids, folder__in=[Folder.INBOX, Folder.SNOOZED])
    here.update(folder=Folder.ARCHIVE)
    standing.forget_sleep(thread_ids)


@action
def to_inbox(thread_ids: Collection[int]) -> None:
    """Bring archived conversations back, and those that sleep before their time."""
    away = Message.objects.filter(thread__in=thread_ids, folder__in=[Folder.ARCHIVE, Folder.SNOOZED])
    away.update(folder=Folder.INBOX)
    standing.forget_sleep(thread_ids)


@action
def trash(thread_ids: Collection[int]) -> None:
    """Put whole conversations into the trash, and remember where each message was."""
    there = Message.objects.filter(thread__in=thread_ids).exclude(folder=Folder.TRASH)
    there.update(trashed_from=WHERE_IT_WAS, folder=Folder.TRASH, trashed_at=timezone.now())
    standing.forget_sleep(thread_ids)


# Nobody would wake what is put back to sleep.
WHERE_IT_WAS = Case(When(folder=Folder.SNOOZED, then=Value(Folder.INBOX)), default=F("folder"))


@action
def restore(thread_ids: Collection[int]) -> None:
    """Put trashed messages back where they were."""
    trashed = Message.objects.filter(thread__in=thread_ids, folder=Folder.TRASH)
    was_spam = trashed.filter(trashed_from=Folder.SPAM)
    was_spam.update(folder=Folder.SPAM, trashed_from=Folder.INBOX, trashed_at=timezone.now())
    trashed.update(folder=F("trashed_from"), trashed_from="", trashed_at=None)


@action
def spam(thread_ids: Collection[int]) -> None:
    """Put what others wrote in these conversations into spam."""
    received = Message.objects.filter(thread__in=thread_ids).exclude(folder__in=[Folder.SENT, *THROWN_AWAY])
    received.update(trashed_from=WHERE_IT_WAS, folder=Folder.SPAM, trashed_at=timezone.now())
    standing.forget_sleep(thread_ids)


@action
def not_spam(thread_ids: Collection[int]) -> None:
    """Bring what is no spam into the inbox, wherever it was before: somebody has missed it there."""
    held = Message.objects.filter(thread__in=thread_ids, folder=Folder.SPAM)
    held.update(folder=Folder.INBOX, trashed_from="", trashed_at=None)


@action
def mark_read(thread_ids: Collection[int]) -> None:
    Message.objects.filter(thread__in=thread_ids, is_read=False).update(is_read=True)


@action
def mark_unread(thread_ids: Collection[int]) -> None:
    unread_newest(thread_ids)


def unread_newest(thread_ids: Collection[int]) -> None:
    """Make the newest received message of each conversation unread: the older ones were read before it came."""
    received = Message.objects.filter(thread__in=thread_ids).exclude(folder=Folder.SENT)
    Message.objects.filter(pk__in=_newest(received)).update(is_read=False)


def _newest(messages: QuerySet[Message]) -> list[int]:
    """Return the newest message of each conversation. One query, however many there are."""
    in_order = messages.order_by("received_at", "pk").values_list("thread_id", "pk")
    return list(dict(in_order).values())


@action
def star(thread_ids: Collection[int]) -> None:
    """Star the newest message of each conversation."""
    newest = _newest(Message.objects.filter(thread__in=thread_ids))
    Message.objects.filter(pk__in=newest).update(is_starred=True)


@action
def unstar(thread_ids: Collection[int]) -> None:
    Message.objects.filter(thread__in=thread_ids, is_starred=True).update(is_starred=False)
