"""What a message would load, address by address: its own images, small pictures in the text, what lies elsewhere.

Nothing here loads anything. Whoever sanitises may name a place on this site for each remote image; without one it is
blocked, and a tracker or a style sheet is blocked whatever the place.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote

from mailbox.mime.trackers import is_known_tracker

Remote = Callable[[str], str | None]
"""An absolute http(s) address of an image to the address on this site that stands for it, None to block it."""

_REMOTE = re.compile(r"(?ai:https?:)?//[^/\\\s]")
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]+\Z", re.I)
_LONGEST_PICTURE = 64 * 1024
_LONGEST_ADDRESS = 8 * 1024
# What may stand in an attribute and, unquoted, in `url()`.
_OWN_ADDRESS = re.compile(r"(?:https?://[\w.:\[\]-]+)?/(?!/)[\w./?=&%:~+,@-]*\Z", re.A)
_CONTROLS = re.compile("[\x00-\x1f]+")
_DESCRIPTOR = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)[wx]\Z")
_UNSAFE = re.compile(r"[\s\"'()<>\\]")


class RemoteKind(StrEnum):
    """What is told apart to the reader; only an image can ever be shown."""

    IMAGE = "image"
    TRACKER = "tracker"
    STYLE = "style"


@dataclass(frozen=True, slots=True)
class RemoteReference:
    """One address elsewhere, absolute, that a message would have loaded."""

    address: str
    kind: RemoteKind


@dataclass(slots=True)
class References:
    """Answers for one message what may be loaded in place of each address, and remembers the remote ones."""

    images: Mapping[str, str]
    """Addresses on this site by content id (RFC 2392), without angle brackets."""
    remote: Remote | None = None
    limit: int = 1_000
    """Remote addresses; more are blocked without being named."""
    found: dict[str, RemoteKind] = field(default_factory=dict)
    loaded: dict[str, str] = field(default_factory=dict)
    own: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.own = frozenset(self.images.values())

    def image(self, value: str, *, is_pixel: bool = False) -> str | None:
        """The address to load in place of `value`, None for nothing; `is_pixel` tells that nobody would see it."""
        address = _CONTROLS.sub("", value).strip()
        if address in self.own:
            return address if _OWN_ADDRESS.match(address) else None
        scheme = address[:5].lower()
        if scheme.startswith("cid:"):
            return self._brought_along(address[4:])
        if scheme == "data:":
            return _picture(address)
        there = absolute(address)
        return self._remote_image(there, is_pixel) if there else None

    def style(self, value: str) -> None:
        """Remember a style sheet or a font: it is never loaded."""
        there = absolute(value)
        if there and self._has_room(there):
            self.found.setdefault(there, RemoteKind.STYLE)

    def named(self) -> tuple[RemoteReference, ...]:
        """Every remote address in the order of its first use."""
        return tuple(RemoteReference(address, kind) for address, kind in self.found.items())

    def _brought_along(self, content_id: str) -> str | None:
        address = self.images.get(unquote(content_id)) or self.images.get(content_id)
        return address if address and _OWN_ADDRESS.match(address) else None

    def _remote_image(self, address: str, is_pixel: bool) -> str | None:
        if not self._has_room(address):
            return None
        if is_pixel or is_known_tracker(address):
            self.found.setdefault(address, RemoteKind.TRACKER)
            return None
        # An address that is an image anywhere is one.
        if self.found.get(address) != RemoteKind.IMAGE:
            self.found[address] = RemoteKind.IMAGE
            here = self.remote(address) if self.remote else None
            if here and _OWN_ADDRESS.match(here):
                self.loaded[address] = here
        return self.loaded.get(address)

    def _has_room(self, address: str) -> bool:
        return address in self.found or len(self.found) < self.limit


def absolute(value: str) -> str | None:
    """The absolute http(s) address that `value` means in a message, None if it means none."""
    address = _CONTROLS.sub("", value).strip()
    if not _REMOTE.match(address) or len(address) > _LONGEST_ADDRESS:
        return None
    whole = "https:" + address if address.startswith("//") else address
    return _UNSAFE.sub(lambda found: "".join(f"%{octet:02X}" for octet in found[0].encode()), whole)


def best_candidate(srcset: str) -> str:
    """The address of the largest image that a `srcset` offers, "" if it offers none."""
    best, size = "", 0.0
    for candidate in srcset.split(", ")[:20]:
        address, _, descriptor = candidate.strip().strip(",").partition(" ")
        number = _DESCRIPTOR.match(descriptor.strip())
        found = float(number[1]) if number else 1.0
        if address and found > size:
            best, size = address, found
    return best


def _picture(address: str) -> str | None:
    if len(address) > _LONGEST_PICTURE:
        return None
    joined = "".join(address.split())
    return joined if _PICTURE.match(joined) else None
