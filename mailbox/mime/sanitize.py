"""A stranger's HTML as HTML that shows the same and does nothing.

`markup` bounds the message and writes every tag anew, with the attributes that are kept here; `styles` keeps harmless
CSS; nh3 builds the tree of that and drops once more whatever is not on the lists of `allowed`. The page that shows the
result still forbids scripts and loads by its headers.
"""

import html as entities
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import nh3

from mailbox.mime.allowed import ATTRIBUTES, BODY_ATTRIBUTES, SCHEMES, TAGS
from mailbox.mime.limits import HtmlLimits
from mailbox.mime.markup import Markup, Pairs, rewrite, value, values
from mailbox.mime.remote import References, Remote, RemoteReference, absolute, best_candidate
from mailbox.mime.styles import PREFIX, clean_declarations, clean_sheet, prefixed
from mailbox.mime.trackers import is_pixel

_EVERYWHERE = set(ATTRIBUTES["*"])
_ATTRIBUTES = {tag: set(names) | _EVERYWHERE for tag, names in ATTRIBUTES.items()}
# Made once: its lists cost 0.08 ms, as much as a short message.
_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes=_ATTRIBUTES,
    url_schemes=set(SCHEMES),
    link_rel="noopener noreferrer",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)
# re.A: else "\u017f" would be an "s", and the address one of our own site.
_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.I | re.A)
_FREE = frozenset(("src", "title", "alt", "summary", "abbr"))
_SPECIAL = re.compile("[&<>\"']")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,6}\Z|[A-Za-z]{3,20}\Z")
_NAME = re.compile(r"[\w-]{1,100}\Z")
_PLAIN_VALUE = re.compile(r"[\w #%.,+:;/()'-]{0,200}\Z")
_CONTROLS = re.compile("[\x00-\x1f]+")
# Characters that turn the direction of what follows, and could show one address as another (UAX 9, 2).
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_STRAIGHT = dict.fromkeys(map(ord, _TURNING))


@dataclass(frozen=True, slots=True)
class Sanitized:
    """Harmless HTML for a document of its own, and what it would have loaded from elsewhere."""

    html: str
    remote: tuple[RemoteReference, ...] = ()
    """Every remote address once, in the order of first use: the content's, the body's, those of style sheets."""
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
    references = References(images or {}, remote, limits.remote_count)
    attributes = _Attributes(references, limits.style_characters)
    markup = rewrite(html, limits, attributes.write)
    content = markup.html if markup.body is None else _wrapped(markup.html, markup.body, attributes)
    tree = _straightened(_CLEANER.clean(content))
    return Sanitized(_sheet(markup, references, limits) + tree, references.named(), len(references.loaded))


def _straightened(html: str) -> str:
    """`html`, whose character references are resolved, without characters that turn the direction of text."""
    if html.isascii() or not any(each in html for each in _TURNING):
        return html
    return html.translate(_STRAIGHT)


def _sheet(markup: Markup, references: References, limits: HtmlLimits) -> str:
    for address in markup.style_links:
        references.style(address)
    link = (markup.body or {}).get("link", "")
    css = f".{PREFIX}body a{{color:{link}}}" if _COLOUR.match(link) else ""
    css += "\n".join(_without_comment_marks(each) for each in markup.sheets)[: limits.style_characters]
    cleaned = clean_sheet(css, references, limit=limits.style_characters) if css.strip() else ""
    return f"<style>{cleaned}</style>" if cleaned and "<" not in cleaned else ""


def _without_comment_marks(css: str) -> str:
    return css.replace("<!--", "").replace("-->", "")


def _wrapped(markup: str, body: dict[str, str], attributes: "_Attributes") -> str:
    kept: dict[str, str] = {name: body[name] for name in BODY_ATTRIBUTES if name in body}
    kept["class"] = f"{PREFIX}body {kept.get('class', '')}".strip()
    # What a `div` has no attributes for.
    if background := absolute(body.get("background", "")):
        kept["style"] = f"background-image:url({background});{kept.get('style', '')}"
    if _COLOUR.match(body.get("text", "")):
        kept["style"] = f"color:{body['text']};{kept.get('style', '')}"
    return f"<div{attributes.wrap(kept)}>{markup}</div>"


