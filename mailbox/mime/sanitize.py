"""A stranger's HTML as HTML that shows the same and does nothing.

Three steps, each safe without the other two: `markup` bounds and rewrites the tags, nh3 builds the tree and keeps
what is on the lists below, `styles` keeps harmless CSS. The page that shows the result still forbids scripts and
loads by its headers.
"""

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import nh3

from mailbox.mime.allowed import ATTRIBUTES, BODY_ATTRIBUTES, SCHEMES, TAGS
from mailbox.mime.limits import HtmlLimits
from mailbox.mime.markup import rewrite
from mailbox.mime.styles import PREFIX, clean_declarations, clean_sheet, prefixed

_ATTRIBUTES = {tag: set(names) for tag, names in ATTRIBUTES.items()}
_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.I)
_REMOTE = re.compile(r"(?:https?:)?//", re.I)
_REMOTE_CSS = re.compile(r"url\(\s*+[\"']?\s*+(?:https?:)?//", re.I)
_REMOTE_BACKGROUND = re.compile(r"<t[^<>]*?\sbackground\s*+=\s*+[\"']?\s*+(?:https?:)?//", re.I)
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]+\Z", re.I)
_LONGEST_PICTURE = 64 * 1024
_NAME = re.compile(r"[\w-]{1,100}\Z")
_PLAIN_VALUE = re.compile(r"[\w #%.,+:;/()'-]{0,200}\Z")
_REFERENCE_LEFT = re.compile("[\t\r\n\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Sanitized:
    """Harmless HTML for a document of its own, and how many remote images it would have loaded."""

    html: str
    blocked_count: int


def sanitize(html: str, *, images: Mapping[str, str] | None = None, limits: HtmlLimits = HtmlLimits()) -> Sanitized:  # noqa: B008
    """`html` without anything that runs, loads or leaves; sanitising the result again changes nothing.

    `images` maps content ids (RFC 2392, without angle brackets) to addresses on this site; `cid:` images not in
    it go. The style sheets of the message stand first, then its content, in a `div` for its `body` if it had one.
    """
    markup = rewrite(html, limits)
    filter_ = _Filter(images or {}, limits.style_characters)
    if markup.body and _REMOTE.match(markup.body.get("background", "").strip()):
        filter_.blocked_count += 1
    sheet = _sheet(markup.sheets, filter_, limits)
    filter_.blocked_count += len(_REMOTE_BACKGROUND.findall(markup.html))
    source = markup.html if markup.body is None else _wrapped(markup.html, markup.body)
    tree = nh3.clean(
        source,
        tags=set(TAGS),
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=filter_.attribute,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return Sanitized(sheet + tree, filter_.blocked_count)


def _sheet(sheets: list[str], filter_: "_Filter", limits: HtmlLimits) -> str:
    css = "\n".join(_without_comment_marks(each) for each in sheets)[: limits.style_characters]
    filter_.blocked_count += len(_REMOTE_CSS.findall(css))
    cleaned = clean_sheet(css, limit=limits.style_characters) if css.strip() else ""
    return f"<style>{cleaned}</style>" if cleaned and "<" not in cleaned else ""


def _without_comment_marks(css: str) -> str:
    return css.replace("<!--", "").replace("-->", "")


def _wrapped(markup: str, body: dict[str, str]) -> str:
    kept: dict[str, str] = {name: body[name] for name in BODY_ATTRIBUTES if name in body}
    kept["class"] = f"{PREFIX}body {kept.get('class', '')}".strip()
    attributes = "".join(f' {name}="{entities.escape(value)}"' for name, value in kept.items())
    return f"<div{attributes}>{markup}</div>"


@dataclass(slots=True)
class _Filter:
    """The attribute filter of one message; nh3 has already dropped what is not on its lists."""

    images: Mapping[str, str]
    style_room: int
    """Characters of `style` attributes still to be read; CSS costs more than any other part of a message."""
    blocked_count: int = 0
    addresses: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.addresses = frozenset(self.images.values())

    def attribute(self, tag: str, name: str, value: str) -> str | None:
        """The value to keep, None to drop the attribute."""
        if name == "style":
            return self._style(value)
        if name == "src":
            return self._picture(value)
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
        self.blocked_count += len(_REMOTE_CSS.findall(css)) if "url(" in css.lower() else 0
        return clean_declarations(css) or None

    def _picture(self, value: str) -> str | None:
        address = _REFERENCE_LEFT.sub("", value).strip()
        if address in self.addresses:
            return address
        if address[:4].lower() == "cid:":
            return self.images.get(unquote(address[4:])) or self.images.get(address[4:])
        if address[:5].lower() == "data:":
            return address if len(address) <= _LONGEST_PICTURE and _PICTURE.match(address) else None
        if _REMOTE.match(address):
            self.blocked_count += 1
        return None


def _link(value: str) -> str | None:
    address = _REFERENCE_LEFT.sub("", value).strip()
    return address if _LINK.match(address) else None


def _names(value: str) -> str | None:
    names = [prefixed(name) for name in value.split()[:50] if _NAME.match(name)]
    return " ".join(names) or None
