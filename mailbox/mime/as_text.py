"""HTML that a person wrote, as the plain text that goes beside it and reads as well.

Reads what `outbound.clean` made: balanced, bounded, without scripts or sheets. Lists get `- ` and `1. `, quotations
`> `, links their address behind their words, images their description.
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

_SPACES = re.compile(r"[ \t\r\n\f]+")
_NO_LETTERS = re.compile("[\u200b\ufeff]+")
_SET_APART = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr", "table", "dl"))
_BLOCKS = _SET_APART | frozenset(
    (
        *("address", "article", "aside", "blockquote", "center", "dd", "details", "div", "dt", "figcaption", "figure"),
        *("footer", "header", "li", "main", "nav", "ol", "section", "summary", "tbody", "tfoot", "thead", "tr", "ul"),
    )
)
_RULE = "-" * 30
_SIGNATURE_MARK = "-- "


def as_text(html: str) -> str:
    """The text of `html` with LF line ends and one at the end; "" where nothing is to be read."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return writer.text()


@dataclass(slots=True)
class _Quote:
    """A quotation: its mark stands before every line."""


@dataclass(slots=True)
class _Item:
    """An item of a list: its mark stands before the first line, and as much room before the others."""

    mark: str
    is_written: bool = False


@dataclass(slots=True)
class _List:
    """Numbers its items from `next_number` on; 0 for a list without numbers."""

    next_number: int = 0

    def mark(self) -> str:
        if not self.next_number:
            return "- "
        self.next_number += 1
        return f"{self.next_number - 1}. "


class _Writer(HTMLParser):
    """Writes line by line what the parser comes across."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.around: list[_Quote | _Item] = []
        self.lists: list[_List] = []
        self.links: list[tuple[str, str]] = []
        self.fixed_depth = 0
        self.needs_gap = False
        self.is_fresh = True
        """Whether nothing stands yet in the innermost quotation."""

    def text(self) -> str:
        """What was written, without empty lines at the end."""
        self._end_line()
        while self.lines and not self.lines[-1].strip("> "):
            self.lines.pop()
        return "".join(f"{line}\n" for line in self.lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self._end_line()
            self.needs_gap = self.needs_gap or tag in _SET_APART
        match tag:
            case "br":
                self._write_line()
            case "img" if found.get("alt", "").strip():
                self._add(f"[{found['alt'].strip()}]")
            case "a":
                self.links.append((found.get("href", ""), self.line))
            case "td" | "th" if self.line:
                self.line += "  "
            case "hr":
                self.line = _RULE
                self._end_line()
                self.needs_gap = True
            case "pre":
                self.fixed_depth += 1
            case _:
                self._open(tag, found)

    def _open(self, tag: str, found: dict[str, str]) -> None:
        if tag == "blockquote":
            self.around.append(_Quote())
            self.is_fresh = True
        elif tag in ("ol", "ul"):
            start = found.get("start", "")
            first = int(start) if start.isdecimal() and len(start) < 7 else 1
            self.lists.append(_List(first if tag == "ol" else 0))
        elif tag == "li":
            self.around.append(_Item(self.lists[-1].mark() if self.lists else "- "))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            self._end_link(*self.links.pop())
        if tag not in _BLOCKS:
            return
        self._end_line()
        self.needs_gap = self.needs_gap or tag in _SET_APART
        if tag == "pre":
            self.fixed_depth = max(0, self.fixed_depth - 1)
        elif tag in ("ol", "ul") and self.lists:
            self.lists.pop()
        elif tag == "li":
            self._leave(_Item)
        elif tag == "blockquote":
            self._leave(_Quote)
            self.needs_gap = True

    def _leave(self, kind: type[_Quote | _Item]) -> None:
        if self.around and isinstance(self.around[-1], kind):
            left = self.around[-1]
            if isinstance(left, _Item) and not left.is_written:
                self._write_line()
            self.around.pop()

    def handle_data(self, data: str) -> None:
        text = _NO_LETTERS.sub("", data)
        if self.fixed_depth:
            *whole, rest = text.split("\n")
            for line in whole:
                self.line += line
                self._write_line()
            self.line += rest
        else:
            self._add(_SPACES.sub(" ", text))

    def _add(self, text: str) -> None:
        self.line += text.lstrip(" ") if not self.line or self.line.endswith(" ") else text

    def _end_link(self, address: str, before: str) -> None:
        """Write the address behind the words of a link, unless they are the address."""
        words = self.line.removeprefix(before).strip()
        shown = address.removeprefix("mailto:")
        if shown and shown.rstrip("/") not in (words, f"http://{words}", f"https://{words}") and shown != words:
            self.line = f"{self.line.rstrip(' ')}{' ' if words else ''}<{shown}>"

    def _end_line(self) -> None:
        if self.line.strip(" "):
            self._write_line()
        self.line = ""

    def _write_line(self) -> None:
        """Write the line, even if it is empty, behind the marks of all that it stands in."""
        text = self.line.replace("\u00a0", " ").rstrip()
        text = _SIGNATURE_MARK if text == _SIGNATURE_MARK.rstrip() else text
        if self.needs_gap and text and not self.is_fresh and self.lines[-1].strip("> "):
            self.lines.append(self._marks(is_gap=True).rstrip())
        self.needs_gap = self.needs_gap and not text
        self.is_fresh = self.is_fresh and not text
        line = self._marks() + text
        self.lines.append(line if text == _SIGNATURE_MARK else line.rstrip())
        self.line = ""

    def _marks(self, *, is_gap: bool = False) -> str:
        """The marks before a line; those of items count as written from then on, but for an empty line between."""
        marks = ""
        for each in self.around:
            if isinstance(each, _Quote):
                marks = f"{marks[:-1]}> " if marks.endswith("> ") else f"{marks}> "
            else:
                marks += " " * len(each.mark) if each.is_written or is_gap else each.mark
                each.is_written = each.is_written or not is_gap
        return marks
