"""What goes on the wire and what came of it: the envelope, the message's line ends, one outcome per recipient."""

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

UNSENDABLE = re.compile(r"[\x00-\x20\x7f-\x9f<>\ud800-\udfff]")
SLICE_OCTETS = 65_536
LF = 0x0A


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message and who it goes to (RFC 5321, 2.3.1).

    `reverse_path` may be empty (a bounce); `octets` are the message as stored. `envelope_id`, where it is given, comes
    back in what a server that knows DSN reports about the message later (RFC 3461, 4.4). Raises ValueError for a path
    that could end its command early or start another: controls, spaces, angle brackets, lone surrogates.
    """

    reverse_path: str
    recipients: tuple[str, ...]
    octets: bytes
    envelope_id: str = ""

    def __post_init__(self) -> None:
        if not self.recipients:
            raise ValueError("A message needs at least one recipient.")
        for path in self.paths:
            if UNSENDABLE.search(path):
                raise ValueError(f"{path!r} is not an address that can be sent to.")
        if "" in self.recipients:
            raise ValueError("A recipient's address is empty.")

    @property
    def paths(self) -> tuple[str, ...]:
        """Reverse path and recipients: everything that becomes part of a command."""
        return (self.reverse_path, *self.recipients)


class Status(enum.StrEnum):
    """What a recipient's copy came to. Uncertain: the server may have it, so it is never resent unasked."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One recipient's status with the server's reply; `code` is 0 when no server gave one."""

    recipient: str
    status: Status
    code: int
    reply: str


def xtext(text: str) -> str:
    """Return ASCII text as RFC 3461, 4 writes it in a parameter: what is not plain there becomes +HH."""
    return "".join(char if "!" <= char <= "~" and char not in "+=" else f"+{ord(char):02X}" for char in text)


def header_of(octets: bytes) -> bytes:
    """Return what stands above the first empty line of a message whose lines end in CRLF."""
    end = octets.find(b"\r\n\r\n")
    return octets if end < 0 else octets[:end]


def canonical(octets: bytes) -> bytes:
    """Return the message with every bare CR or LF made CRLF, ending in CRLF.

    A bare line end before a dot is what SMTP smuggling is made of: servers disagree on whether it ends the data
    (RFC 5321, 2.3.8 and 4.1.1.4). Octets that are canonical already are returned as they are, without a copy.
    """
    pairs = octets.count(b"\r\n")
    if pairs != octets.count(b"\n") or pairs != octets.count(b"\r"):
        octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    return octets if octets.endswith(b"\r\n") else octets + b"\r\n"


def stuffed(octets: bytes) -> Iterator[bytes]:
    """Yield canonical octets in slices with a dot before every line that begins with one, and the final dot.

    RFC 5321, 4.5.2. A slice at a time, so that a large message is never held twice.
    """
    for start in range(0, len(octets), SLICE_OCTETS):
        piece = octets[start : start + SLICE_OCTETS].replace(b"\n.", b"\n..")
        is_at_line_start = start == 0 or octets[start - 1] == LF
        dot = b"." if is_at_line_start and piece.startswith(b".") else b""
        is_last = start + SLICE_OCTETS >= len(octets)
        yield b"%b%b%b" % (dot, piece, b".\r\n" if is_last else b"")
