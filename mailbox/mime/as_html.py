"""Plain text as the HTML that an editor goes on with: lines, quotations, the signature, links."""

import html as entities
import re

from mailbox.mime.plain import spans

_QUOTE = re.compile(r"(?:>[ ]?)+")
_RUN_OF_SPACES = re.compile(r"^ | (?= )")
_DEEPEST = 20
SIGNATURE_CLASS = "signature"
EMPTY_LINE = "<div><br></div>"


def as_html(text: str) -> str:
    """`text` with each line in a `div`, lines behind `>` in a `blockquote`, and the signature in a `div` of its own."""
    writer = _Writer()
    for line in text.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        writer.write(line)
    return writer.html()


class _Writer:
    """Opens and closes what the lines stand in."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.depth = 0
        self.in_signature = False

    def write(self, line: str) -> None:
        marks = _QUOTE.match(line)
        self._stand_in(min(marks[0].count(">"), _DEEPEST) if marks else 0)
        content = line[marks.end() :] if marks else line
        if not content.strip():
            self._end_signature()
        if content == "-- " and not self.depth and not self.in_signature:
            self.in_signature = True
            self.pieces.append(f'<div class="{SIGNATURE_CLASS}">')
        self.pieces.append(line_html(content))

    def _stand_in(self, depth: int) -> None:
        if depth != self.depth:
            self._end_signature()
        self.pieces.append('<blockquote type="cite">' * (depth - self.depth) + "</blockquote>" * (self.depth - depth))
        self.depth = depth

    def _end_signature(self) -> None:
        if self.in_signature:
            self.pieces.append("</div>")
            self.in_signature = False

    def html(self) -> str:
        self._stand_in(0)
        self._end_signature()
        return "".join(self.pieces)


def line_html(line: str) -> str:
    """One line of text as a `div`; its spaces stay as they are."""
    if not line.strip():
        return EMPTY_LINE
    return f"<div>{''.join(_span(span.text, span.href) for span in spans(line))}</div>"


def _span(text: str, href: str | None) -> str:
    shown = _RUN_OF_SPACES.sub("\u00a0", entities.escape(text, quote=False))
    return f'<a href="{entities.escape(href)}">{shown}</a>' if href else shown
