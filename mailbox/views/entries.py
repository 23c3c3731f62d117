"""The lines of a list: which conversations belong to it, a page at a time, at a cost that no mailbox changes."""

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Self
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailbox.models import Entry, Folder
from mailbox.views.offers import Offer, offers
from mailbox.views.sidebar import SideAccount, Sidebar

PAGE = 50
# A list that stayed open for days grows no further than this in one answer.
FRESH_LIMIT = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class List:
    """A list by the name of its URL, and the entries that belong to it."""

    key: str
    name: str | Promise
    matches: Q
    words: str = ""
    """What was searched for, in the list of what was found."""

    @property
    def url(self) -> str:
        words = f"?{urlencode({'q': self.words})}" if self.words else ""
        return reverse(self.key) + words

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
        List("trash", _("Trash"), Q(folder=Folder.TRASH)),
        List("starred", _("Starred"), Q(is_starred=True) & ~Q(folder=Folder.TRASH)),
        SEARCH,
    )
}


def list_of(parameters: QueryDict, otherwise: List = INBOX) -> List:
    """Return the list that a link or form names as the one it stands in."""
    named = LISTS.get(parameters.get("in", ""), otherwise)
    return replace(named, words=parameters.get("q", "")) if named is SEARCH else named


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
            return cls(_EPOCH + timedelta(microseconds=int(microseconds)), int(pk))
        except (ValueError, OverflowError, binascii.Error):
            return None

    def __str__(self) -> str:
        microseconds = (self.newest_at - _EPOCH) // timedelta(microseconds=1)
        return base64.urlsafe_b64encode(f"{microseconds}.{self.pk}".encode()).decode().rstrip("=")

    @property
    def older(self) -> Q:
        # The first condition alone is a range of the index; the second one settles equal times.
        return Q(newest_at__lte=self.newest_at) & (Q(newest_at__lt=self.newest_at) | Q(pk__lt=self.pk))

    @property
    def newer(self) -> Q:
        """This entry itself and everything above it."""
        return Q(newest_at__gte=self.newest_at) & (Q(newest_at__gt=self.newest_at) | Q(pk__gte=self.pk))

    def is_above(self, other: "Cursor") -> bool:
        return (self.newest_at, self.pk) > (other.newest_at, other.pk)


@dataclass(frozen=True)
class Row:
    """One line, with what it shows of its account: nothing where there is only one."""

    entry: Entry
    offers: Sequence[Offer] = ()
    account: SideAccount | None = None
    folder: str | Promise = ""
    query: str = ""
    """Which list the conversation is opened from, so that it leads back there."""

    @cached_property
    def url(self) -> str:
        return reverse("conversation", args=[self.entry.key])

    @property
    def href(self) -> str:
        return f"{self.url}?{self.query}"

    @property
    def correspondent(self) -> str:
        """The one whose initials stand at the front: the last one who wrote."""
        names = self.entry.senders
        return str(names[-1][0]) if names else ""


@dataclass(frozen=True)
class Page:
    """Some lines of a list, and where the next ones begin."""

    rows: Sequence[Row]
    next: Cursor | None = None

    @property
    def first(self) -> Cursor | None:
        return Cursor.of(self.rows[0].entry) if self.rows else None


def page(sidebar: Sidebar, which: List, account: SideAccount | None, *, before: Cursor | None = None) -> Page:
    """Return the lines of `which` below `before`; all accounts in one list, or `account` alone."""
    matches = which.matches & before.older if before else which.matches
    entries = _newest(_chosen(sidebar, account), matches, PAGE + 1)
    more = Cursor.of(entries[PAGE - 1]) if len(entries) > PAGE else None
    return Page(rows(sidebar, which, account, entries[:PAGE]), more)


def fresh(sidebar: Sidebar, which: List, account: SideAccount | None, *, through: Cursor | None) -> Page:
    """Return the first lines again, down to `through`, below which a reader has loaded more."""
    if not through:
        return page(sidebar, which, account)
    entries = _newest(_chosen(sidebar, account), which.matches & through.newer, FRESH_LIMIT)
    if len(entries) < PAGE:
        # So much has left the list that its top would look empty.
        entries = _newest(_chosen(sidebar, account), which.matches, PAGE)
    return Page(rows(sidebar, which, account, entries), through)


def rows(sidebar: Sidebar, which: List, account: SideAccount | None, entries: Sequence[Entry]) -> list[Row]:
    """Return the lines for `entries`, one a conversation: a starred one may stand in two folders."""
    seen: dict[int, Entry] = {}
    for entry in entries:
        seen.setdefault(entry.thread_id, entry)
    marks = sidebar.by_pk if len(sidebar.accounts) > 1 else {}
    origin = {"in": which.key, "account": account.key if account else "", "q": which.words}
    query = urlencode({name: value for name, value in origin.items() if value})
    offered = cache(offers)
    return [
        Row(
            entry,
            offers=offered((entry.folder,), is_unread=entry.is_unread, is_starred=entry.is_starred),
            account=marks.get(entry.account_id),
            folder=Folder(entry.folder).label if which.is_search else "",
            query=query,
        )
        for entry in seen.values()
    ]


def beside(
    sidebar: Sidebar, which: List, account: SideAccount | None, thread_id: int, *, is_older: bool
) -> Entry | None:
    """Return the entry of `which` next to that of a thread; None at the end, and where the thread is not listed."""
    here = of_threads(sidebar, [thread_id], which.matches).get(thread_id)
    if here is None:
        return None
    cursor, accounts = Cursor.of(here), _chosen(sidebar, account)
    if is_older:
        return next(iter(_newest(accounts, which.matches & cursor.older & ~Q(thread=thread_id), 1)), None)
    above = Entry.objects.filter(which.matches & cursor.newer & ~Q(thread=thread_id)).order_by("newest_at", "id")
    found = [entry for pk in accounts for entry in above.filter(account=pk)[:1]]
    return min(found, key=lambda entry: (entry.newest_at, entry.pk), default=None)


def of_threads(sidebar: Sidebar, thread_ids: Collection[int], matches: Q) -> dict[int, Entry]:
    """Return the newest matching entry of each thread, of the accounts of `sidebar`."""
    found = Entry.objects.filter(matches, thread__in=thread_ids, account__in=list(sidebar.by_pk))
    return {entry.thread_id: entry for entry in found.order_by("newest_at", "pk")}


def _chosen(sidebar: Sidebar, account: SideAccount | None) -> list[int]:
    return [account.pk] if account else list(sidebar.by_pk)


def _newest(accounts: Sequence[int], matches: Q, limit: int) -> list[Entry]:
    """Return the newest entries of all `accounts` in one query, which reads `limit` rows of each one's index.

    One query over `account IN (...)` would sort the whole folder; Django's union() cannot limit its parts on SQLite.
    """
    parts = [Entry.objects.filter(matches, account=pk).order_by("-newest_at", "-id")[:limit] for pk in accounts]
    if len(parts) < 2:
        return [entry for part in parts for entry in part]
    return _merged(parts, limit)


def _merged(parts: Sequence[QuerySet[Entry]], limit: int) -> list[Entry]:
    compiled = [part.query.sql_with_params() for part in parts]
    # Only what the ORM compiled; every value is a parameter.
    selects = (f"SELECT * FROM ({sql}) AS part_{number}" for number, (sql, _) in enumerate(compiled))  # noqa: S608
    statement = " UNION ALL ".join(selects) + " ORDER BY newest_at DESC, id DESC LIMIT %s"
    params = [value for _sql, values in compiled for value in values]
    return list(Entry.objects.raw(statement, [*params, limit]))
