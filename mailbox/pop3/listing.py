"""The answers to LIST and UIDL, read as leniently as servers write them."""

import re
from itertools import repeat

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
    return list(map(Listed, octets, octets.values(), map(ids.get, octets, repeat(""))))


def _read_sizes(body: bytes) -> dict[int, int]:
    if (lines := _plain_lines(_SIZE_LINE, body)) is not None:
        return {int(message): int(octets) for message, octets in lines}
    return dict(_read_size(line) for line in body.split(b"\r\n") if line.strip())


# As the RFC has them; the numbers are short enough for every database.
_SIZE_LINE = re.compile(r"^([1-9][0-9]{0,8}) ([0-9]{1,15})\r$", re.M)
_UIDL_LINE = re.compile(r"^([1-9][0-9]{0,8}) ([!-~]+)\r$", re.M)


def _plain_lines(plain: re.Pattern[str], body: bytes) -> list[tuple[str, str]] | None:
    """Return the words of all lines, found in one go, or None where a line is unlike `plain`.

    A hundred thousand lines are read in a third of the time.
    """
    lines: list[tuple[str, str]] = plain.findall(body.decode("latin-1"))
    return lines if len(lines) == body.count(b"\n") else None


def _read_size(line: bytes) -> tuple[int, int]:
    """A scan listing: number, octets, and whatever a server adds (RFC 1939, 5). A size that is none counts as 0."""
    words = line.split(maxsplit=2)
    octets = number(words[1]) if len(words) > 1 else 0
    return _message_number(words[0]), octets or 0


def _read_uidls(body: bytes) -> dict[int, str]:
    if (lines := _plain_lines(_UIDL_LINE, body)) is not None:
        return {int(message): uidl for message, uidl in lines}
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
