"""Which line ends of plain text were made by a program, because the next word did not fit.

On a narrow screen those can be spaces: lines of 72 letters that are broken once more end in one short line each.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

# Nobody fills lines shorter than that; longer ones are left to the reader's window.
_NARROWEST, _WIDEST = 50, 80
_MOST_LINES = 2_000
# What begins a line of its own: an indent, an item of a list, a rule.
_OWN_LINE = re.compile(r"\s|[-*•·+=#>|_~]|\(?\w{1,3}[.):]\s|\Z")


def soft_ends(lines: Sequence[str]) -> list[bool]:
    """For each line whether the next could follow it after a space.

    The longest line tells to which width the text was filled: where the next word would still have fitted in, the
    writer broke the line. Japanese and Chinese, which have no spaces, are left as they are.
    """
    width = max((len(line) for line in lines if len(line) <= _WIDEST), default=0)
    if width < _NARROWEST or len(lines) > _MOST_LINES:
        return [False] * len(lines)
    return [
        # Together they fit: neither is looked at closer.
        len(line) + len(following) >= width and _is_soft(line.rstrip(), following, width)
        for line, following in pairwise([*lines, ""])
    ]


def _is_soft(line: str, following: str, width: int) -> bool:
    if len(line) < width / 2 or _OWN_LINE.match(following):
        return False
    word = following.partition(" ")[0]
    if len(line) + 1 + len(word) <= width:
        return False
    return not (_is_wide(line[-1]) or _is_wide(following[0]))


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"
