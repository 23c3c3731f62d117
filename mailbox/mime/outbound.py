"""HTML that is going to leave: harmless as what comes in is, and free of what only a reader of it here needs.

`sanitize` decides what may stand in it. Then the marks that it leaves for our own reading room go, sheets and class
names with them, and nothing is loaded from elsewhere: images travel with the message, named by Content-ID (RFC 2392).
"""

import html as entities
import re
from collections.abc import Callable, Mapping

import nh3

from mailbox.mime.allowed import ATTRIBUTES, SCHEMES, TAGS
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
_DESCRIPTION = re.compile(r' alt="([^"]*)"')
_QUOTE, _DRESSED_QUOTE = (
    '<blockquote type="cite">',
    '<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:2px solid #ccc;padding-left:1ex">',
)


def clean(html: str, images: Mapping[str, str]) -> str:
    """`html` as it may be kept and sent; cleaning the result again changes nothing.

    `images` maps content ids to the addresses on this site under which the editor shows them: an image with one of
    these becomes `cid:`. Images from elsewhere go.
    """
    ids = {address: content_id for content_id, address in images.items()}
    return _filtered(sanitize(html, images=images).html, lambda source: _by_id(source, ids), _CLASSES)


def quotable(html: str, images: Mapping[str, str]) -> str:
    """`html` of a message that came in, to be quoted: as `clean`, with its own images at their `images` addresses."""
    own = frozenset(images.values())
    found = sanitize(html, images=images).html
    # Its signature is none of ours, to be changed with the sender.
    return _filtered(found, lambda source: source if _stays(source, own) else None, frozenset({ATTRIBUTION_CLASS}))


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


def _filtered(html: str, source: Callable[[str], str | None], classes: frozenset[str]) -> str:
    def keep(tag: str, name: str, value: str) -> str | None:
        if name == "src":
            return source(value)
        if tag == "a" and name == "title":
            return None
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


def _by_id(source: str, ids: Mapping[str, str]) -> str | None:
    content_id = ids.get(source)
    return f"cid:{content_id}" if content_id else source if _stays(source) else None


def _stays(source: str, own: frozenset[str] = frozenset()) -> bool:
    return source in own or source.startswith("data:")


def _kept(value: str, classes: frozenset[str]) -> str | None:
    names = [name.removeprefix(PREFIX) for name in value.split()]
    return " ".join(name for name in names if name in classes) or None
