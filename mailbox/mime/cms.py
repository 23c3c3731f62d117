"""The content of S/MIME messages that are signed as one block (CMS, RFC 5652, 5): read, but not verified.

Only the way to the content is understood, in DER and in BER with its lengths left open, as streaming signers write it.
"""

from collections.abc import Iterator

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_OID, _OCTETS, _OCTETS_IN_PIECES, _SEQUENCE, _EXPLICIT = 0x06, 0x04, 0x24, 0x30, 0xA0
_CONSTRUCTED = 0x20
_DEPTH = 12
_PIECES = 100_000
_LOOKED_AT = 64 * 1024  # octets in front of the content; only version and algorithms stand there


class _Broken(Exception):
    """These octets are no BER."""


def is_signed_data(head: bytes) -> bool:
    """Whether the beginning of a CMS object says that it is signed rather than encrypted."""
    return _SIGNED_DATA in head[:32]


def signed_content(octets: bytes) -> bytes:
    """The content that was signed; empty where there is none or the octets are something else."""
    try:
        return _signed_content(octets)
    except _Broken:
        return b""


def _signed_content(octets: bytes) -> bytes:
    # ContentInfo { oid, [0] { SignedData { version, algorithms, EncapsulatedContentInfo { oid, [0] octets } } } }
    if not is_signed_data(octets):
        return b""
    signed = _enter(octets, 0, (_SEQUENCE, _EXPLICIT, _SEQUENCE))
    content = _enter(octets, signed, (_SEQUENCE, _EXPLICIT))
    tag, start, _ = _head(octets, content)
    if tag == _OCTETS:
        return octets[start : _end(octets, content, 0)]
    return b"".join(_pieces(octets, content)) if tag == _OCTETS_IN_PIECES else b""


def _enter(octets: bytes, at: int, tags: tuple[int, ...]) -> int:
    """Where the content of the last of nested elements begins, passing over the elements before each."""
    for tag in tags:
        for _ in range(8):
            found, start, _ = _head(octets, at)
            if found == tag:
                break
            at = _end(octets, at, 0)
        else:
            raise _Broken
        at = start
    return at


def _pieces(octets: bytes, at: int) -> Iterator[bytes]:
    _, start, length = _head(octets, at)
    end = len(octets) if length is None else start + length
    for _ in range(_PIECES):
        if start >= end:
            return
        tag, begin, size = _head(octets, start)
        if tag != _OCTETS or size is None:
            return
        yield octets[begin : begin + size]
        start = begin + size


def _head(octets: bytes, at: int) -> tuple[int, int, int | None]:
    """Tag, where the content starts, and its length; None where the length is open."""
    if at + 2 > len(octets):
        raise _Broken
    tag, length = octets[at], octets[at + 1]
    if length < 0x80:
        return tag, at + 2, length
    if length == 0x80:
        return tag, at + 2, None
    count = length & 0x7F
    if count > 4 or at + 2 + count > len(octets):
        raise _Broken
    return tag, at + 2 + count, int.from_bytes(octets[at + 2 : at + 2 + count], "big")


def _end(octets: bytes, at: int, depth: int) -> int:
    """Where the element at `at` ends; an open one ends behind two NUL octets."""
    tag, start, length = _head(octets, at)
    if length is not None:
        return start + length
    if depth > _DEPTH or not tag & _CONSTRUCTED:
        raise _Broken
    while octets[start : start + 2] != b"\0\0":
        if start > _LOOKED_AT:
            raise _Broken
        start = _end(octets, start, depth + 1)
    return start + 2
