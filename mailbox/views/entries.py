"""The lines of a list: which conversations belong to it, a page at a time, at a cost that no mailbox changes."""

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, lru_cache
from typing import Self
from urllib.parse import urlencode

from django.db.models import F, Model, Q, QuerySet
from django.http import QueryDict
from django.urls import get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailbox import seen
from mailbox.models import THROWN_AWAY, Entry, Folder, Labelled, TeamMark, ThreadMark
from mailbox.views.offers import Offer, offers
from mailbox.views.sidebar import SideAccount, Sidebar
from mailbox.views.signs import NO_SIGNS, Signs, signs_of
from mailbox.views.team_lists import TEAM_LISTS, marked, matches_of
from webmail.prepared import Prepared

PAGE = 50
# A list that stayed open for days grows no further than this in one answer.
FRESH_LIMIT = 200
_NO_KEY = 2**63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class List:
    """A list by the name of its URL, and the entries that belong to it."""

    key: str
    name: str | Promise
    matches: Q
    words: str = ""
    """What was searched for, in the list of what was found."""
    label: str = ""
    """The key of the label whose conversations these are."""

    @property
    def url(self) -> str:
        if self.label:
            return reverse("label", args=[self.label])
        words = f"?{urlencode({'q': self.words})}" if self.words else ""
        return reverse(self.key) + words

    @property
    def is_thrown_away(self) -> bool:
        """Whether what lies here leaves for ever after some days."""
        return self.key in THROWN_AWAY

    @property
    def is_by_time(self) -> bool:
        """Whether what came last stands first; else what comes back soonest, or what the team touched last."""
        return self.key not in (Folder.SNOOZED, "team_mine", "team_done")

    @property
    def is_team(self) -> bool:
        """Whether only the mailboxes of teams have a part in it."""
        return self.key in TEAM_LISTS

    @property
    def is_search(self) -> bool:
        return self.key == SEARCH.key


INBOX = List("inbox", _("Inbox"), Q(folder=Folder.INBOX))
SEARCH = List("search", _("Search"), Q())
LISTS: Mapping[str, List] = {
    each.key: each
    for each in (
        INBOX,
        List("archive", _("Archive"), Q(folder=Folder.ARCHIVE)),
        List("sent", _("Sent"), Q(folder=Folder.SENT)),
        List("snoozed", _("Snoozed"), Q(folder=Folder.SNOOZED)),
        List("spam", _("Spam"), Q(folder=Folder.SPAM)),
        List("trash", _("Trash"), Q(folder=Folder.TRASH)),
        List("starred", _("Starred"), Q(is_starred=True) & ~Q(folder__in=THROWN_AWAY)),
        SEARCH,
    )
}
_OF_LABEL = "label-"


def list_of(parameters: QueryDict, otherwise: List = INBOX, *, shown: Sidebar | None = None) -> List:
    """Return the list that a link or form names as the one it stands in; `shown` knows the names of labels."""
    key = parameters.get("in", "")
    if key.startswith(_OF_LABEL):
        return label_list(key.removeprefix(_OF_LABEL), shown)
    if key in TEAM_LISTS:
        return team_list(key, shown)
    named = LISTS.get(key, otherwise)
    return replace(named, words=parameters.get("q", "")) if named is SEARCH else named


def label_list(key: str, shown: Sidebar | None = None) -> List:
    """Return the list of a label; one that is not the reader's holds nothing and has no name."""
    label = shown.label(key) if shown else None
    # Of a conversation's entries the one that stands for it.
    labelled = Q(thread__labelled__label=label.pk if label else None, thread__labelled__folder=F("folder"))
    return List(f"{_OF_LABEL}{key}", label.name if label else "", labelled, label=key)


def team_list(key: str, shown: Sidebar | None = None) -> List:
    """Return one of the lists of the teams that `shown` has."""
    teams = tuple(account.pk for account in shown.accounts if account.is_team) if shown else ()
    return List(key, TEAM_LISTS[key], matches_of(key, teams, shown.reader if shown else 0))


