"""The lines of a list, a page at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from django.urls import get_script_prefix, reverse
from django.utils.functional import Promise

from mailbox import team
from mailbox.models import Entry, Folder
from mailbox.team import Noted
from mailbox.views.cursors import Cursor, Span
from mailbox.views.entries import Place, places, tell_unread
from mailbox.views.lists import List, query_of
from mailbox.views.offers import Offer, offers
from mailbox.views.sidebar import SideAccount, Sidebar
from mailbox.views.signs import NO_SIGNS, Signs, signs_of

PAGE = 50
# A list that stayed open for days grows no further than this in one answer.
FRESH_LIMIT = 200


@dataclass(frozen=True)
class Row:
    """One line, with what it shows of its account: nothing where there is only one."""

    entry: Entry
    offers: Sequence[Offer] = ()
    account: SideAccount | None = None
    signs: Signs = NO_SIGNS
    folder: str | Promise = ""
    note: str = ""
    """How the note of the team begins by which a search has found the conversation."""
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
    is_cut: bool = False
    """Whether it ends before the place down to which it was asked for: what a reader has below does not follow it."""


def page_of(sidebar: Sidebar, which: List, account: SideAccount | None, *, before: Cursor | None = None) -> Page:
    """Return at most PAGE lines of `which` below `before`; all accounts in one list, or `account` alone."""
    there = places(sidebar, which, account, Span(before=before, limit=PAGE + 1))
    more = there[PAGE - 1][0] if len(there) > PAGE else None
    return _page(sidebar, which, account, there[:PAGE], more)


def fresh_page(sidebar: Sidebar, which: List, account: SideAccount | None, *, through: Cursor | None) -> Page:
    """Return the first lines again, down to `through`, below which a reader has loaded more."""
    if not through:
        return page_of(sidebar, which, account)
    there = places(sidebar, which, account, Span(through=through, limit=FRESH_LIMIT + 1))
    if len(there) < PAGE:
        # So much has left the list that its top would look empty.
        there = places(sidebar, which, account, Span(limit=PAGE))
    return _down_to(sidebar, which, account, there, through)


def page_between(
    sidebar: Sidebar, which: List, account: SideAccount | None, *, before: Cursor, through: Cursor | None
) -> Page:
    """Return the lines again that stand between two places: what a reader has loaded below the first ones."""
    there = places(sidebar, which, account, Span(before=before, through=through, limit=FRESH_LIMIT + 1))
    return _down_to(sidebar, which, account, there, through)


def _down_to(
    sidebar: Sidebar, which: List, account: SideAccount | None, there: Sequence[Place], through: Cursor | None
) -> Page:
    """Return the lines down to `through`; where they are too many, those that fit, and that more follow the last."""
    if len(there) <= FRESH_LIMIT:
        return _page(sidebar, which, account, there, through)
    fitting = there[:FRESH_LIMIT]
    return replace(_page(sidebar, which, account, fitting, fitting[-1][0]), is_cut=True)


def _page(
    sidebar: Sidebar, which: List, account: SideAccount | None, there: Sequence[Place], more: Cursor | None
) -> Page:
    first = there[0][0] if there else None
    return Page(rows_of(sidebar, which, account, [entry for _cursor, entry in there]), more, first)


def rows_of(
    sidebar: Sidebar,
    which: List,
    account: SideAccount | None,
    entries: Sequence[Entry],
    *,
    notes: Mapping[int, Noted] | None = None,
) -> list[Row]:
    """Return the lines for `entries`, one a conversation: a starred one may stand in two folders.

    `notes` are those that a search has found; who does not know them leaves them out, and they are asked for.
    """
    first: dict[int, Entry] = {}
    for entry in entries:
        first.setdefault(entry.thread_id, entry)
    tell_unread(sidebar, list(first.values()))
    marks = sidebar.by_pk if len(sidebar.accounts) > 1 else {}
    query = query_of(which, account)
    offered = cache(offers)
    if which.is_search and notes is None:
        notes = notes_of(sidebar, which.words, limit=FRESH_LIMIT, among=first)
    said = {thread: note.beginning for thread, note in (notes or {}).items()}
    signs = signs_of(sidebar, list(first.values()), thrown_away=which.key if which.is_thrown_away else None)
    return [
        Row(
            entry,
            signs=signs.get(entry.thread_id, NO_SIGNS),
            offers=offered((entry.folder,), is_unread=entry.is_unread, is_starred=entry.is_starred),
            account=marks.get(entry.account_id),
            folder=Folder(entry.folder).label if which.is_search else "",
            note=said.get(entry.thread_id, ""),
            query=query,
        )
        for entry in first.values()
    ]


def notes_of(sidebar: Sidebar, words: str, *, limit: int, among: Collection[int] | None = None) -> dict[int, Noted]:
    """Return by thread which notes hold `words`, of the teams whose mail is shown. No query where there is none."""
    teams = [account.pk for account in sidebar.accounts if account.is_team]
    return team.threads_noted(words, teams, limit=limit, among=among)
