"""The bodies of a message as its framed document shows them: harmless HTML, or text that is still to be escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from django.core.cache import caches
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mailbox import documents
from mailbox.documents import Clean, Outline, clean
from mailbox.mime.paper import Paper, has_dark_rules, in_scheme
from mailbox.mime.parse import Parsed
from mailbox.mime.places import Places, message_at
from mailbox.mime.plain import Block, blocks
from mailbox.mime.quotes import fold
from mailbox.mime.remote import Remote, RemoteReference
from mailbox.models import Message
from mailbox.pieces import opened

# Types that a browser shows without running anything (threat 17); the rest is only downloaded.
INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"})
# Of one message; a longer one is read again.
_KEPT_CHARACTERS = 1_000_000
_PLAIN = Outline()


@dataclass(frozen=True)
class Section:
    """HTML, or blocks of text; and what the page around it has to know."""

    html: str = ""
    blocks: Sequence[Block] = ()
    outline: Outline = _PLAIN

    @property
    def has_dark_rules(self) -> bool:
        return has_dark_rules(self.html)

    def in_scheme(self, scheme: str) -> Self:
        """Return the section as its sender wants it in the "dark" or the "light"."""
        return replace(self, html=in_scheme(self.html, scheme))


def sections(
    message: Message, parsed: Parsed | None = None, *, places: Places = (), remote: Remote | None = None
) -> Sequence[Section]:
    """Return the bodies of `message`, or of the one inside it at `places`, in order, for a document of its own.

    `remote` gives images from elsewhere their addresses on this site, the same for each reader; without it they are
    blocked. The page that frames the bodies and the frame itself both ask, so they are kept for a while.
    """
    # A message keeps its key when its rest arrives, but not its octets.
    of = (message.key, message.original_id, ".".join(map(str, places)), get_language(), "images" if remote else "")
    key = ":".join(map(str, of))
    found: tuple[Section, ...] | None = caches["documents"].get(key)
    if found is None:
        ready = None if places or remote else documents.made(message)
        if ready:
            # To read them again is cheaper than to keep them.
            return tuple(_framed(each) for each in ready)
        found = tuple(_sections(message, parsed, places, remote))
        if sum(len(each.html) for each in found) <= _KEPT_CHARACTERS:
            caches["documents"].set(key, found)
    return found


def outlines(message: Message, parsed: Parsed) -> list[Outline]:
    """Return what the page around the bodies of `message` has to know of them, with nothing loaded."""
    ready = documents.outlines(message)
    return [each.outline for each in sections(message, parsed)] if ready is None else ready


def remote_in(outlines: Sequence[Outline]) -> tuple[RemoteReference, ...]:
    """Return what the bodies would load from elsewhere, each address once."""
    return tuple({each.address: each for outline in outlines for each in outline.remote}.values())


def paper_of_all(outlines: Sequence[Outline]) -> Paper:
    """Return the paper that suits every body: white if one of them needs it."""
    papers = {each.paper for each in outlines}
    return next((paper for paper in (Paper.WHITE, Paper.INKED) if paper in papers), Paper.OURS)


def _sections(message: Message, parsed: Parsed | None, places: Places, remote: Remote | None) -> list[Section]:
    parsed = parsed or message_at(opened(message), places)
    if parsed is None:
        return []
    images = _images(message, parsed, places)
    return [_section(body.text(), body.media_type, images, remote) for body in parsed.bodies]


def _section(text: str, media_type: str, images: Mapping[str, str], remote: Remote | None) -> Section:
    if media_type != "text/html":
        return Section(blocks=blocks(text))
    return _framed(clean(text, images, remote))


def _framed(body: Clean) -> Section:
    """Return the section for a body that is harmless already, its quotations folded in the reader's language."""
    return Section(fold(body.html, body.history, _("Show the quoted text")), (), body.outline)


def _images(message: Message, parsed: Parsed, places: Places = ()) -> dict[str, str]:
    """Return the address on this site of every image that the message brings along, by its content id."""
    return {
        part.content_id: reverse("part", args=[message.key, (*places, part.index)]) + "?inline"
        for part in parsed.parts
        if part.content_id and part.media_type in INLINE_TYPES
    }
