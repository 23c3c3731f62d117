"""Content-Transfer-Encoding (RFC 2045, 6), decoded as far as it can be."""

import binascii
import re
from collections.abc import Callable

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_PADDING_INSIDE = re.compile(rb"=+(?=[A-Za-z0-9+/])")
_STEP = 64 * 1024
_LONGEST_PADDING = 8
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*\r?\n", re.M)


def decode_octets(octets: bytes, encoding: str) -> bytes:
    """The octets that were meant; an unknown encoding is none, damage costs only what it hit."""
    decoder = _DECODERS.get(encoding)
    return decoder(octets) if decoder else octets


def decoded_count(octets: bytes, start: int, end: int, *, encoding: str) -> int:
    """How many octets `octets[start:end]` hold once decoded; base64 is counted, not decoded."""
    if encoding != "base64":
        return len(decode_octets(octets[start:end], encoding)) if encoding in _DECODERS else end - start
    digits_count, tail = 0, b""
    for at in range(start, end, _STEP):
        digits = octets[at : min(at + _STEP, end)].translate(None, b"\r\n \t")
        digits_count += len(digits)
        tail = (tail + digits)[-_LONGEST_PADDING:]
    return max(0, digits_count * 3 // 4 - tail.count(b"="))


def _decode_base64(octets: bytes) -> bytes:
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        pass
    digits = _PADDING_INSIDE.sub(b"", _NOT_BASE64.sub(b"", octets)).rstrip(b"=")
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def _decode_quoted_printable(octets: bytes) -> bytes:
    return binascii.a2b_qp(octets)


def _decode_uu(octets: bytes) -> bytes:
    begin = _UU_BEGIN.search(octets)
    decoded = bytearray()
    for line in octets[begin.end() if begin else 0 :].splitlines():
        if line.strip() == b"end":
            break
        decoded += _decode_uu_line(line)
    return bytes(decoded)


def _decode_uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Encoders that pad wrongly: the first character says how much of the line counts.
        count = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
    try:
        return binascii.a2b_uu(line[:count])
    except binascii.Error:
        return b""


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": _decode_base64,
    "quoted-printable": _decode_quoted_printable,
    "x-uuencode": _decode_uu,
    "x-uue": _decode_uu,
    "uuencode": _decode_uu,
}
