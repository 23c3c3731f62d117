"""Which conversations stand in a list, and where: read at a cost that no mailbox changes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Model, Q, QuerySet

from mailbox import seen
from mailbox.models import Entry, Folder, Labelled, TeamMark, ThreadMark
from mailbox.views.cursors import Cursor, Span
from mailbox.views.lists import List
from mailbox.views.sidebar import SideAccount, Sidebar
from mailbox.views.team_lists import marked
from webmail.prepared import Prepared

type Place = tuple[Cursor, Entry]

_NEWEST = ("-newest_at", "-id")
# Of so many marks one has an entry, also while others are losing theirs.
_BESIDE = 5


def places(sidebar: Sidebar, which: List, account: SideAccount | None, span: Span) -> list[Place]:
    """Return the entries of `which` within `span`, each with its place."""
    accounts = _chosen(sidebar, which, account)
    if which.label:
        label = sidebar.label(which.label)
        return _of_label(label.pk, accounts, span) if label else []
    if which.key == Folder.SNOOZED:
        return _asleep(accounts, span)
    if which.is_team and not which.is_by_time:
        return _by_team(marked(which.key, sidebar.reader), accounts, span)
    return [(Cursor.of(entry), entry) for entry in _newest(accounts, which, span)]


def top(sidebar: Sidebar, which: List, account: SideAccount | None, *, limit: int) -> list[Entry]:
    """Return the first entries of a list, at most `limit`; a starred conversation may have two."""
    return [entry for _place, entry in places(sidebar, which, account, Span(limit=limit))]


def beside_mark(
    sidebar: Sidebar, which: List, account: SideAccount | None, thread_id: int, *, is_older: bool
) -> Entry | None:
    """Return what stands next to a conversation in a list that is in the order of its marks; None where nothing is."""
    marks, moment = _marks(sidebar, which)
    own = marks.filter(pk=thread_id, account__in=_chosen(sidebar, which, account))
    here = own.values_list(moment, flat=True).first()
    if here is None:
        return None
    span = Span(before=Cursor(here, thread_id), limit=_BESIDE, is_upward=not is_older)
    return next((entry for _place, entry in places(sidebar, which, account, span)), None)


def _marks(sidebar: Sidebar, which: List) -> tuple[QuerySet[Any], str]:
    """Return the marks in whose order a list stands, and their column that says so."""
    if which.key == Folder.SNOOZED:
        return ThreadMark.objects.filter(wakes_at__isnull=False), "wakes_at"
    return marked(which.key, sidebar.reader), "moved_at"


def tell_unread(sidebar: Sidebar, entries: Sequence[Entry]) -> None:
    """Let entries of accounts that others share say what their reader has not read. No query where none is.

    Of their senders it is known only what the owner has not read, so that all count alike.
    """
    foreign = [entry for entry in entries if entry.account_id in sidebar.shared]
    since = seen.since_when(sidebar.reader, [entry.thread_id for entry in foreign])
    for entry in foreign:
        entry.unread_count = int(seen.is_unread(entry.folder, entry.newest_at, since.get(entry.thread_id)))
        entry.senders = [[name, entry.is_unread] for name, _is_unread in entry.senders]


def of_threads(sidebar: Sidebar, thread_ids: Collection[int], which: List) -> dict[int, Entry]:
    """Return the newest entry in `which` of each thread, of the accounts of `sidebar`."""
    if not thread_ids or not sidebar.accounts:
        return {}
    found = _of_threads(which.matches)(threads=list(thread_ids), accounts=list(sidebar.by_pk))
    return {entry.thread_id: entry for entry in found}


@lru_cache(maxsize=64)
def _of_threads(matches: Q) -> Prepared[Entry]:
    def build(threads: list[int], accounts: list[int]) -> QuerySet[Entry]:
        found = Entry.objects.filter(matches, thread__in=threads, account__in=accounts)
        return found.order_by("newest_at", "pk")

    return Prepared(build)


def _chosen(sidebar: Sidebar, which: List, account: SideAccount | None) -> list[int]:
    wanted = [account] if account else sidebar.accounts
    return [each.pk for each in wanted if each.is_team or not which.is_team]


def _newest(accounts: Sequence[int], which: List, span: Span) -> list[Entry]:
    """Return the newest entries of all `accounts` in one query, which reads as many rows of each one's index.

    One query over `account IN (...)` would sort the whole folder; Django's union() cannot limit its parts on SQLite.
    """
    if len(accounts) == 1 and not (span.before and span.through):
        place: dict[str, int | datetime] = {"at": span.place.newest_at, "pk": span.place.pk} if span.place else {}
        return _newest_of(which.matches, span.limit, is_through=span.through is not None)(account=accounts[0], **place)
    matches = which.matches & span.by("newest_at")
    parts = [Entry.objects.filter(matches, account=pk).order_by(*_NEWEST)[: span.limit] for pk in accounts]
    return _merged(parts, _NEWEST, span.limit)


@lru_cache(maxsize=64)
def _newest_of(matches: Q, limit: int, *, is_through: bool) -> Prepared[Entry]:
    def build(account: int, at: datetime | None = None, pk: int = 0) -> QuerySet[Entry]:
        place = Cursor(at, pk) if at else None
        span = Span(limit=limit, through=place) if is_through else Span(limit=limit, before=place)
        found = Entry.objects.filter(matches & span.by("newest_at"), account=account)
        return found.order_by(*_NEWEST)[:limit]

    return Prepared(build)


def _of_label(label: int, accounts: Sequence[int], span: Span) -> list[Place]:
    """Return the entries of a label's conversations, newest first, as its own index has them."""
    listed = Labelled.objects.filter(span.by("newest_at"), label=label, newest_at__isnull=False)
    parts = [listed.filter(account=pk).order_by(*_NEWEST)[: span.limit] for pk in accounts]
    found = _merged(parts, _NEWEST, span.limit)
    entries = _entries(Entry.objects.filter(thread__in=[row.thread_id for row in found]))
    there = [(row, entries.get((row.thread_id, row.folder))) for row in found]
    return [(Cursor(row.newest_at, row.pk), entry) for row, entry in there if entry and row.newest_at]


