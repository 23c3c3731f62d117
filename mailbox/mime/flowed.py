"""format=flowed (RFC 3676): long paragraphs as short lines, and such lines as the paragraphs that they were."""

import re
import unicodedata
from collections.abc import Iterator

_LONGEST = 78
# With the marks of a quotation and the space at its end; room for another mark when it is quoted again.
_WIDTH = 74
_SIGNATURE = "-- "
# What stands in columns or is indented must not be broken; two spaces after a sentence are a habit of typists.
_ARRANGED = re.compile(r"\t|^ |(?<![.!?:\"')]) {2}| {3}")
_TIGHT_QUOTE = re.compile(r"^>+[^> \n]", re.M)
_WORD = re.compile(r" *[^ ]+ *")


def flow(text: str) -> str | None:
    """`text`, whose lines end in LF, with its long paragraphs as flowed lines, and without spaces at its line ends.

    None where none can be broken, or where the paragraphs would not come back as they are: in scripts that put no
    space between words, in columns, and where a quote mark stands close to its text.
    """
    lines = text.split("\n")
    long = [line for line in lines if len(line) > _LONGEST]
    if not long or any(map(_is_wide, long)) or _TIGHT_QUOTE.search(text):
        return None
    written = [list(_written(line)) for line in lines]
    if max(map(len, written)) == 1:
        return None
    return "\n".join(line for paragraph in written for line in paragraph)


def _is_wide(line: str) -> bool:
    return not line.isascii() and any(unicodedata.east_asian_width(char) in "WF" for char in line)


def _written(line: str) -> Iterator[str]:
    """The lines of one paragraph; all but the last end in the space that says that it goes on."""
    depth = len(line) - len(line.lstrip(">"))
    content = line[depth:].removeprefix(" ") if depth else line
    if content != _SIGNATURE:
        content = content.rstrip(" ")
    for piece in _pieces(content, _WIDTH - depth) if len(line) > _LONGEST else (content,):
        yield _marked(piece, depth)


def _marked(piece: str, depth: int) -> str:
    if depth:
        return f"{'>' * depth} {piece}" if piece else ">" * depth
    # Space-stuffing (RFC 3676, 4.4).
    return f" {piece}" if piece.startswith((" ", ">", "From ")) else piece


def _pieces(content: str, width: int) -> Iterator[str]:
    if _ARRANGED.search(content):
        yield content
        return
    line = ""
    for word in _WORD.findall(content):
        # A line of a lone `-- ` would end the text and begin the signature.
        if line and len(line) + len(word) > width and line != _SIGNATURE:
            yield line
            line = ""
        line += word
    yield line


def unflow(text: str, delsp: bool = False) -> str:
    """format=flowed paragraphs as one line each (RFC 3676, 4.1-4.5), their quote marks kept in front.

    `delsp` removes the space that marks a flowed line: for scripts that put none between words.
    """
    return "\n".join(_unflowed(text, delsp))


def _unflowed(text: str, delsp: bool) -> Iterator[str]:
    paragraph: list[str] = []
    paragraph_depth = 0
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        is_signature = content == _SIGNATURE
        if paragraph and (depth != paragraph_depth or is_signature):
            yield _quoted("".join(paragraph), paragraph_depth)
            paragraph = []
        paragraph_depth = depth
        is_flowed = content.endswith(" ") and not is_signature
        paragraph.append(content[:-1] if is_flowed and delsp else content)
        if not is_flowed:
            yield _quoted("".join(paragraph), depth)
            paragraph = []
    if paragraph:
        yield _quoted("".join(paragraph), paragraph_depth)


def _quoted(line: str, depth: int) -> str:
    if not line:
        return ">" * depth
    return f"{'>' * depth} {line}" if depth else line
