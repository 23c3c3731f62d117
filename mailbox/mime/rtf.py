"""The text of compressed RTF (MS-OXRTFCP, MS-OXRTFEX), the body of a message that only Outlook was meant to read."""

import re
import struct
from dataclasses import dataclass, field

from mailbox.mime.charset import decode_text

_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_RING = 4096
_TOKEN = re.compile(
    r"\\(?:(?P<word>[a-z]{1,32})(?P<number>-?\d{1,10})? ?|'(?P<octet>[0-9a-fA-F]{2})|(?P<symbol>[^a-z]))"
    r"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)",
    re.S,
)
_LETTERS = {"par": "\n", "line": "\n", "tab": "\t", "cell": " ", "row": "\n", "emdash": "—", "endash": "–"}
_LETTERS |= {"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•"}
_SYMBOLS = {"~": "\u00a0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\n": "\n", "\r": "\n"}
_NO_TEXT = frozenset({"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer"})


def decompress(octets: bytes, *, limit: int) -> bytes:
    """The RTF, at most `limit` octets of it; empty for octets that are none."""
    if len(octets) < 16:
        return b""
    _, size, kind, _ = struct.unpack_from("<II4sI", octets)
    if kind == _PLAIN:
        return octets[16 : 16 + min(size, limit)]
    return _inflate(octets, min(size, limit)) if kind == _COMPRESSED else b""


def _inflate(octets: bytes, size: int) -> bytes:
    out = bytearray(_DICTIONARY)
    upto = len(_DICTIONARY) + size
    at = 16
    while at < len(octets) and len(out) < upto:
        control = octets[at]
        at += 1
        for bit in range(8):
            if at >= len(octets):
                break
            if not control >> bit & 1:
                out.append(octets[at])
                at += 1
                continue
            pointer = int.from_bytes(octets[at : at + 2], "big")
            at += 2
            if pointer >> 4 == len(out) % _RING:  # points at itself: the end
                return bytes(out[len(_DICTIONARY) : upto])
            _repeat(out, pointer >> 4, (pointer & 0xF) + 2)
    return bytes(out[len(_DICTIONARY) : upto])


def _repeat(out: bytearray, offset: int, count: int) -> None:
    """Append what stands in the ring at `offset`, which may overlap what is being written."""
    begin = len(out) - ((len(out) - offset) % _RING or _RING)
    for at in range(begin, begin + count):
        out.append(out[at] if at >= 0 else 0x20)


def rtf_text(octets: bytes) -> str:
    """The plain text of RTF, without fonts, pictures, and the markup of HTML that was wrapped in it."""
    reader = _Reader()
    for token in _TOKEN.finditer(octets.decode("latin-1")):
        reader.read(token)
    return reader.text().strip()


@dataclass(slots=True)
class _Reader:
    shown: list[str] = field(default_factory=list)
    pending: bytearray = field(default_factory=bytearray)
    charset: str = "cp1252"
    skip: int = 0  # characters that stand in for the one before, for readers without Unicode
    hidden: list[bool] = field(default_factory=lambda: [False])  # by the depth of braces
    in_markup: bool = False

    def text(self) -> str:
        self._flush()
        return "".join(self.shown)

    def read(self, token: re.Match[str]) -> None:
        if token["octet"]:
            self._add_octets(bytes.fromhex(token["octet"]))
        elif token["text"]:
            self._add_octets(token["text"].encode("latin-1"))
        elif token["brace"]:
            self._nest(token["brace"])
        elif token["word"]:
            self._command(token["word"], token["number"])
        elif token["symbol"] == "*":
            self.hidden[-1] = True
        elif token["symbol"]:
            self._add(_SYMBOLS.get(token["symbol"], ""))

    def _nest(self, brace: str) -> None:
        if brace == "{" and len(self.hidden) < 1_000:
            self.hidden.append(self.hidden[-1])
        elif brace == "}" and len(self.hidden) > 1:
            self.hidden.pop()

    def _command(self, word: str, number: str | None) -> None:
        if word == "htmlrtf":
            self.in_markup = number != "0"
        elif word in _NO_TEXT:
            self.hidden[-1] = True
        elif word == "ansicpg":
            self.charset = f"cp{number}"
        elif word == "u" and number:
            self._add(chr(int(number) % 0x10000))
            self.skip = 1
        elif word in _LETTERS:
            self._add(_LETTERS[word])

    def _add(self, text: str) -> None:
        if not self.hidden[-1] and not self.in_markup:
            self._flush()
            self.shown.append(text)

    def _add_octets(self, octets: bytes) -> None:
        if not self.hidden[-1] and not self.in_markup:
            self.pending += octets[self.skip :]
        self.skip = 0

    def _flush(self) -> None:
        if self.pending:
            self.shown.append(decode_text(bytes(self.pending), self.charset))
            self.pending.clear()
