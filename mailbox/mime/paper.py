"""On what paper a message was drawn: its own, or whatever the reader has."""

import re
from enum import StrEnum

# Names are in lower case, for `sanitize` wrote them; to begin with a letter takes a tenth of the time of a set.
_OWN = r"(?i:(?!\s*(?:#fff\b|#ffffff\b|white\b|none\b|transparent\b|inherit\b|initial\b|rgb\(255,\s*255,\s*255\))))"
_BACKGROUND = re.compile(
    rf'b(?:(?<=\sb)(?:gcolor="{_OWN}|ackground=")|(?<=[";{{]b)ackground(?:-color|-image)?:{_OWN})',
)
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.I)
_COLOUR = re.compile(r'color(?:(?<=[";{]color):(?i:(?!\s*inherit\b))|(?<=\scolor)=")')


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
    if _BACKGROUND.search(html) or ("<img" in html and "<table" in html) or has_dark_rules(html):
        return Paper.WHITE
    return Paper.INKED if _COLOUR.search(html) else Paper.OURS


def has_dark_rules(html: str) -> bool:
    """Whether the sender says how the message looks in the dark."""
    return html.startswith("<style>") and _SCHEME.search(_sheet_of(html)) is not None


def in_scheme(html: str, scheme: str) -> str:
    """Sanitised HTML whose sheet takes `scheme`, "dark" or "light", for the reader's, whatever his device prefers."""
    if not has_dark_rules(html):
        return html
    sheet = _sheet_of(html)
    always, never = "(min-width:0)", "(max-width:0)"
    return _SCHEME.sub(lambda found: always if found[1].lower() == scheme else never, sheet) + html[len(sheet) :]


def _sheet_of(html: str) -> str:
    return html[: html.index("</style>")]
