"""The lines of the outbox, drawn once for as long as nothing in them changes.

A line costs a millisecond to draw. The page has a hundred of them, and is drawn again with every answer and every poll
that brings news of one.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from mailbox.models import Recipient
from mailbox.views.outbox import Fate, Line

register = template.Library()

_LINE = "mailbox/outbox/_line.html"


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A line with all that its drawing depends on, by which it is known again."""

    facts: tuple[Any, ...]
    line: Line = field(compare=False)


@register.simple_tag(takes_context=True)
def outbox_line(context: template.Context, line: Line) -> SafeString:
    """One message with its recipients and buttons; those of a scheduled one hold a form, which no two pages share."""
    if line.fate == Fate.SCHEDULED:
        return render_to_string(
            _LINE, {"line": line, "picks": context.get("picks"), "csrf_token": context.get("csrf_token")}
        )
    return _drawn(_Drawing((*_reader(), *_facts(line), *map(_facts_of, line.recipients)), line))


@lru_cache(maxsize=1024)
def _drawn(drawing: _Drawing) -> SafeString:
    return render_to_string(_LINE, {"line": drawing.line})


def _reader() -> tuple[Any, ...]:
    """Times are written in words that change at midnight."""
    return get_language(), timezone.get_current_timezone_name(), timezone.localdate()


def _facts(line: Line) -> tuple[Any, ...]:
    outgoing = line.outgoing
    return (
        *(line.fate, line.is_mine, line.is_due, line.needs_you),
        *(outgoing.key, outgoing.subject, outgoing.queued_at, outgoing.due_at, outgoing.finished_at),
        *(line.copy_key, outgoing.account.colour, outgoing.account.address),
    )


def _facts_of(recipient: Recipient) -> tuple[Any, ...]:
    return (
        *(recipient.address, recipient.status, recipient.reply, recipient.decided_at),
        *(recipient.action, recipient.status_code, recipient.diagnostic, recipient.reported_at),
        recipient.report and recipient.report.key,
    )
