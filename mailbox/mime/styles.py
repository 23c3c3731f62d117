"""CSS of strangers: declarations from an allow-list, nothing that loads, covers or escapes.

Plain declarations take a fast path by one regular expression; the rest goes through tinycss2, and only tokens that
are known to be harmless are written back.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tinycss2

from mailbox.mime.allowed import FUNCTIONS, IMAGE_PROPERTIES, PROPERTIES, PSEUDOS
from mailbox.mime.remote import References

PREFIX = "m-"
"""Stands before every class name and id of a message, so that none can meet one of the application's."""

_BODY = frozenset(("body", "html"))
_WORD = r"-?[A-Za-z_][\w-]*"
_NUMBER = r"[+-]?[0-9]*\.?[0-9]+(?:%|[A-Za-z]{1,4})?"
_COLOUR = r"#[0-9A-Fa-f]{3,8}|(?:rgb|hsl)a?\([0-9., %]{1,40}\)"
_VALUE = rf"(?:{_COLOUR}|{_WORD}|{_NUMBER}|'[\w .-]*'|\"[\w .-]*\"|,|!important)"
_DECLARATION = re.compile(rf"\s*({_WORD})\s*:\s*({_VALUE}(?:\s*+{_VALUE})*+)\s*(?:;|\Z)")
# A backslash may spell out `url` in escapes.
_MAY_LOAD = re.compile(r"url|\\", re.I)
_FAST_PATH_LIMIT = 4_000
_DEEPEST = 6


def clean_declarations(css: str, references: References | None = None) -> str:
    """The allowed declarations of a `style` attribute; "" when none is left.

    An image's `url()` becomes what `references` gives for it, else `none`.
    """
    if len(css) > _FAST_PATH_LIMIT or _MAY_LOAD.search(css):
        return _clean_slowly(css, references)
    return _clean_short(css)


@lru_cache(maxsize=4_096)
def _clean_short(css: str) -> str:
    kept: list[str] = []
    at = 0
    stripped = css.rstrip("; \t\r\n")
    while at < len(stripped):
        found = _DECLARATION.match(stripped, at)
        if not found:
            return _clean_slowly(css, None)
        at = found.end()
        name = found[1].lower()
        if name in PROPERTIES:
            kept.append(f"{name}:{' '.join(found[2].split())}")
    return ";".join(kept)


def _clean_slowly(css: str, references: References | None) -> str:
    nodes = tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True)
    return ";".join(_declarations(nodes, references))


def _declarations(nodes: Iterable[Any], references: References | None) -> Iterator[str]:
    for node in nodes:
        if node.type != "declaration" or node.lower_name not in PROPERTIES:
            continue
        tokens = node.value
        if node.lower_name in IMAGE_PROPERTIES:
            tokens = [_image(token, references) for token in tokens]
        value = _value(tokens)
        if value:
            yield f"{node.lower_name}:{value}{' !important' if node.important else ''}"


def _image(token: Any, references: References | None) -> Any:
    """The image that `token` may load, `none` in place of one that it may not, any other token as it is."""
    address = _address(token)
    if address is None:
        return token
    allowed = references.image(address) if references else None
    return Allowed(f"url({allowed})" if allowed else "none")


def _address(token: Any) -> str | None:
    if token.type == "url":
        return str(token.value)
    if token.type == "function" and token.lower_name == "url" and token.arguments:
        return str(token.arguments[0].value) if token.arguments[0].type == "string" else ""
    return None


def _value(tokens: list[Any], depth: int = 0) -> str:
    """The tokens written back, "" if any of them is not known to be harmless."""
    pieces = [_piece(token, depth) for token in tokens if token.type != "comment"]
    if any(piece is None for piece in pieces):
        return ""
    return "".join(piece or "" for piece in pieces).strip()


@dataclass(frozen=True, slots=True)
class Allowed:
    """A piece of a value that was made here, and so needs no check."""

    text: str
    type: str = "allowed"


def _piece(token: Any, depth: int) -> str | None:
    match token.type:
        case "allowed":
            return str(token.text)
        case "whitespace":
            return " "
        case "ident":
            return token.value if re.fullmatch(_WORD, token.value) else None
        case "number" | "percentage" | "dimension":
            return _number(token)
        case "hash":
            return f"#{token.value}" if re.fullmatch("[0-9A-Fa-f]{3,8}", token.value) else None
        case "string":
            return f"'{token.value}'" if re.fullmatch(r"[^\W_][\w .-]*", token.value) else None
        case "literal":
            return token.value if token.value in (",", "/", "*", "+", "-") else None
        case "function" if depth < _DEEPEST and token.lower_name in FUNCTIONS:
            inside = _value(token.arguments, depth + 1)
            return f"{token.lower_name}({inside})" if inside else None
        case _:
            return None