@dataclass(slots=True)
class _Attributes:
    """What the tags of one message may say; nh3 drops once more what is not on its lists."""

    references: References
    style_room: int
    """Characters of `style` attributes still to be read; CSS costs more than any other part of a message."""
    known: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    """Attributes as written, by tag and by how they stood: most of a newsletter's repeat."""
    images: dict[tuple[tuple[str, str], ...], tuple[bool, str]] = field(default_factory=dict)
    """By the attributes of an image but its address: whether nobody would see it, and those as written."""

    def write(self, tag: str, pairs: Pairs) -> str:
        """The attributes to keep, each after a space; of two by one name the tree builder takes the first."""
        if tag == "img":
            return self._image(pairs)
        # `target` stands first in a link because nh3 would add it anywhere.
        return (' target="_blank"' if tag == "a" else "") + self._written(tag, pairs)

    def _written(self, tag: str, pairs: Iterable[tuple[str, str]]) -> str:
        known = self.known.setdefault(tag, {})
        kept: list[str] = []
        for pair in pairs:
            text = known.get(pair)
            if text is None:
                text = known[pair] = self._attribute(tag, pair[0].lower(), value(pair[1]))
            kept.append(text)
        return "".join(kept)

    def wrap(self, values: dict[str, str]) -> str:
        """The attributes to keep of the `div` that stands for `body`."""
        return "".join(self._attribute("div", name, value) for name, value in values.items())

    def _attribute(self, tag: str, name: str, value: str) -> str:
        if name not in _ATTRIBUTES.get(tag, _EVERYWHERE):
            return ""
        if tag == "a" and name in ("href", "target", "title"):
            return _link_attributes(value) if name == "href" else ""
        cleaned = value if name in _FREE else self._clean(name, value)
        return "" if cleaned is None else f' {name}="{_escaped(cleaned)}"'

    def _clean(self, name: str, value: str) -> str | None:
        """The value to keep, None to drop the attribute."""
        if name == "style":
            return self._style(value)
        if name == "background":
            return self.references.image(value)
        if name in ("class", "id", "headers"):
            return _names(value)
        return value if _PLAIN_VALUE.match(value) else None

    def _style(self, css: str) -> str | None:
        self.style_room -= len(css)
        if self.style_room < 0:
            return None
        return clean_declarations(css, self.references) or None

    def _image(self, pairs: Pairs) -> str:
        """The attributes of an image: those of a newsletter's differ in their addresses only, and share the rest."""
        source = next((raw for name, raw in pairs if name.lower() == "src"), "")
        others = tuple([pair for pair in pairs if pair[0].lower() != "src"])
        known = self.images.get(others)
        is_unseen = known[0] if known else is_pixel(values(others))
        address = self._source(value(source), others, is_unseen)
        if known is None:
            known = self.images[others] = is_unseen, self._written("img", others)
        return f' src="{_escaped(address)}"{known[1]}' if address else known[1]

    def _source(self, source: str, others: Iterable[tuple[str, str]], is_unseen: bool) -> str | None:
        source = source or best_candidate(values(others).get("srcset", ""))
        return self.references.image(source, is_pixel=is_unseen)


def _link_attributes(value: str) -> str:
    """Where a link leads stands in its title too."""
    address = _escaped(_link(value) or "")
    return f' href="{address}" title="{address}"' if address else ""


def _link(value: str) -> str | None:
    address = _CONTROLS.sub("", value).strip()
    if not _LINK.match(address):
        return None
    # Browsers read a backslash as a slash: the host would not be the one that stands here.
    return address.replace("\\", "/") if address[:4].lower() == "http" else address


def _escaped(value: str) -> str:
    return entities.escape(value) if _SPECIAL.search(value) else value


def _names(value: str) -> str | None:
    names = [prefixed(name) for name in value.split()[:50] if _NAME.match(name)]
    return " ".join(names) or None