@dataclass(frozen=True)
class Cursor:
    """A place in a list that stays right when mail arrives above it."""

    newest_at: datetime
    pk: int

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(entry.newest_at, entry.pk)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the cursor written as `text`; None where it is none, which means the first page."""
        try:
            microseconds, pk = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).split(b".")
            # What is no key of a row would reach the database.
            return cls(_EPOCH + timedelta(microseconds=int(microseconds)), int(pk)) if int(pk) < _NO_KEY else None
        except (ValueError, OverflowError, binascii.Error):
            return None

    def __str__(self) -> str:
        microseconds = (self.newest_at - _EPOCH) // timedelta(microseconds=1)
        return base64.urlsafe_b64encode(f"{microseconds}.{self.pk}".encode()).decode().rstrip("=")

    def is_above(self, other: "Cursor") -> bool:
        return (self.newest_at, self.pk) > (other.newest_at, other.pk)


@dataclass(frozen=True, kw_only=True)
class Span:
    """Which part of a list is asked for: what follows one place, all down to one, or both, and at most so much."""

    limit: int
    before: Cursor | None = None
    through: Cursor | None = None

    @property
    def place(self) -> Cursor | None:
        return self.before or self.through

    def by(self, moment: str, *, is_rising: bool = False) -> Q:
        """Return the condition on rows that stand in the order of the column `moment`, then of their keys."""
        below, above = ("gt", "lt") if is_rising else ("lt", "gt")
        follows = _beyond(self.before, moment, below, below) if self.before else Q()
        # That place itself and everything above it.
        return follows & _beyond(self.through, moment, above, f"{above}e") if self.through else follows


def _beyond(cursor: Cursor, moment: str, side: str, side_of_key: str) -> Q:
    # The first condition alone is a range of the index; the second one settles equal times.
    at = cursor.newest_at
    return Q(**{f"{moment}__{side}e": at}) & (Q(**{f"{moment}__{side}": at}) | Q(**{f"pk__{side_of_key}": cursor.pk}))


@dataclass(frozen=True)
class Row:
    """One line, with what it shows of its account: nothing where there is only one."""

    entry: Entry
    offers: Sequence[Offer] = ()
    account: SideAccount | None = None
    signs: Signs = NO_SIGNS
    folder: str | Promise = ""
    query: str = ""
    """Which list the conversation is opened from, so that it leads back there."""

    @cached_property
    def url(self) -> str:
        before, after = _around_key(get_script_prefix())
        return f"{before}{self.entry.key}{after}"

    @property
    def href(self) -> str:
        return f"{self.url}?{self.query}"

    @property
    def correspondent(self) -> str:
        """The one whose initials stand at the front: the last one who wrote."""
        names = self.entry.senders
        return str(names[-1][0]) if names else ""


@cache
def _around_key(_prefix: str) -> tuple[str, str]:
    """Return what stands around its key in the address of a conversation; to ask for fifty takes three milliseconds."""
    before, _key, after = reverse("conversation", args=[_ANY_KEY]).partition(_ANY_KEY)
    return before, after


_ANY_KEY = "k" * 16


@dataclass(frozen=True)
class Page:
    """Some lines of a list, and where the next ones begin."""

    rows: Sequence[Row]
    next: Cursor | None = None
    first: Cursor | None = None


type _Place = tuple[Cursor, Entry]


def page(
    sidebar: Sidebar, which: List, account: SideAccount | None, *, before: Cursor | None = None, limit: int = PAGE
) -> Page:
    """Return at most `limit` lines of `which` below `before`; all accounts in one list, or `account` alone."""
    places = _places(sidebar, which, account, Span(before=before, limit=limit + 1))
    more = places[limit - 1][0] if len(places) > limit else None
    return _page(sidebar, which, account, places[:limit], more)


def fresh(sidebar: Sidebar, which: List, account: SideAccount | None, *, through: Cursor | None) -> Page:
    """Return the first lines again, down to `through`, below which a reader has loaded more."""
    if not through:
        return page(sidebar, which, account)
    places = _places(sidebar, which, account, Span(through=through, limit=FRESH_LIMIT))
    if len(places) < PAGE:
        # So much has left the list that its top would look empty.
        places = _places(sidebar, which, account, Span(limit=PAGE))
    return _page(sidebar, which, account, places, through)


def part(
    sidebar: Sidebar, which: List, account: SideAccount | None, *, before: Cursor, through: Cursor | None
) -> list[Row]:
    """Return the lines again that stand between two places: what a reader has loaded below the first ones."""
    places = _places(sidebar, which, account, Span(before=before, through=through, limit=FRESH_LIMIT))
    return rows(sidebar, which, account, [entry for _place, entry in places])


def top(sidebar: Sidebar, which: List, account: SideAccount | None, *, limit: int) -> list[Entry]:
    """Return the first entries of a list, at most `limit`; a starred conversation may have two."""
    return [entry for _place, entry in _places(sidebar, which, account, Span(limit=limit))]


def _page(
    sidebar: Sidebar, which: List, account: SideAccount | None, places: Sequence[_Place], more: Cursor | None
) -> Page:
    first = places[0][0] if places else None
    return Page(rows(sidebar, which, account, [entry for _cursor, entry in places]), more, first)


def _places(sidebar: Sidebar, which: List, account: SideAccount | None, span: "Span") -> list[_Place]:
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


def rows(sidebar: Sidebar, which: List, account: SideAccount | None, entries: Sequence[Entry]) -> list[Row]:
    """Return the lines for `entries`, one a conversation: a starred one may stand in two folders."""
    first: dict[int, Entry] = {}
    for entry in entries:
        first.setdefault(entry.thread_id, entry)
    tell_unread(sidebar, list(first.values()))
    marks = sidebar.by_pk if len(sidebar.accounts) > 1 else {}
    query = query_of(which, account)
    offered = cache(offers)
    signs = signs_of(sidebar, list(first.values()), thrown_away=which.key if which.is_thrown_away else None)
    return [
        Row(
            entry,
            signs=signs.get(entry.thread_id, NO_SIGNS),
            offers=offered((entry.folder,), is_unread=entry.is_unread, is_starred=entry.is_starred),
            account=marks.get(entry.account_id),
            folder=Folder(entry.folder).label if which.is_search else "",
            query=query,
        )
        for entry in first.values()
    ]


def tell_unread(sidebar: Sidebar, entries: Sequence[Entry]) -> None:
    """Let entries of accounts that others share say what their reader has not read. No query where none is."""
    foreign = [entry for entry in entries if entry.account_id in sidebar.shared]
    since = seen.since_when(sidebar.reader, [entry.thread_id for entry in foreign])
    for entry in foreign:
        entry.unread_count = int(seen.is_unread(entry.folder, entry.newest_at, since.get(entry.thread_id)))


def query_in_pane(which: List, account: SideAccount | None) -> str:
    """Return the query by which what stands beside a list knows it, and that it stands there."""
    return query_of(which, account, pane="1")


def query_of(which: List, account: SideAccount | None, **more: str) -> str:
    """Return the query by which a link names the list that it stands in."""
    origin = {"in": which.key, "account": account.key if account else "", "q": which.words, **more}
    return urlencode({name: value for name, value in origin.items() if value})


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
    parts = [Entry.objects.filter(matches, account=pk).order_by("-newest_at", "-id")[: span.limit] for pk in accounts]
    return _merged(parts, "newest_at DESC, id DESC", span.limit)


@lru_cache(maxsize=64)
def _newest_of(matches: Q, limit: int, *, is_through: bool) -> Prepared[Entry]:
    def build(account: int, at: datetime | None = None, pk: int = 0) -> QuerySet[Entry]:
        place = Cursor(at, pk) if at else None
        span = Span(limit=limit, through=place) if is_through else Span(limit=limit, before=place)
        found = Entry.objects.filter(matches & span.by("newest_at"), account=account)
        return found.order_by("-newest_at", "-id")[:limit]

    return Prepared(build)


def _of_label(label: int, accounts: Sequence[int], span: Span) -> list[_Place]:
    """Return the entries of a label's conversations, newest first, as its own index has them."""
    listed = Labelled.objects.filter(span.by("newest_at"), label=label, newest_at__isnull=False)
    parts = [listed.filter(account=pk).order_by("-newest_at", "-id")[: span.limit] for pk in accounts]
    found = _merged(parts, "newest_at DESC, id DESC", span.limit)
    entries = _entries(Entry.objects.filter(thread__in=[row.thread_id for row in found]))
    there = [(row, entries.get((row.thread_id, row.folder))) for row in found]
    return [(Cursor(row.newest_at, row.pk), entry) for row, entry in there if entry and row.newest_at]


