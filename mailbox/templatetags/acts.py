"""Labels and marks of conversations; in Python, for a page has fifty lines and a person may have many labels."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from mailbox.templatetags.mail import day, full_time, icon_html, initials
from mailbox.views.lists import List
from mailbox.views.moments import moment_in_words
from mailbox.views.side_labels import SideLabel
from mailbox.views.signs import NO_SIGNS, Signs
from mailbox.views.undo_offer import undo_offer

register = template.Library()

# More would leave no room for the subject.
_ON_A_ROW = 2


@register.inclusion_tag("_shell/undo.html", takes_context=True)
def undo_offered(context: template.RequestContext) -> dict[str, Any]:
    """What a browser without scripts has just done, and its undoing; it costs no query."""
    request = context["request"]
    return {
        "offer": undo_offer(request),
        "next": request.get_full_path() if request.method == "GET" else "",
        "csrf_token": context.get("csrf_token"),
    }


def row_signs(signs: Signs, which: List, newest_at: datetime) -> SafeString:
    """What stands in a line before its star: labels, and why it stands where it does."""
    if signs is NO_SIGNS:
        return SafeString()
    shown = [label for label in signs.labels if label.key != which.label]
    rest = len(shown) - _ON_A_ROW
    pieces = [_chip(label.name, label.colour) for label in shown[:_ON_A_ROW]]
    if rest > 0:
        names = ", ".join(label.name for label in shown[_ON_A_ROW:])
        pieces.append(format_html('<span class="chip" title="{}">+{}</span>', names, rest))
    if signs.is_done and which.key != "team_done":
        pieces.append(_mark("good", _("Done"), get_language()))
    if signs.assignee:
        pieces.append(_assignee(signs.assignee, signs.colour, get_language()))
    if signs.is_muted:
        pieces.append(_mark("mute", _("Muted"), get_language()))
    if signs.woke_at and signs.woke_at == newest_at and which.is_by_time:
        pieces.append(_back(get_language()))
    if signs.leaves_at:
        pieces.append(_leaving(signs.leaves_at))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


@lru_cache(maxsize=1024)
def _chip(name: str, colour: int) -> SafeString:
    """A label; of a nested one the last word, and all of it as a title."""
    return format_html('<span class="label account-{}" title="{}">{}</span>', colour, name, leaf(name))


@register.filter
def leaf(name: str) -> str:
    """The last level of a label's name."""
    return name.rpartition("/")[2]


@lru_cache(maxsize=64)
def _mark(icon: str, words: str, language: str | None) -> SafeString:
    drawing = icon_html(icon, " icon--small")
    return format_html(
        '<span class="row__mark" title="{0}">{1}<span class="visually-hidden">{0}</span></span>', words, drawing
    )


@lru_cache(maxsize=64)
def _back(_language: str | None) -> SafeString:
    """Why an older conversation stands on top, unread again."""
    return format_html(
        '<span class="chip" title="{}">{}{}</span>',
        *(_("Back from snoozing"), icon_html("clock", " icon--small"), pgettext("from snoozing", "Back")),
    )


@lru_cache(maxsize=256)
def _assignee(name: str, colour: int, _language: str | None) -> SafeString:
    """The one who has it, by his initials in the colour of the account."""
    words = _("Assigned to %(name)s") % {"name": name}
    return format_html(
        '<span class="row__assignee account-{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        *(colour, words, initials(name), words),
    )


def _leaving(moment: datetime) -> SafeString:
    return format_html(
        '<span class="row__leaving" title="{}">{}</span>',
        _("Leaves for ever: %s") % full_time(moment),
        _("until %s") % day(moment),
    )


@register.simple_tag
def carried(label: SideLabel, signs: Signs) -> bool:
    """Whether a conversation has the label."""
    return any(each.key == label.key for each in signs.labels)


@register.simple_tag
def pressed_state(label: SideLabel, pressed: Mapping[str, str]) -> str:
    """Whether the conversations of a selection have the label, as `aria-pressed` says it."""
    return pressed.get(label.key, "false")


@register.filter
def moment(at: datetime | None) -> str:
    """When something comes back: 14:05, or Mon 30 Nov, 08:00."""
    return moment_in_words(at) if at else ""


@register.simple_tag
def label_counters(labels: Iterable[SideLabel], *, oob: bool = True) -> SafeString:
    """The counters of the labels in the side bar, to be drawn again."""
    return format_html_join("\n", "{}", ((label_counter(label, oob=oob),) for label in labels))


@register.simple_tag
def label_counter(label: SideLabel, *, oob: bool = False) -> SafeString:
    words = format_html('{}<span class="visually-hidden"> {}</span>', label.unread, _("unread")) if label.unread else ""
    return format_html(_OOB_COUNTER if oob else _COUNTER, label.key, words)


_COUNTER = '<span id="unread-{}" class="sidebar__count">{}</span>'
_OOB_COUNTER = '<span id="unread-{}" class="sidebar__count" hx-swap-oob="true">{}</span>'
