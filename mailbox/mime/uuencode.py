"""Files that old mailers wrote into the text itself, between `begin 644 name` and `end` (POSIX uuencode)."""

import re

from mailbox.mime.enclosed import Enclosed

HINT = b"\nbegin "  # the line above a body ends in LF as well
# Encoded lines hold only the characters from space to the grave accent, so the loop ends at the small letters of `end`.
_FILE = re.compile(
    rb"^begin[ \t][0-7]{3,4}[ \t]++([^\r\n]{1,250}+)\r?+\n((?:[ -`]{0,100}+\r?+\n)*+)(end[ \t]*+\r?+(?:\n|\Z))?+", re.M
)
_LONGEST_TEXT = 45


def find_files(content: bytes, *, limit: int) -> list[Enclosed]:
    """At most `limit` uuencoded files in a text, each with its lines `begin` and `end`; what does not end is text."""
    found: list[Enclosed] = []
    for block in _FILE.finditer(content):
        if len(found) == limit:
            break
        if block[3] and _is_encoded(block[2].partition(b"\n")[0]):
            found.append(Enclosed(block[1].decode("utf-8", "replace"), block.start(), block.end()))
    return found


def without(content: bytes, files: list[Enclosed]) -> bytes:
    """The text between the files."""
    starts = [0, *(each.end for each in files)]
    ends = [*(each.start for each in files), len(content)]
    return b"".join(content[start:end] for start, end in zip(starts, ends, strict=True))


def _is_encoded(line: bytes) -> bool:
    """Whether the first character counts what follows it, trailing blanks aside, which may have been lost."""
    line = line.rstrip(b"\r")
    if not line:
        return False
    count = (line[0] - 32) & 63
    return count <= _LONGEST_TEXT and len(line) - 1 <= -(-count // 3) * 4 + 2 and bool(count or len(line) <= 2)
