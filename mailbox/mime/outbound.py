"""HTML that is going to leave: harmless as what comes in is, and free of what only a reader of it here needs.

`sanitize` decides what may stand in it, `as_seen` makes its words simple. Then the marks for our own reading room go,
sheets and class names with them. Its own images travel with the message, named by Content-ID (RFC 2392); of others the
address stays, but that of a tracker. Whoever shows this HTML here must not load them.
"""

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import nh3

from mailbox.mime.allowed import ATTRIBUTES, SCHEMES, TAGS
from mailbox.mime.as_seen import as_seen
from mailbox.mime.as_text import as_text
from mailbox.mime.parse import Parsed
from mailbox.mime.sanitize import sanitize
from mailbox.mime.styles import PREFIX

ATTRIBUTION_CLASS = "moz-cite-prefix"
"""By which other programs know the line above a quotation, and fold it away together with that."""
_CLASSES = frozenset({ATTRIBUTION_CLASS, "signature"})
_LEFT_OUT = frozenset({"id", "role", "headers", "background"})
_ATTRIBUTES = {tag: set(names) for tag, names in ATTRIBUTES.items()} | {
    "a": {"href"},
    "*": set(ATTRIBUTES["*"]) - _LEFT_OUT,
}
_EMPTY_IMAGE = re.compile(r'<img(?: (?!src=)[a-z]+="[^"]*")*>')
_PLACE = "/elsewhere/"
_PLACE_IN_STYLE = re.compile(rf"url\(({_PLACE}[0-9]+)\)")
_DESCRIPTION = re.compile(r' alt="([^"]*)"')
_QUOTE, _DRESSED_QUOTE = (
    '<blockquote type="cite">',
    '<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:2px solid #ccc;padding-left:1ex">',
)


def clean(html: str, images: Mapping[str, str]) -> str:
    """`html` as it may be kept and sent; cleaning the result again changes nothing.

    `images` maps content ids to the addresses on this site under which the editor shows them: an image with one of
    these becomes `cid:`. Images from elsewhere keep their addresses.
    """
    ids = {address: f"cid:{content_id}" for content_id, address in images.items()}
    elsewhere = _Elsewhere()
    found = as_seen(sanitize(html, images=images, remote=elsewhere).html, is_styled=False)
    return _filtered(found, ids, elsewhere, _CLASSES)


def quotable(html: str, images: Mapping[str, str]) -> str:
    """`html` of a message that came in, to be quoted: as `clean`, with its own images at their `images` addresses.

    It looks as it did without its style sheet, and what was hidden in it is gone.
    """
    own = {address: address for address in images.values()}
    elsewhere = _Elsewhere()
    found = as_seen(sanitize(html, images=images, remote=elsewhere).html)
    # Its signature is none of ours, to be changed with the sender.
    return _filtered(found, own, elsewhere, frozenset({ATTRIBUTION_CLASS}))


def quotable_text(parsed: Parsed) -> str:
    """What was to be read of a message, to be quoted in plain text; of HTML that came without text, what was seen."""
    texts = (
        as_text(quotable(part.text(), {})) if part.media_type == "text/html" else part.text()
        for part in parsed.readable
    )
    return "\n".join(texts)[: parsed.limits.text_characters]


@dataclass(slots=True)
class _Elsewhere:
    """Gives each remote image a place that `sanitize` takes for one of this site, and the image back for that place."""

    addresses: dict[str, str] = field(default_factory=dict)

    def __call__(self, address: str) -> str:
        place = f"{_PLACE}{len(self.addresses)}"
        self.addresses[place] = address
        return place

    def back(self, style: str) -> str:
        """A style with the addresses themselves in it."""
        return _PLACE_IN_STYLE.sub(lambda place: f"url({self.addresses.get(place[1], '')})", style)


def shown(html: str, images: Mapping[str, str]) -> str:
    """Clean `html` for the editor: its images at their addresses on this site."""
    for content_id, address in images.items():
        html = html.replace(f'src="cid:{entities.escape(content_id)}"', f'src="{entities.escape(address)}"')
    return html


def document(html: str) -> str:
    """Clean `html` as the whole document that is sent, its quotations drawn for programs that do not know them."""
    content = html.replace(_QUOTE, _DRESSED_QUOTE)
    head = '<head><meta charset="utf-8"></head>'
    return f"<!DOCTYPE html>\n<html>{head}<body>\n{content}\n</body></html>\n"


def content(html: str) -> str:
    """What `document` was made of; a stranger's document as it is."""
    inside = html.partition("<body>\n")[2].rpartition("\n</body>")[0]
    return inside or html


def _filtered(html: str, images: Mapping[str, str], elsewhere: _Elsewhere, classes: frozenset[str]) -> str:
    """`html` with the images of this site as `images` names them; any other picture is from `elsewhere`, or goes."""

    def keep(tag: str, name: str, value: str) -> str | None:
        if name == "src":
            return images.get(value) or elsewhere.addresses.get(value) or (value if value.startswith("data:") else None)
        if name == "background" or (tag == "a" and name == "title"):
            return None
        if name == "style":
            return elsewhere.back(value)
        return _kept(value, classes) if name == "class" else value

    cleaned = nh3.clean(
        html,
        tags=set(TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        url_schemes={*SCHEMES, "cid"},
        link_rel=None,
    )
    return _EMPTY_IMAGE.sub(_described, cleaned)


def _described(image: re.Match[str]) -> str:
    """What is left of an image that may not be loaded: its description."""
    description = _DESCRIPTION.search(image[0])
    return description[1] if description else ""


def _kept(value: str, classes: frozenset[str]) -> str | None:
    names = [name.removeprefix(PREFIX) for name in value.split()]
    return " ".join(name for name in names if name in classes) or None
