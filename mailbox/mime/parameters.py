"""Content-Type and Content-Disposition: the value and its parameters (RFC 2045, 5.1; RFC 2231; RFC 2183)."""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from mailbox.mime.charset import decode_text
from mailbox.mime.words import clean, decode, raw

_PARAMETER = re.compile(r';\s*+([^\s=;"]++)\s*+=\s*+("(?:[^"\\]|\\.)*+"|[^;]*+)', re.S)
_ESCAPED = re.compile(r'\\(["\\])')
_MANY = 200
_REPEATED = 120  # octets; a longer value is seldom seen twice


def read_parameters(value: bytes | str, charset: str = "") -> tuple[str, dict[str, str]]:
    """The value in lower case and its parameters by lower-case name; names are decoded, whichever way was used.

    `charset` is what raw text beyond ASCII is probably in.
    """
    if not value:
        return "", {}
    if len(value) > _REPEATED:
        return _read(value, charset)
    lead, parameters = _read_short(value, charset)
    return lead, dict(parameters)


def _read(value: bytes | str, charset: str) -> tuple[str, dict[str, str]]:
    text = raw(value, charset)
    head, semicolon, _ = text.partition(";")
    lead = head.partition("(")[0].strip().lower()
    if not semicolon:
        return lead, {}
    found: dict[str, str] = {}
    for name, quoted in _PARAMETER.findall(text)[:_MANY]:
        found.setdefault(name.lower(), _unquote(quoted))
    if any("*" in name for name in found):
        _join_continuations(found)
    return lead, {name: decode(text) for name, text in found.items()}


# Most parts say the same in the same words, and are asked several times.
_read_short = lru_cache(maxsize=1_024)(_read)


def _unquote(text: str) -> str:
    text = text.strip()
    if text[:1] != '"':
        return text
    return _ESCAPED.sub(r"\1", text[1:-1] if len(text) > 1 and text[-1] == '"' else text[1:])


def _join_continuations(found: dict[str, str]) -> None:
    """Replace `name*`, `name*0`, `name*1*`, ... by one `name` (RFC 2231, 3 and 4); it wins over a plain one."""
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for key in [key for key in found if "*" in key]:
        name, _, rest = key.partition("*")
        number = rest.rstrip("*")
        if number.isdecimal() or not number:
            is_encoded = key.endswith("*")
            pieces.setdefault(name, {})[int(number[:6] or 0)] = (found.pop(key), is_encoded)
    for name, numbered in pieces.items():
        found[name] = _join([numbered[number] for number in sorted(numbered)])


def _join(pieces: list[tuple[str, bool]]) -> str:
    charset, octets = "", b""
    for at, (text, is_encoded) in enumerate(pieces):
        if at == 0 and is_encoded and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets += unquote_to_bytes(text) if is_encoded else text.encode("utf-8", "replace")
    return clean(decode_text(octets, charset))
