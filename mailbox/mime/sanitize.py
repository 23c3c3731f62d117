"""A stranger's HTML as HTML that shows the same and does nothing.

Three steps, each safe without the other two: `markup` bounds and rewrites the tags, nh3 builds the tree and keeps
what is on the lists below, `styles` keeps harmless CSS. The page that shows the result still forbids scripts and
loads by its headers.
"""

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass

import nh3

from mailbox.mime.allowed import ATTRIBUTES, BODY_ATTRIBUTES, SCHEMES, TAGS
from mailbox.mime.limits import HtmlLimits
from mailbox.mime.markup import Markup, rewrite
from mailbox.mime.remote import References, Remote, RemoteReference, absolute
from mailbox.mime.styles import PREFIX, clean_declarations, clean_sheet, prefixed

_ATTRIBUTES = {tag: set(names) for tag, names in ATTRIBUTES.items()}
_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.I)
_NAME = re.compile(r"[\w-]{1,100}\Z")
_PLAIN_VALUE = re.compile(r"[\w #%.,+:;/()'-]{0,200}\Z")
_REFERENCE_LEFT = re.compile("[\t\r\n\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Sanitized:
    """Harmless HTML for a document of its own, and what it would have loaded from elsewhere."""

    html: str
    remote: tuple[RemoteReference, ...] = ()
    """Every remote address once, in the order of first use: style sheets of the message, then its content."""
    loaded_count: int = 0
    """How many of them the HTML loads, from the place on this site that was given for them."""

    @property
    def blocked_count(self) -> int:
        return len(self.remote) - self.loaded_count


def sanitize(
    html: str,
    *,
    images: Mapping[str, str] | None = None,
    remote: Remote | None = None,
    limits: HtmlLimits = HtmlLimits(),  # noqa: B008
) -> Sanitized:
    """`html` without anything that runs, loads or leaves; sanitising the result again changes nothing.

    `images` maps content ids (RFC 2392, without angle brackets) to addresses on this site; `cid:` images not in it
    go, and an image that has one of these addresses already keeps it. `remote` is asked once for each absolute
    http(s) address of an image (`src`, `background`, `url()` of backgrounds and lists) but a tracker's, and returns
    the address on this site that stands for it, or None to block it; without `remote` all are blocked. The style
    sheets of the message stand first, then its content, in a `div` for its `body` if it had one.
    """
    markup = rewrite(html, limits)
    references = References(images or {}, remote, limits.remote_count, _trackers(markup))
    sheet = _sheet(markup, references, limits)
    filter_ = _Filter(references, limits.style_characters)
    tree = nh3.clean(
        markup.html if markup.body is None else _wrapped(markup.html, markup.body),
        tags=set(TAGS),
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=filter_.attribute,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return Sanitized(sheet + tree, references.named(), len(references.loaded))


def _trackers(markup: Markup) -> frozenset[str]:
    """The addresses that are nowhere large enough to be seen."""
    pixels, shown = (frozenset(filter(None, map(absolute, each))) for each in (markup.pixels, markup.pictures))
    return pixels - shown


def _sheet(markup: Markup, references: References, limits: HtmlLimits) -> str:
    for address in markup.style_links:
        references.style(address)
    css = "\n".join(_without_comment_marks(each) for each in markup.sheets)[: limits.style_characters]
    cleaned = clean_sheet(css, references, limit=limits.style_characters) if css.strip() else ""
    return f"<style>{cleaned}</style>" if cleaned and "<" not in cleaned else ""


def _without_comment_marks(css: str) -> str:
    return css.replace("<!--", "").replace("-->", "")


def _wrapped(markup: str, body: dict[str, str]) -> str:
    kept: dict[str, str] = {name: body[name] for name in BODY_ATTRIBUTES if name in body}
    kept["class"] = f"{PREFIX}body {kept.get('class', '')}".strip()
    # A `div` has no `background` of its own.
    if background := absolute(body.get("background", "")):
        kept["style"] = f"background-image:url({background});{kept.get('style', '')}"
    attributes = "".join(f' {name}="{entities.escape(value)}"' for name, value in kept.items())
    return f"<div{attributes}>{markup}</div>"


@dataclass(slots=True)
class _Filter:
    """The attribute filter of one message; nh3 has already dropped what is not on its lists."""

    references: References
    style_room: int
    """Characters of `style` attributes still to be read; CSS costs more than any other part of a message."""

    def attribute(self, tag: str, name: str, value: str) -> str | None:
        """The value to keep, None to drop the attribute."""
        if name == "style":
            return self._style(value)
        if name in ("src", "background"):
            return self.references.image(value)
        if name == "href":
            return _link(value)
        if name in ("class", "id", "headers"):
            return _names(value)
        if name in ("title", "alt", "summary", "abbr", "target", "rel"):
            return value
        return value if _PLAIN_VALUE.match(value) else None

    def _style(self, css: str) -> str | None:
        self.style_room -= len(css)
        if self.style_room < 0:
            return None
        return clean_declarations(css, self.references) or None


def _link(value: str) -> str | None:
    address = _REFERENCE_LEFT.sub("", value).strip()
    return address if _LINK.match(address) else None


def _names(value: str) -> str | None:
    names = [prefixed(name) for name in value.split()[:50] if _NAME.match(name)]
    return " ".join(names) or None
