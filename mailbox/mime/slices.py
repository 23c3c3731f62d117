"""A part's octets in slices: what is sent to a slow reader for minutes must not lie decoded in memory meanwhile."""

import binascii
from collections.abc import Iterator

from mailbox.mime.part import Part
from mailbox.mime.transfer_encoding import decode_octets

SLICE_OCTETS = 64 * 1024
_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NO_DIGITS = bytes(octet for octet in range(256) if octet not in _DIGITS)
_PLAIN = frozenset({"", "7bit", "8bit", "binary"})


def slices(part: Part, size: int = SLICE_OCTETS) -> Iterator[bytes]:
    """Yield `part.content()` in pieces of about `size` octets, decoding each when it is asked for.

    Where an encoding is damaged, or is none of those that can be cut, the rest comes in one piece.
    """
    if part.encoding == "base64":
        return _base64(part, size)
    if part.encoding == "quoted-printable":
        return _quoted_printable(part, size)
    return _plain(part, size) if part.encoding in _PLAIN else iter((part.content(),))


def _plain(part: Part, size: int) -> Iterator[bytes]:
    for at in range(part.start, part.end, size):
        yield part.message[at : min(at + size, part.end)]


def _base64(part: Part, size: int) -> Iterator[bytes]:
    carried = b""
    for at in range(part.start, part.end, size):
        digits = carried + part.message[at : min(at + size, part.end)].translate(None, _NO_DIGITS)
        if b"=" in digits:
            # The end, as a rule: padding elsewhere is damage, which is judged by all that follows.
            yield decode_octets(carried + part.message[at : part.end], "base64")
            return
        whole = len(digits) // 4 * 4
        yield binascii.a2b_base64(digits[:whole])
        carried = digits[whole:]
    if carried:
        yield decode_octets(carried, "base64")


def _quoted_printable(part: Part, size: int) -> Iterator[bytes]:
    # Only line ends can be cut at: what stands before one decides what it means (RFC 2045, 6.7).
    at = part.start
    while at < part.end:
        line_end = part.message.find(b"\n", min(at + size, part.end), part.end)
        upto = part.end if line_end < 0 else line_end + 1
        yield decode_octets(part.message[at:upto], "quoted-printable")
        at = upto
