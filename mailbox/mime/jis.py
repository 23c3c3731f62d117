"""ISO-2022-JP and its relatives (RFC 1468, 1554, 2237), with what the standard codecs refuse."""

import re
from collections.abc import Callable

from mailbox.mime.octets import decode_or_utf8

# What an escape switches to (the ISO registry of sets): one octet a character, or two.
_ESCAPE = re.compile(rb"(\x1b\$\([DOPQ]|(?:\x1b&@)?\x1b\$\(?[@B]|\x1b\([BJIH]|\x1b\.[AF])")
_STANDARD_CODECS = ("iso2022_jp_ext", "iso2022_jp_2", "iso2022_jp_2004")
# A text of a megabyte has fewer; what comes after them is read by a codec that is quicker and knows less.
_MOST_ESCAPES = 200_000
_SHIFT_OUT = re.compile(rb"\x0e([^\x0f\n]*)\x0f?")

_HIGH = bytes(octet | 0x80 if 0x20 < octet < 0x80 else octet for octet in range(256))
_HIGH_KANA = bytes(octet | 0x80 if 0x20 < octet < 0x60 else octet for octet in range(256))


def has_jis_escapes(octets: bytes) -> bool:
    """Whether the text switches to a Japanese set, whatever its label says."""
    return b"\x1b$B" in octets or b"\x1b$@" in octets or b"\x1b(I" in octets


def decode_jis(octets: bytes) -> str:
    """The text, with vendor characters and half-width kana; U+FFFD where nothing could be read."""
    for codec in _STANDARD_CODECS:
        try:
            text = octets.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\x0e" not in text:
            return text
    return _decode_runs(octets)


def _decode_runs(octets: bytes) -> str:
    first, *rest = _ESCAPE.split(octets, _MOST_ESCAPES)
    rest, left = rest[: 2 * _MOST_ESCAPES - 2], rest[2 * _MOST_ESCAPES - 2 :]
    text = [_decode_single(first)]
    # A set ends with its line (RFC 1468), also where the closing escape was lost.
    for escape, run in zip(rest[::2], rest[1::2], strict=True):
        if escape in _SETS:
            text.append(_by_line(run, _SETS[escape]))
        elif b"$" in escape:
            text.append(_by_line(run, _decode_0208))
        elif escape == b"\x1b(I":
            text.append(_decode_kana(run))
        else:
            text.append(_decode_single(run))
    text.append(b"".join(left).decode(_STANDARD_CODECS[0], "replace"))
    return "".join(text)


def _decode_kana(run: bytes) -> str:
    return run.translate(_HIGH_KANA).decode("cp932", "replace")


def _decode_single(run: bytes) -> str:
    if b"\x0e" in run:
        # Kana between Shift Out and Shift In (JIS X 0202), as code page 50222 has them.
        run = _SHIFT_OUT.sub(lambda kana: kana[1].translate(_HIGH_KANA), run)
    return run.decode("ascii") if run.isascii() else decode_or_utf8(run, "cp932")


def _by_line(run: bytes, decode: Callable[[bytes], str]) -> str:
    first, line_end, rest = run.partition(b"\n")
    text = decode(first.rstrip(b"\r"))
    if not line_end:
        return text
    return text + ("\r\n" if first.endswith(b"\r") else "\n") + _decode_single(rest)


def _decode_0208(run: bytes) -> str:
    if not run.isascii():
        return decode_or_utf8(run, "cp932")
    try:
        return run.translate(_HIGH).decode("euc_jp")
    except UnicodeDecodeError:
        return _shift(run).decode("cp932", "replace")


def _decode_0213(run: bytes) -> str:
    return run.translate(_HIGH).decode("euc_jis_2004", "replace")


def _decode_second_plane(run: bytes, codec: str) -> str:
    pairs = [run[at : at + 2].translate(_HIGH) for at in range(0, len(run), 2)]
    return b"".join(b"\x8f" + pair for pair in pairs).decode(codec, "replace")


_SETS: dict[bytes, Callable[[bytes], str]] = {
    b"\x1b$(D": lambda run: _decode_second_plane(run, "euc_jp"),
    b"\x1b$(O": _decode_0213,
    b"\x1b$(Q": _decode_0213,
    b"\x1b$(P": lambda run: _decode_second_plane(run, "euc_jis_2004"),
}


def _shift(run: bytes) -> bytes:
    """JIS X 0208 code points as Shift_JIS, row by row, so that code page 932 can read the vendor rows too."""
    shifted = bytearray()
    for at in range(0, len(run) - 1, 2):
        row, cell = run[at], run[at + 1]
        shifted.append(((row + 1) >> 1) + (0x70 if row < 0x5F else 0xB0))
        if row % 2:
            shifted.append(cell + (0x20 if cell > 0x5F else 0x1F))
        else:
            shifted.append((cell + 0x7E) & 0xFF)
    return bytes(shifted)
