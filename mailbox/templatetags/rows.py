"""The lines of a list, drawn once for as long as nothing in them changes.

To draw a line takes Django half a millisecond. A page has fifty of them, and most of them are those of the last page:
every act and every poll that brings news draws the list again.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from mailbox.models import Entry
from mailbox.views.clock import Clock
from mailbox.views.entries import List, Row

register = template.Library()

_ROW = "mailbox/list/_row.html"
# Some megabytes: twenty people's pages of two lists.
_KEPT = 2048


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A line with all that its drawing depends on, by which it is known again."""

    facts: tuple[Any, ...]
    context: dict[str, Any] = field(compare=False)


@register.simple_tag(takes_context=True)
def list_row(context: template.Context, row: Row, *, oob: bool = False) -> SafeString:
    """The line of a conversation in the list of the page; with `oob` to be put where it stands already."""
    which, opened = context["list"], context.get("opened")
    is_opened = opened is not None and opened.thread_id == row.entry.thread_id
    facts = (Clock.now(), oob, is_opened, *_of_list(which), *_of_row(row), *_of_entry(row.entry))
    return _drawn(_Drawing(facts, {"row": row, "list": which, "opened": opened, "oob": oob}))


@lru_cache(maxsize=_KEPT)
def _drawn(drawing: _Drawing) -> SafeString:
    return render_to_string(_ROW, drawing.context)


def _of_list(which: List) -> tuple[Any, ...]:
    return which.key, which.label, which.is_by_time


def _of_row(row: Row) -> tuple[Any, ...]:
    mark = row.account and (row.account.name, row.account.address, row.account.colour)
    return row.query, row.folder and str(row.folder), row.signs, mark


def _of_entry(entry: Entry) -> tuple[Any, ...]:
    return (
        *(entry.thread_id, entry.folder, entry.key, entry.newest_at, entry.subject, entry.preview),
        *(entry.message_count, entry.unread_count, entry.is_starred, entry.has_attachments),
        # Names with what is unread of them, in their order.
        *(tuple(sender) for sender in entry.senders),
    )