def _number(token: Any) -> str | None:
    text = token.serialize()
    return text if re.fullmatch(r"[+-]?[0-9]*\.?[0-9]+(?:e[+-]?[0-9]{1,3})?(?:%|[A-Za-z]{1,4})?", text) else None


@dataclass(slots=True)
class _Sheet:
    """Rules of one sheet; `room` bounds what is written, because one rule may name hundreds of selectors."""

    room: int
    references: References | None = None

    def rules(self, nodes: Iterable[Any], depth: int) -> Iterator[str]:
        for node in nodes:
            rule = self._rule(node, depth)
            self.room -= len(rule)
            if self.room < 0:
                return
            if rule:
                yield rule

    def _rule(self, node: Any, depth: int) -> str:
        if node.type == "qualified-rule":
            return self._qualified(node)
        if node.type == "at-rule" and node.lower_at_keyword == "media" and node.content and depth < 2:
            return self._media(node, depth)
        if node.type == "at-rule" and node.lower_at_keyword in ("import", "font-face") and self.references:
            self._note_loads([*node.prelude, *(node.content or ())], self.references)
        return ""

    def _note_loads(self, tokens: list[Any], references: References) -> None:
        for token in tokens:
            address = token.value if token.type == "string" else _address(token)
            references.style(address or "")

    def _qualified(self, node: Any) -> str:
        selectors = [clean for each in _split(node.prelude) if (clean := _selector(each))]
        if not selectors:
            return ""
        content = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
        declarations = ";".join(_declarations(content, self.references))
        return f"{','.join(selectors)}{{{declarations}}}" if declarations else ""

    def _media(self, node: Any, depth: int) -> str:
        query = _media_query(node.prelude)
        nodes = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
        rules = "".join(self.rules(nodes, depth + 1))
        return f"@media {query}{{{rules}}}" if query and rules else ""


def clean_sheet(css: str, references: References | None = None, *, limit: int = 400_000) -> str:
    """The allowed rules of a style sheet, class names and ids prefixed, `body` meaning the message's own wrapper.

    Images as in `clean_declarations`; imports and fonts are dropped, and remembered by `references`.
    """
    nodes = tinycss2.parse_stylesheet(css[:limit], skip_comments=True, skip_whitespace=True)
    return "".join(_Sheet(limit, references).rules(nodes, 0))


def _split(tokens: list[Any]) -> Iterator[list[Any]]:
    current: list[Any] = []
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            yield current
            current = []
        else:
            current.append(token)
    yield current


def _selector(tokens: list[Any], depth: int = 0) -> str:
    """One selector written back, "" if it holds anything unknown; attribute selectors can spell out secrets."""
    pieces: list[str] = []
    before = ""
    for token in tokens:
        piece = _selector_piece(token, before, depth)
        if piece is None:
            return ""
        pieces.append(piece)
        before = piece if token.type == "literal" else ""
    return "".join(pieces).strip()


def _selector_piece(token: Any, before: str, depth: int) -> str | None:
    match token.type:
        case "comment":
            return ""
        case "whitespace":
            return " "
        case "ident" if re.fullmatch(r"-?[\w-]+", token.value):
            return _name(token.value, before)
        case "hash" if re.fullmatch(r"[\w-]+", token.value):
            return "#" + prefixed(token.value)
        case "literal" if token.value in (".", ":", ">", "+", "~", "*"):
            return str(token.value)
        case "function" if before == ":" and token.lower_name in PSEUDOS and depth < 2:
            return _pseudo_function(token, depth)
        case _:
            return None


def _name(name: str, before: str) -> str | None:
    if before == ".":
        return prefixed(name)
    if before == ":":
        return name.lower() if name.lower() in PSEUDOS else None
    return f".{PREFIX}body" if name.lower() in _BODY else name


def _pseudo_function(token: Any, depth: int) -> str | None:
    if token.lower_name == "not":
        inside = _selector(token.arguments, depth + 1)
    else:
        inside = tinycss2.serialize(token.arguments).strip()
        inside = inside if re.fullmatch(r"[0-9n +-]{1,12}|odd|even", inside) else ""
    return f"{token.lower_name}({inside})" if inside else None


def _media_query(tokens: list[Any]) -> str:
    query = " ".join(tinycss2.serialize([token for token in tokens if token.type != "comment"]).split())
    return query if re.fullmatch(r"[\w\s():,.<>=/-]{1,300}", query) and "<" not in query else ""


def prefixed(name: str) -> str:
    """A class name or id under the messages' own prefix, once."""
    return name if name.startswith(PREFIX) else PREFIX + name
