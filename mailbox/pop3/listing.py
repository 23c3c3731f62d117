"""The answers to LIST and UIDL, read as leniently as servers write them."""

from .errors import Garbled
from .values import Listed
from .wire import number

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127)}


def join_listing(sizes: bytes, uidls: bytes, *, limit: int) -> list[Listed]:
    """Join both bodies by message number, in the order of LIST. Raises Garbled for over `limit` messages."""
    octets = _read_sizes(sizes)
    if len(octets) > limit:
        raise Garbled(f"The maildrop lists over {limit} messages")
    ids = _read_uidls(uidls)
    return [Listed(message, size, ids.get(message, "")) for message, size in octets.items()]


def _read_sizes(body: bytes) -> dict[int, int]:
    return dict(_read_size(line) for line in body.split(b"\r\n") if line.strip())


def _read_size(line: bytes) -> tuple[int, int]:
    """A scan listing: number, octets, and whatever a server adds (RFC 1939, 5). A size that is none counts as 0."""
    words = line.split(maxsplit=2)
    octets = number(words[1]) if len(words) > 1 else 0
    return _message_number(words[0]), octets or 0


def _read_uidls(body: bytes) -> dict[int, str]:
    return dict(_read_uidl(line) for line in body.split(b"\r\n") if line.strip())


def _read_uidl(line: bytes) -> tuple[int, str]:
    """A unique-id listing (RFC 1939, 7). Ids of any length and of any octets occur; blanks around them are not theirs.

    Control characters are written out, since databases refuse some of them.
    """
    words = line.split(maxsplit=1)
    uidl = words[1].rstrip().decode("latin-1") if len(words) > 1 else ""
    return _message_number(words[0]), uidl if uidl.isprintable() else uidl.translate(_CONTROLS)


def _message_number(word: bytes) -> int:
    found = number(word)
    if not found:
        raise Garbled("The listing has a line without a message number")
    return found
