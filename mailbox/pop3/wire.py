"""Octets of a POP3 connection: reply lines, multi-line replies, dot-stuffing. No input or output happens here."""

import re
from typing import BinaryIO

from .errors import Garbled

END = b"\r\n.\r\n"
_NUMBER_OCTETS = 19
_HELD_BACK = len(END) - 1
_PIECE_OCTETS = 2**16
_COMMAND_BREAKERS = re.compile("[\r\n\0\ud800-\udfff]")


def stuff(octets: bytes) -> bytes:
    """Make a message a multi-line reply's body, end line included (RFC 1939, 3).

    A message that does not end in CRLF gets one; only CRLF ends a line, so a dot after a bare LF stays as it is.
    """
    if not octets:
        return b".\r\n"
    stuffed = octets.replace(b"\r\n.", b"\r\n..")
    first = b"." if stuffed.startswith(b".") else b""
    end = b".\r\n" if stuffed.endswith(b"\r\n") else END
    return b"".join((first, stuffed, end))


def unstuff(body: bytes) -> bytes:
    """Undo `stuff` for a body without its end line: any first dot of a line goes (RFC 1939, 3)."""
    plain = body.replace(b"\r\n.", b"\r\n")
    return plain[1:] if plain.startswith(b".") else plain


def top_lines(octets: bytes, lines: int) -> bytes:
    """The header, the empty line and the first `lines` lines of the body (TOP, RFC 1939, 7)."""
    end = 2 if octets.startswith(b"\r\n") else octets.find(b"\r\n\r\n") + 4
    if end < 4 and not octets.startswith(b"\r\n"):
        return octets
    for _ in range(lines):
        line_end = octets.find(b"\r\n", end)
        if line_end < 0:
            return octets
        end = line_end + 2
    return octets[:end]


def command(*words: str) -> bytes:
    """One command line. Raises ValueError where CR, LF or NUL would smuggle in another command.

    Also for what is no text; the error never holds the words, since one may be a password.
    """
    line = " ".join(words)
    if _COMMAND_BREAKERS.search(line):
        raise ValueError("A POP3 command cannot hold a line break, NUL or half a character")
    return line.encode() + b"\r\n"


def number(word: bytes) -> int | None:
    """A count as servers write it. int() would take signs and underscores, and raise for thousands of digits."""
    return int(word) if word.isdigit() and len(word) < _NUMBER_OCTETS else None


class ReceiveBuffer:
    """A buffer of fixed size between a socket and the replies read from it.

    The owner receives into `room()`, says how much came with `received()`, and takes lines and bodies out.
    """

    def __init__(self, capacity: int) -> None:
        self._octets = bytearray(capacity)
        self._view = memoryview(self._octets)
        self._start = 0
        self._end = 0
        self._scanned = 0

    def __len__(self) -> int:
        return self._end - self._start

    @property
    def is_full(self) -> bool:
        return len(self) == len(self._octets)

    def room(self) -> memoryview:
        """Where the next octets go; never empty unless the buffer is full."""
        if self._start == self._end:
            self._start = self._end = self._scanned = 0
        elif self._start and self._end > len(self._octets) // 2:
            self._move_to_front()
        return self._view[self._end :]

    def received(self, count: int) -> None:
        self._end += count

    def line(self, limit: int) -> bytes | None:
        """The next line without its CRLF, or None until it is complete. Raises Garbled when it exceeds the limit."""
        end = self._octets.find(b"\r\n", self._start, min(self._end, self._start + limit))
        if end < 0:
            if len(self) >= limit:
                raise Garbled(f"A reply line has over {limit} octets")
            return None
        return self._take(end, skip=2)

    def body(self) -> bytes | None:
        """The body of a multi-line reply with dots unstuffed, or None while its end line is missing.

        Only CRLF.CRLF ends it: a line with a dot after a bare LF is content, or a message could forge replies.
        """
        if self._octets.startswith(b".\r\n", self._start, self._end):
            return self._take(self._start, skip=3)
        end = self._find_end()
        return None if end < 0 else unstuff(self._take(end + 2, skip=3))

    def drain_body(self, into: "LongBody") -> bool:
        """Move what surely is body out of the buffer; True once the end line was reached."""
        end = self._find_end()
        if end >= 0:
            self._move_into(into, end + 2, skip=3)
            return True
        if len(self) > _HELD_BACK:
            self._move_into(into, self._end - _HELD_BACK)
        return False

    def _move_into(self, body: "LongBody", end: int, *, skip: int = 0) -> None:
        for start in range(self._start, end, _PIECE_OCTETS):
            body.add(self._view[start : min(start + _PIECE_OCTETS, end)].tobytes())
        self._start = self._scanned = end + skip

    def _find_end(self) -> int:
        # What was looked through is not looked through again, or a long message would cost quadratic time.
        end = self._octets.find(END, max(self._start, self._scanned), self._end)
        self._scanned = max(self._start, self._end - _HELD_BACK)
        return end

    def _take(self, end: int, *, skip: int = 0) -> bytes:
        taken = self._view[self._start : end].tobytes()
        self._start = self._scanned = end + skip
        return taken

    def _move_to_front(self) -> None:
        length = len(self)
        self._view[:length] = self._view[self._start : self._end]
        self._scanned = max(0, self._scanned - self._start)
        self._start, self._end = 0, length


class LongBody:
    """A body that outgrew the receive buffer, unstuffed into a file as it comes.

    Its first `limit` octets are kept; what exceeds them is only counted.
    """

    def __init__(self, limit: int, kept: BinaryIO) -> None:
        self.octet_count = 0
        self._limit = limit
        self._kept = kept
        self._before = b"\r\n"

    @property
    def is_over_limit(self) -> bool:
        return self.octet_count > self._limit

    def add(self, raw: bytes) -> None:
        """Take the next octets, cut anywhere."""
        joined = self._before + raw
        self._before = joined[-2:]
        piece = joined.replace(b"\r\n.", b"\r\n")[2:]
        if (room := self._limit - self.octet_count) > 0:
            self._kept.write(piece[:room])
        self.octet_count += len(piece)