def _asleep(accounts: Sequence[int], span: Span) -> list[_Place]:
    """Return the entries of conversations that sleep, the first to wake first."""
    asleep = ThreadMark.objects.filter(span.by("wakes_at", is_rising=True), wakes_at__isnull=False)
    parts = [asleep.filter(account=pk).order_by("wakes_at", "thread")[: span.limit] for pk in accounts]
    found = _merged(parts, "wakes_at, thread_id", span.limit)
    entries = _entries(Entry.objects.filter(thread__in=[row.pk for row in found], folder=Folder.SNOOZED))
    there = [(row, entries.get((row.pk, Folder.SNOOZED.value))) for row in found]
    return [(Cursor(row.wakes_at, row.pk), entry) for row, entry in there if entry and row.wakes_at]


def _by_team(marks: QuerySet[TeamMark], accounts: Sequence[int], span: Span) -> list[_Place]:
    """Return the entries of a team's conversations, what it touched last on top: that of the inbox if there is one."""
    listed = marks.filter(span.by("moved_at"))
    parts = [listed.filter(account=pk).order_by("-moved_at", "-thread")[: span.limit] for pk in accounts]
    found = _merged(parts, "moved_at DESC, thread_id DESC", span.limit)
    entries = _entries(Entry.objects.filter(thread__in=[row.pk for row in found]))
    there = [(row, next((entries[row.pk, f] for f in _STANDS_FOR if (row.pk, f) in entries), None)) for row in found]
    return [(Cursor(row.moved_at, row.pk), entry) for row, entry in there if entry]


# Which of its entries stands for a conversation, the first that there is.
_STANDS_FOR = (Folder.INBOX.value, Folder.SNOOZED.value, Folder.ARCHIVE.value, Folder.SENT.value)


def _entries(found: QuerySet[Entry]) -> dict[tuple[int, str], Entry]:
    return {(entry.thread_id, entry.folder): entry for entry in found}


def _merged[M: Model](parts: Sequence[QuerySet[M]], order: str, limit: int) -> list[M]:
    if len(parts) < 2:
        return [row for part in parts for row in part]
    compiled = [part.query.sql_with_params() for part in parts]
    # Only what the ORM compiled; every value is a parameter.
    selects = (f"SELECT * FROM ({sql}) AS part_{number}" for number, (sql, _) in enumerate(compiled))  # noqa: S608
    statement = " UNION ALL ".join(selects) + f" ORDER BY {order} LIMIT %s"
    params = [value for _sql, values in compiled for value in values]
    return list(parts[0].model._default_manager.raw(statement, [*params, limit]))
