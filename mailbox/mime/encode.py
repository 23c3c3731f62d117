"""Values as the octets of header fields and bodies (RFC 2045, 2047, 2231, 5322)."""

import binascii
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from mailbox.mime.flowed import flow

_WIDTH = 78
_LONGEST_LINE = 998
_LONGEST_WORD = 75  # RFC 2047, 2
_WORD_OVERHEAD = len("=?utf-8?B??=")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*\Z")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_PLAIN_WORD = re.compile(r"[!-~]+\Z")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def unstructured(name: str, value: str) -> str:
    """A field of free text, folded; what is not plain ASCII becomes encoded words."""
    if value.isascii() and value.isprintable() and "=?" not in value:
        words = value.split(" ")
        if all(len(word) < _LONGEST_LINE // 2 for word in words) and "" not in words[1:-1]:
            return _fold(f"{name}:", words)
    return _fold(f"{name}:", encoded_words(value))


def address_list(name: str, mailboxes: Sequence[tuple[str, str]]) -> str:
    """An address field of (name, address) pairs."""
    words: list[str] = []
    for at, (display, address) in enumerate(mailboxes):
        phrase = _phrase(display)
        comma = "," if at < len(mailboxes) - 1 else ""
        words += [*phrase, f"<{address}>{comma}"] if phrase else [address + comma]
    return _fold(f"{name}:", words)


def fold_ids(name: str, ids: Sequence[str]) -> str:
    """A field of message ids."""
    return _fold(f"{name}:", [f"<{each}>" for each in ids])


def parameters(head: str, name: str, value: str) -> str:
    """`head; name=value`, as a quoted string or in the pieces of RFC 2231 when that cannot hold it."""
    if value.isascii() and value.isprintable() and len(value) < _WIDTH - len(name) - 6:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{head};\r\n {name}="{escaped}"'
    pieces = _cut_percent("utf-8''" + quote(value, safe=""), _WIDTH - len(name) - 8)
    if len(pieces) == 1:
        return f"{head};\r\n {name}*={pieces[0]}"
    return ";\r\n ".join([head, *(f"{name}*{number}*={piece}" for number, piece in enumerate(pieces))])


def _cut_percent(text: str, width: int) -> list[str]:
    pieces: list[str] = []
    while len(text) > width:
        cut = width - 2 if text[width - 2] == "%" else width - 1 if text[width - 1] == "%" else width
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def _phrase(display: str) -> list[str]:
    if not display:
        return []
    if display.isascii() and display.isprintable() and "=?" not in display and len(display) < _LONGEST_LINE // 2:
        if _ATOM.match(display) and "  " not in display:
            return display.split(" ")
        escaped = display.replace("\\", "\\\\").replace('"', '\\"')
        return [f'"{escaped}"']
    return encoded_words(display)


def _fold(head: str, words: Sequence[str]) -> str:
    """Words joined by one space each, a line end in front of the space where 78 characters would be passed."""
    lines = [head]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > _WIDTH and lines[-1].strip() and lines[-1] != head:
            lines.append("")
        lines[-1] += " " + word
    return "\r\n".join(lines)


def encoded_words(text: str) -> list[str]:
    """`text` as encoded words of at most 75 characters that never cut a character (RFC 2047, 5)."""
    octets = text.encode("utf-8")
    is_mostly_ascii = sum(octet in _Q_SAFE or octet == 0x20 for octet in octets) * 2 > len(octets)
    make, room = (_q_word, _q_length) if is_mostly_ascii else (_b_word, _b_length)
    # The field name leaves less room on the first line: words somewhat shorter than allowed fit everywhere.
    limit = _LONGEST_WORD - _WORD_OVERHEAD - 12
    words: list[str] = []
    chunk = b""
    for letter in text:
        grown = chunk + letter.encode("utf-8")
        if chunk and room(grown) > limit:
            words.append(make(chunk))
            grown = letter.encode("utf-8")
        chunk = grown
    return [*words, make(chunk)] if chunk or not words else words


def _b_length(octets: bytes) -> int:
    return (len(octets) + 2) // 3 * 4


def _q_length(octets: bytes) -> int:
    return sum(1 if octet in _Q_SAFE or octet == 0x20 else 3 for octet in octets)


def _b_word(octets: bytes) -> str:
    return f"=?utf-8?B?{binascii.b2a_base64(octets, newline=False).decode('ascii')}?="


def _q_word(octets: bytes) -> str:
    letters = ("_" if octet == 0x20 else chr(octet) if octet in _Q_SAFE else f"={octet:02X}" for octet in octets)
    return f"=?utf-8?Q?{''.join(letters)}?="


def body(media_type: str, content: str) -> bytes:
    """The fields that say what the text is and how it is encoded, an empty line and the encoded text.

    It stays as it is when it is short lines of ASCII, else it becomes quoted-printable or, where that would be longer,
    base64. Long paragraphs of plain text become flowed lines where they can.
    """
    text = _LINE_ENDS.sub("\n", content.replace("\x00", ""))
    flowed = flow(text) if media_type == "text/plain" else None
    octets = (flowed or text).replace("\n", "\r\n").encode("utf-8", "replace")
    if octets and not octets.endswith(b"\r\n"):
        octets += b"\r\n"
    charset = "us-ascii" if octets.isascii() else "utf-8"
    encoding, encoded = encoded_text(octets, is_flowed=flowed is not None)
    form = "; format=flowed" if flowed else ""
    fields = [f"Content-Type: {media_type}; charset={charset}{form}", f"Content-Transfer-Encoding: {encoding}", "", ""]
    return "\r\n".join(fields).encode("ascii") + encoded


def encoded_text(octets: bytes, *, is_flowed: bool = False) -> tuple[str, bytes]:
    """The transfer encoding that suits lines of text ending in CRLF, and the text in it."""
    if octets.isascii() and _is_plain(octets, is_flowed):
        return "7bit", octets
    high = sum(octets.count(octet) for octet in set(octets) if octet > 0x7E)
    if high * 6 > len(octets):
        return "base64", base64_lines(octets)
    return "quoted-printable", b"".join(_quoted_printable(octets))


def _is_plain(octets: bytes, is_flowed: bool) -> bool:
    """Whether every hop leaves the lines alone: short ones, no `From ` at a start, no space at an end.

    A hop that takes the space at the end of a flowed line takes the flow and no word (RFC 3676, 4.2).
    """
    lines = octets.split(b"\r\n")
    return all(len(line) <= _WIDTH and not line.startswith(b"From ") and _ends_plain(line, is_flowed) for line in lines)


def _ends_plain(line: bytes, is_flowed: bool) -> bool:
    ends = b"\t" if is_flowed else (b" ", b"\t")
    return not line.endswith(ends) and not line.translate(None, _PRINTABLE)


_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t"


# Octets that make whole lines.
_STEP = 57 * 1024


def base64_lines(octets: bytes) -> bytes:
    """Lines of 76 characters, each ended by CRLF."""
    chunks = (_base64_chunk(octets[at : at + _STEP]) for at in range(0, len(octets), _STEP))
    return b"".join(chunks)


def base64_pieces(slices: Iterable[bytes]) -> Iterator[bytes]:
    """The octets of all slices in lines of 76 characters; none is held longer than that takes."""
    carried = b""
    for each in slices:
        for at in range(0, len(each), _STEP):
            carried += each[at : at + _STEP]
            whole = len(carried) // 57 * 57
            yield _base64_chunk(carried[:whole])
            carried = carried[whole:]
    yield _base64_chunk(carried)


def _base64_chunk(octets: bytes) -> bytes:
    digits = binascii.b2a_base64(octets, newline=False)
    return b"".join(digits[at : at + 76] + b"\r\n" for at in range(0, len(digits), 76))


_QP = [f"={octet:02X}".encode() for octet in range(256)]
for _octet in (*range(0x20, 0x3D), *range(0x3E, 0x7F), 0x09):
    _QP[_octet] = bytes((_octet,))


def _quoted_printable(octets: bytes) -> Iterator[bytes]:
    """RFC 2045, 6.7; soft line breaks never cut an escape, and no line begins with `From ` or is a lone dot."""
    for line in octets.removesuffix(b"\r\n").split(b"\r\n"):
        yield from _quoted_line(line)


def _quoted_line(line: bytes) -> Iterator[bytes]:
    pieces = [_QP[octet] for octet in line]
    if line.startswith((b"From ", b".")):
        pieces[0] = b"=%02X" % line[0]
    if line.endswith((b" ", b"\t")):
        pieces[-1] = b"=%02X" % line[-1]
    width = 0
    current: list[bytes] = []
    for piece in pieces:
        if width + len(piece) > 75:
            yield b"".join(current) + b"=\r\n"
            width, current = 0, []
        current.append(piece)
        width += len(piece)
    yield b"".join(current) + b"\r\n"


def boundary() -> str:
    """A boundary of 120 random bits, which nothing holds that was written before it."""
    return f"=_{secrets.token_hex(15)}"
