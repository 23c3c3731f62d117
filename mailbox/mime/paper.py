"""On what paper a message was drawn: its own, or whatever the reader has."""

import re
from enum import StrEnum

_OWN = r"(?!\s*(?:#fff\b|#ffffff\b|white\b|none\b|transparent\b|inherit\b|initial\b|rgb\(255,\s*255,\s*255\)))"
_BACKGROUND = re.compile(rf'\sbgcolor="{_OWN}|\sbackground="|[";{{]background(?:-color|-image)?:{_OWN}', re.I)
_COLOUR = re.compile(r'[";{]color:(?!\s*inherit\b)|\scolor="', re.I)


class Paper(StrEnum):
    """What a dark reading room may do to a message."""

    OURS = "ours"
    """Text without colours: it takes the colours around it."""
    INKED = "inked"
    """Coloured text on no paper: its colours may be turned, for they are hard to read on a dark page."""
    WHITE = "white"
    """A composition: it stays on the paper it was made for, until the reader asks otherwise."""


def paper_of(html: str) -> Paper:
    """The paper that sanitised HTML was made for; pictures in a table are placed for white."""
    if _BACKGROUND.search(html) or ("<img" in html and "<table" in html):
        return Paper.WHITE
    return Paper.INKED if _COLOUR.search(html) else Paper.OURS
