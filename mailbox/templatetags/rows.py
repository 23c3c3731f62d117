"""The lines of a list: the elements of a line are drawn by its template, what stands in them is filled in.

A line takes Django's templates half a millisecond, and a page has fifty, of which few are alike. But they have the same
elements, apart from some twenty shapes: each of those is drawn once, with blanks.

They are drawn as `keyed` draws, and not found as it finds: by the names of 17 texts and 12 choices fifty lines would
take 1.7 ms instead of 0.7.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Self

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from mailbox.models import Entry, Folder, Message
from mailbox.templatetags.acts import row_signs
from mailbox.templatetags.keyed import drawn, stand_in
from mailbox.templatetags.mail import first_name, initials, letter, senders, tint
from mailbox.views.clock import Clock
from mailbox.views.lists import List
from mailbox.views.moments import moment_in_words
from mailbox.views.offers import Offer
from mailbox.views.rows import Row

register = template.Library()

_ROW = "mailbox/list/_row.html"
_PREVIEW = 120


class Shape(NamedTuple):
    """All that decides which elements a line has, and what is written in them for every conversation alike."""

    language: str | None
    offers: Sequence[Offer]
    folder: str
    is_sent: bool
    is_opened: bool
    is_marked: bool
    is_unread: bool
    is_starred: bool
    has_attachments: bool
    has_subject: bool
    has_answers: bool
    has_note: bool
    oob: bool

    @classmethod
    def of(cls, row: Row, which: List, opened: Message | None, *, language: str | None, oob: bool) -> Self:
        entry = row.entry
        return cls(
            language=language,
            offers=row.offers,
            folder=str(row.folder),
            is_sent=which.key == Folder.SENT,
            is_opened=opened is not None and opened.thread_id == entry.thread_id,
            is_marked=row.account is not None,
            is_unread=entry.unread_count > 0,
            is_starred=entry.is_starred,
            has_attachments=entry.has_attachments,
            has_subject=bool(entry.subject),
            has_answers=entry.message_count > 1,
            has_note=bool(row.note),
            oob=oob,
        )


class Line(NamedTuple):
    """What stands in the elements of a line, escaped."""

    thread: SafeString
    key: SafeString
    url: SafeString
    query: SafeString
    subject: SafeString
    preview: SafeString
    senders: SafeString
    message_count: SafeString
    tint: SafeString
    initials: SafeString
    signs: SafeString
    datetime: SafeString
    full_time: SafeString
    time: SafeString
    account: SafeString
    colour: SafeString
    letter: SafeString

    @classmethod
    def of(cls, row: Row, which: List, clock: Clock) -> Self:
        entry, account = row.entry, row.account
        moment, time = _when(row, which, clock)
        colour_of_avatar, letters = _avatar(row.correspondent)
        return cls(
            thread=_escaped(str(entry.thread_id)),
            key=_escaped(entry.key),
            url=_escaped(row.url),
            query=_escaped(row.query),
            subject=_escaped(entry.subject),
            preview=_escaped(_shortened(row.note or entry.preview)),
            senders=_senders(entry),
            message_count=_escaped(str(entry.message_count)),
            tint=colour_of_avatar,
            initials=letters,
            signs=row_signs(row.signs, which, entry.newest_at),
            datetime=_escaped(moment.isoformat()),
            full_time=_escaped(clock.full(moment)),
            time=_escaped(time),
            account=_escaped(account.name if account else ""),
            colour=_escaped(str(account.colour) if account else ""),
            letter=_escaped(letter(account) if account else ""),
        )


def _when(row: Row, which: List, clock: Clock) -> tuple[datetime, str]:
    """Return the time of a line, and how it is written: when mail came, or when it comes back."""
    if which.key == Folder.SNOOZED and row.signs.wakes_at:
        return row.signs.wakes_at, moment_in_words(row.signs.wakes_at)
    return row.entry.newest_at, clock.short(row.entry.newest_at)


def _senders(entry: Entry) -> SafeString:
    """Return who wrote; of several in an unread conversation, those of whom nothing is unread are told apart."""
    if entry.is_unread and len(entry.senders) > 1:
        return _told_apart(tuple([(name, is_unread) for name, is_unread in entry.senders]))
    return _escaped(senders(entry.senders))


@lru_cache(maxsize=4096)
def _told_apart(names: tuple[tuple[str, bool], ...]) -> SafeString:
    if len({is_unread for _name, is_unread in names}) == 1:
        return escape(senders(names))
    # Each comma is as bold as the name before it.
    commas = [*[", "] * (len(names) - 1), ""]
    pieces = [
        f"{{}}{comma}" if is_unread else f'<span class="row__read">{{}}{comma}</span>'
        for (_name, is_unread), comma in zip(names, commas, strict=True)
    ]
    return format_html("".join(pieces), *[_escaped(first_name(name)) for name, _is_unread in names])


# Django's takes two microseconds, and most of what stands in a line has stood in a line before.
_escaped = lru_cache(maxsize=8192)(escape)


@lru_cache(maxsize=4096)
def _avatar(name: str) -> tuple[SafeString, SafeString]:
    """Return the tint and the letters of a correspondent."""
    return escape(tint(name)), escape(initials(name))


def _shortened(preview: str) -> str:
    return preview if len(preview) <= _PREVIEW else Truncator(preview).chars(_PREVIEW)


@register.simple_tag(takes_context=True)
def list_rows(context: template.Context, rows: Sequence[Row], *, oob: bool = False) -> SafeString:
    """The lines of conversations in the list of the page; with `oob` to be put where they stand already."""
    if not rows:
        return SafeString()
    which, opened, clock = context["list"], context.get("opened"), Clock.now()
    shapes = [Shape.of(row, which, opened, language=clock.language, oob=oob) for row in rows]
    lines = [format_html(_pattern(shape), *Line.of(row, which, clock)) for shape, row in zip(shapes, rows, strict=True)]
    return format_html("{}" * len(lines), *lines)


@lru_cache(maxsize=512)
def _pattern(shape: Shape) -> str:
    """Return a line of that shape with the numbers of the fields of `Line` for what stands in it."""
    return drawn(_ROW, {"shape": shape, "line": _BLANKS})


_BLANKS = Line._make(_escaped(stand_in(place)) for place in range(len(Line._fields)))
