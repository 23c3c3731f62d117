"""Words, times and marks of the mail screens."""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django import template
from django.template.base import FilterExpression, Parser, Token
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mailbox.mime.domains import is_disguised, punycode
from mailbox.mime.filled import soft_ends
from mailbox.mime.headers import Address
from mailbox.mime.plain import Block, Span
from mailbox.views.clock import Clock
from mailbox.views.offers import Offer
from mailbox.views.side_labels import tree
from mailbox.views.sidebar import PLACES, Sidebar
from mailbox.views.sidebar import sidebar as sidebar_of
from mailbox.views.team_lists import TEAM_LISTS

register = template.Library()

# As many as static/css/components/avatar.css has.
TINTS = 6
SHOWN_ADDRESSES = 50
# As many as static/css/screens/conversation.css has.
QUOTE_DEPTHS = 3


class IconNode(template.Node):
    def __init__(self, name: FilterExpression, modifiers: str) -> None:
        self.name, self.modifiers = name, modifiers

    def render(self, context: template.Context) -> SafeString:
        return icon_html(str(self.name.resolve(context)), self.modifiers)


@register.tag
def icon(parser: Parser, token: Token) -> IconNode:
    """`{% icon "archive" %}` or `{% icon "star" filled %}`: a drawing without a name; its button or link has one."""
    _tag, name, *modifiers = token.split_contents()
    return IconNode(parser.compile_filter(name), "".join(f" icon--{modifier}" for modifier in modifiers))


# They point along the line, so they turn with the direction of reading.
_POINTING = frozenset(
    ("back", "external", "following", "forward", "list", "list-numbered", "next", "previous", "reply", "reply-all")
).union(("restore", "send", "sign-out", "text"))


@cache
def icon_html(name: str, modifiers: str = "") -> SafeString:
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        f"{modifiers} icon--turns" if name in _POINTING else modifiers,
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def offer_buttons(offers: Iterable[Offer], url: str, form: str, query: str = "") -> SafeString:
    """The buttons of a conversation at `url`, belonging to the form of that id; in Python, for a page has 200.

    What is to be chosen first is a link, which gets the form's fields as `query`.
    """
    pieces = ((_piece(offer, form), query if offer.asks else "") for offer in offers)
    return format_html_join("", "{}{}{}{}{}", ((start, url, verb, asked, end) for (start, verb, end), asked in pieces))


@lru_cache(maxsize=256)
def _piece(offer: Offer, form: str) -> tuple[SafeString, str, SafeString]:
    """Return what stands before the URL, what completes it, and what follows."""
    words = format_html('" title="{}" aria-label="{}"', offer.label, offer.label)
    if offer.asks:
        start = format_html('<a class="icon-button" data-choices="{}" href="', offer.verb)
        end = format_html("{}{}>{}</a>", words, _INTO_CHOICES, icon_html(offer.icon))
        return start, f"choices/{offer.verb}/?", end
    on = " icon-button--on" if offer.is_on else ""
    start = format_html('<button class="icon-button{}" form="{}" formaction="', on, form)
    return start, f"{offer.verb}/", format_html("{}>{}</button>", words, icon_html(offer.icon))


# The one place on a page for what is chosen before it is done; without scripts it is a page of its own.
_INTO_CHOICES = format_html(' hx-boost="true" hx-target="{}" hx-swap="innerHTML" hx-push-url="false"', "#choices")


@register.inclusion_tag("_shell/sidebar.html", takes_context=True)
def sidebar(context: template.RequestContext) -> dict[str, Any]:
    """The side bar; a view that already read it passes it on as `sidebar`, and saves the query."""
    known = context.get("sidebar")
    shown = known if isinstance(known, Sidebar) else sidebar_of(context["request"].user)
    return {
        "places": PLACES,
        "accounts": shown.accounts,
        "unread": shown.unread,
        "troubled": shown.troubled,
        "labels": shown.labels,
        "team_lists": TEAM_LISTS if shown.has_team else {},
        "branches": tree(shown.labels),
        "list": context.get("list"),
        "here": context.get("here"),
        "account": context.get("account"),
    }


