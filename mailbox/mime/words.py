"""Unstructured header text: unfolding, raw 8-bit text and encoded words (RFC 2047)."""

import binascii
import re
from collections.abc import Iterable
from itertools import groupby, islice

from mailbox.mime.charset import decode_text

_FOLD = re.compile(r"[\t\r\n]+ *")
# Control characters, and those that turn the direction of what follows: they could fake names and file endings.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb]+"
)
# The end of the field may stand for the closing `?=`: some mailers cut long subjects anywhere.
_ENCODED_WORD = re.compile(r"=\?([\w.:+'*-]++)\?([bBqQ])\?([^?]*+)(?:\?=|\??\Z)")
_MANY_WORDS = 2_000  # what follows them is left as it is written
_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def decode(value: bytes | str) -> str:
    """The readable text of a field: one line, encoded words decoded, no control or direction characters."""
    if not value:
        return ""
    text = raw(value)
    if "=?" not in text and text.isascii() and text.isprintable():
        return text.strip()
    text = _FOLD.sub(" ", text).strip()
    if "=?" in text:
        text = _decode_words(text)
    return clean(text)


def raw(value: bytes | str, charset: str = "") -> str:
    """Text of a field as it stands, encoded words untouched; RFC 6532 allows UTF-8, practice allows anything.

    `charset` is what the message uses elsewhere: raw text is mostly in the same.
    """
    if isinstance(value, str):
        return value
    if value.isascii() and b"\x1b" not in value and b"\x00" not in value:
        return value.decode("ascii")
    return decode_text(value, charset)


def clean(text: str) -> str:
    """`text` as one line without characters that cannot be seen but change what is."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _UNSEEN.sub("", _FOLD.sub(" ", text)).strip()


def _decode_words(text: str) -> str:
    run: list[tuple[str, str, str]] = []  # neighbouring words as (charset, encoding, encoded text)
    pieces: list[str] = []
    end = 0
    for word in islice(_ENCODED_WORD.finditer(text), _MANY_WORDS):
        between = text[end : word.start()]
        end = word.end()
        if run and not between.strip():
            between = ""  # white space between encoded words is not shown (RFC 2047, 6.2)
        if between:
            pieces += (_decode_run(run), between)
            run = []
        run.append((word[1].partition("*")[0].lower(), word[2].lower(), word[3]))
    return "".join([*pieces, _decode_run(run), text[end:]])


def _decode_run(run: list[tuple[str, str, str]]) -> str:
    """Octets of neighbours in one charset are joined first: mailers cut words inside a character."""
    texts: list[str] = []
    for charset, words in groupby(run, key=lambda word: word[0]):
        octets = b"".join(_octets(encoding, text) for encoding, text in _whole(words))
        texts.append(decode_text(octets, charset))
    return "".join(texts)


def _whole(words: Iterable[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """The words as (encoding, text), those joined that were cut inside four digits of base64."""
    whole: list[tuple[str, str]] = []
    for _, encoding, text in words:
        before = whole[-1][1] if whole and whole[-1][0] == encoding == "b" else ""
        if len(before) % 4 and before[-1] != "=" and (len(before) + len(text)) % 4 == 0:
            whole[-1] = ("b", before + text)
        else:
            whole.append((encoding, text))
    return whole


def _octets(encoding: str, text: str) -> bytes:
    octets = text.encode("utf-8", "replace")
    if encoding == "q":
        octets = octets.replace(b"_", b" ")
        return _Q_ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), octets)
    digits = _NOT_BASE64.sub(b"", octets)
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