def _asleep(accounts: Sequence[int], span: Span) -> list[Place]:
    """Return the entries of conversations that sleep, the first to wake first."""
    asleep = ThreadMark.objects.filter(span.by("wakes_at", is_rising=True), wakes_at__isnull=False)
    order = span.order("wakes_at", "thread_id", is_rising=True)
    parts = [asleep.filter(account=pk).order_by(*order)[: span.limit] for pk in accounts]
    found = _merged(parts, order, span.limit)
    entries = _entries(Entry.objects.filter(thread__in=[row.pk for row in found], folder=Folder.SNOOZED))
    there = [(row, entries.get((row.pk, Folder.SNOOZED.value))) for row in found]
    return [(Cursor(row.wakes_at, row.pk), entry) for row, entry in there if entry and row.wakes_at]


def _by_team(marks: QuerySet[TeamMark], accounts: Sequence[int], span: Span) -> list[Place]:
    """Return the entries of a team's conversations, what it touched last on top: that of the inbox if there is one."""
    listed = marks.filter(span.by("moved_at"))
    order = span.order("moved_at", "thread_id")
    parts = [listed.filter(account=pk).order_by(*order)[: span.limit] for pk in accounts]
    found = _merged(parts, order, span.limit)
    entries = _entries(Entry.objects.filter(thread__in=[row.pk for row in found]))
    there = [(row, next((entries[row.pk, f] for f in _STANDS_FOR if (row.pk, f) in entries), None)) for row in found]
    return [(Cursor(row.moved_at, row.pk), entry) for row, entry in there if entry]


# Which of its entries stands for a conversation, the first that there is.
_STANDS_FOR = (Folder.INBOX.value, Folder.SNOOZED.value, Folder.ARCHIVE.value, Folder.SENT.value)


def _entries(found: QuerySet[Entry]) -> dict[tuple[int, str], Entry]:
    return {(entry.thread_id, entry.folder): entry for entry in found}


def _merged[M: Model](parts: Sequence[QuerySet[M]], order: Sequence[str], limit: int) -> list[M]:
    if len(parts) < 2:
        return [row for part in parts for row in part]
    compiled = [part.query.sql_with_params() for part in parts]
    # Only what the ORM compiled; every value is a parameter.
    selects = (f"SELECT * FROM ({sql}) AS part_{number}" for number, (sql, _) in enumerate(compiled))  # noqa: S608
    columns = (f"{name[1:]} DESC" if name.startswith("-") else name for name in order)
    statement = " UNION ALL ".join(selects) + f" ORDER BY {', '.join(columns)} LIMIT %s"
    params = [value for _sql, values in compiled for value in values]
    return list(parts[0].model._default_manager.raw(statement, [*params, limit]))