@register.filter
def initials(name: object) -> str:
    """One or two letters for an avatar: Alice Adams is AA, 山田太郎 is 山."""
    words = [word for word in str(name).replace('"', " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    first, last = words[0][0], words[-1][0]
    if len(words) == 1 or unicodedata.east_asian_width(first) in "WF":
        return first.upper()
    return (first + last).upper()


@register.filter
def letter(account: Any) -> str:
    """The letter that tells an account apart where its colour does not."""
    return initials(account.name or account.address)[:1]


@register.filter
def tint(name: object) -> str:
    """A tint that stays with a correspondent; nothing to do with the account colours."""
    return str(zlib.crc32(str(name).casefold().encode()) % TINTS)


@register.filter
def when(moment: datetime | None) -> str:
    """The shortest that tells: 14:05, Yesterday, Mon 3 Nov, 2025-03-01."""
    return "" if moment is None else Clock.now().short(moment)


@register.filter
def full_time(moment: datetime | None) -> str:
    """The whole time with its zone, for titles."""
    return "" if moment is None else Clock.now().full(moment)


@register.filter
def day(moment: datetime | None) -> str:
    """The day alone, also one that is still to come: Mon 3 Nov, 2025-03-01."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return date_format(local, _("D j M") if local.year == timezone.localdate().year else _("Y-m-d"))


@register.filter
def seconds(lasted: float) -> str:
    """How long something took: 0.4 s, 12 s, 3 min."""
    if lasted < 10:
        return _("%(count)s s") % {"count": number_format(lasted, 1)}
    return (
        _("%(count)s s") % {"count": round(lasted)}
        if lasted < 120
        else _("%(count)s min") % {"count": round(lasted / 60)}
    )


@register.filter
def fingerprint(sha256: str) -> str:
    """A fingerprint as other programs print it, to be compared by eye: 3A:5F:…"""
    return ":".join(sha256[start : start + 2] for start in range(0, len(sha256), 2)).upper()


@register.filter
def octets(count: int) -> str:
    """A size for people, in the units of their file manager: 812 B, 14 kB, 2.3 MB, 5.1 GB."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    if count < 1_000_000_000:
        return f"{count / 1_000_000:.1f} MB"
    return f"{count / 1_000_000_000:.1f} GB"


@register.filter
def named(sender: str) -> str:
    """The name of a sender, also of one who has none."""
    return sender or _("Unknown sender")


@register.filter
def addresses(found: Sequence[Address]) -> str:
    """Addresses for reading, each with its name if it has one; a mass mailing is cut short."""
    shown = [_address(each) for each in found[:SHOWN_ADDRESSES]]
    if rest := len(found) - len(shown):
        shown.append(_("%(count)d more") % {"count": rest})
    return ", ".join(shown)


def _address(each: Address) -> str:
    shown = unmasked(each.address)
    return shown if each.display == each.address else f"{each.display} <{shown}>"


@register.filter
def unmasked(address: str) -> str:
    """An address whose domain passes for another is shown as it goes on the wire: xn--80ak6aa92e.com."""
    local, at, host = address.rpartition("@")
    return f"{local}{at}{punycode(host)}" if at and is_disguised(host) else address


@register.filter
def breakable(address: str) -> SafeString:
    """An address that a narrow line breaks before its `@` or a dot of its host, and only else amid a word."""
    local, at, host = address.rpartition("@")
    labels = format_html_join(SafeString("<wbr>."), "{}", ((label,) for label in host.split(".")))
    return format_html("{}<wbr>{}{}", local, at, labels) if at else escape(address)


@register.filter
def senders(names: Sequence[tuple[str, bool]]) -> str:
    """Who wrote, in a line's width: one by the whole name, several by their first names."""
    if len(names) < 2:
        return named(str(names[0][0]) if names else "")
    return ", ".join(first_name(str(name)) for name, _is_unread in names)


def first_name(name: str) -> str:
    """The first word of a name, without the comma after a family name that stands in front."""
    first, _space, _rest = name.strip().partition(" ")
    return first.rstrip(",") or name


@register.filter
def lines(block: Block) -> SafeString:
    """The lines of a block, escaped, with its links as links.

    All its text is escaped at once, with marks where the HTML goes: piece by piece that would be a quarter of the time
    of a page of twenty messages. The marks are no characters (Unicode, 23.7), and vanish from the text itself.
    """
    links = [_link(span) for line in block.lines for span in line if span.href is not None]
    texts = ["".join([_marked(span) for span in line]) for line in block.lines]
    marked = "".join([piece for pair in zip(texts, _ends(block), strict=True) for piece in pair][:-1])
    shape = escape(marked).replace("{", "{{").replace("}", "}}").replace(_SOFT_MARK, "{end}").replace(_LINK_MARK, "{}")
    return format_html(shape, *links, end=_SOFT_END)


_SOFT_MARK, _LINK_MARK = "\ufffe", "\uffff"
_UNMARKED = re.compile(f"[{_SOFT_MARK}{_LINK_MARK}]")
# One that a narrow screen shows as a space.
_SOFT_END = format_html('<span class="plain-text__end">{}</span>', "\n")


def _marked(span: Span) -> str:
    if span.href is not None:
        return _LINK_MARK
    return span.text if span.text.isascii() else _UNMARKED.sub("", span.text)


def _ends(block: Block) -> list[str]:
    if block.is_fixed or block.kind == "signature":
        return ["\n"] * len(block.lines)
    texts = [line[0].text if len(line) == 1 else "".join([span.text for span in line]) for line in block.lines]
    return [_SOFT_MARK if is_soft else "\n" for is_soft in soft_ends(texts)]


def _link(span: Span) -> SafeString:
    target = format_html('<span class="link-target">{}</span>', span.host) if span.host else ""
    return format_html('<a href="{}" target="_blank" rel="noopener noreferrer">{}{}</a>', span.href, span.text, target)


@register.filter
def quote_depth(depth: int) -> int:
    """The depth that a quotation is coloured by: 1, 2, 3, and again 1."""
    return (depth - 1) % QUOTE_DEPTHS + 1
