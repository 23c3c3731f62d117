"""Plain text as blocks of lines and links for display.

No HTML is built here: spans are text, and the template escapes them.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal
from urllib.parse import urlsplit

from mailbox.mime.tabular import is_tabular

Kind = Literal["text", "quote", "signature"]

_QUOTE = re.compile(r"(?:>[ ]?)+")
_SIGNATURE = re.compile(r"^(?:-- ?|__+)$")
# ASCII only (RFC 3986): Japanese text follows an address without a space.
_LINK = re.compile(r"(?<![A-Za-z0-9])(?:https?://|mailto:|www\.)[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%|-]+", re.I | re.A)
_CLOSING = ".,;:!?'*_~|"
_BRACKETS = {")": "(", "]": "["}
_DEEPEST = 20
# Characters that turn the direction of what follows, and could show one address as another.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text, and where it leads if it is a link."""

    text: str
    href: str | None = None

    @property
    def host(self) -> str:
        """The host of a link that names something else before it, as in `https://bank.test@evil.test/`; else ""."""
        if not self.href or "@" not in self.href or self.href[:4].lower() != "http":
            return ""
        try:
            parts = urlsplit(self.href)
            return parts.hostname or "" if "@" in parts.netloc else ""
        except ValueError:
            return ""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one kind; `depth` counts quote marks, 0 outside quotes."""

    kind: Kind
    depth: int
    lines: tuple[tuple[Span, ...], ...]
    is_fixed: bool = False
    """Whether its columns are aligned by spaces, and fall apart in letters of different widths."""

    @property
    def text(self) -> str:
        """The lines as they were written, quote marks removed."""
        return "\n".join("".join(span.text for span in line) for line in self.lines)


def blocks(text: str) -> list[Block]:
    """`text` cut where the quote depth changes, the signature begins, or columns stand; linear in its length.

    Characters that turn the direction of text are left out.
    """
    if not text.isascii():
        text = _TURNING.sub("", text)
    found = [
        Block(kind, depth, tuple([spans(line) for line in lines]), is_fixed)
        for (kind, depth), run in groupby(_classified(text), key=lambda each: each[:2])
        for is_fixed, lines in _runs([line for _, _, line in run])
    ]
    return [block for block in found if any(block.lines)]


def _runs(lines: list[str]) -> Iterator[tuple[bool, list[str]]]:
    """Neighbouring paragraphs with columns, or without them."""
    paragraphs = [list(run) for _, run in groupby(lines, key=lambda line: not line.strip())]
    marked = [(is_tabular(paragraph), paragraph) for paragraph in paragraphs]
    for is_fixed, run in groupby(marked, key=lambda each: each[0]):
        yield is_fixed, [line for _, paragraph in run for line in paragraph]


def spans(line: str) -> tuple[Span, ...]:
    """One line as text and links; an empty line has none."""
    if not line:
        return ()
    if "://" not in line and ":" not in line and "." not in line:
        return (Span(line),)
    return tuple(_spans(line))


def _spans(line: str) -> Iterator[Span]:
    end = 0
    for found in _LINK.finditer(line):
        link = _trim(found[0])
        if link.lower() in ("http://", "https://", "mailto:", "www") or _is_cut(line, found.end(), link):
            continue
        if found.start() > end:
            yield Span(line[end : found.start()])
        yield Span(link, "https://" + link if link[:4].lower() == "www." else link)
        end = found.start() + len(link)
    if end < len(line):
        yield Span(line[end:])


def _is_cut(line: str, end: int, link: str) -> bool:
    """Whether the host goes on in foreign letters, so that the link would lead to another; Japanese text may follow."""
    following = line[end : end + 1]
    is_foreign = following.isalpha() and unicodedata.east_asian_width(following) not in "WF"
    return is_foreign and "/" not in link.partition("://")[2]


def _trim(link: str) -> str:
    """Without the sentence's punctuation; a closing bracket stays when the link itself opened it."""
    surplus = {close: link.count(close) - link.count(opening) for close, opening in _BRACKETS.items()}
    end = len(link)
    while end:
        last = link[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _CLOSING:
            break
        end -= 1
    return link[:end]


def _classified(text: str) -> Iterator[tuple[Kind, int, str]]:
    in_signature = False
    for line in text.replace("\r\n", "\n").split("\n"):
        first = line[:1]
        if first == ">":
            in_signature = False
            yield "quote", *_unquote(line)
            continue
        in_signature = in_signature or (first in ("-", "_") and _SIGNATURE.match(line) is not None)
        yield ("signature" if in_signature else "text"), 0, line


def _unquote(line: str) -> tuple[int, str]:
    marks = _QUOTE.match(line)
    assert marks
    return min(marks[0].count(">"), _DEEPEST), line[marks.end() :]
