"""Sanitised HTML as its reader saw it, in few and simple words: for a quotation, which loses its sheets and classes.

Reads what `sanitize` wrote: balanced tags, every value in double quotes. Rules of its style sheet become styles of the
elements, `font` becomes a `span`, elements that only say what they are become a `div` or a `span`, and what nobody
could see goes, such as the line that newsletters write for the list of messages only.
"""

import html as entities
import re
from dataclasses import dataclass, field

from mailbox.mime.allowed import VOID
from mailbox.mime.sheet_rules import Declarations, Rules, declarations
from mailbox.mime.styles import clean_declarations

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_SHEET, _END = "<style>", "</style>"
_SIMPLER = {
    **dict.fromkeys(("article", "aside", "footer", "header", "main", "nav", "section"), "div"),
    **dict.fromkeys(("address", "details", "figcaption", "figure", "summary"), "div"),
    **dict.fromkeys(("dfn", "font", "nobr", "time"), "span"),
    "acronym": "abbr",
    "dir": "ul",
    "menu": "ul",
    "tt": "code",
}
_FONT_SIZES = ("x-small", "small", "medium", "large", "x-large", "xx-large", "xxx-large")
_SIX_DIGITS = re.compile("[0-9A-Fa-f]{6}")
_IMPORTANT = re.compile(r"\s*!\s*important\s*\Z", re.I)
_NOTHING = re.compile(r"[+-]?(?=\.?0)0*\.?0*(?:[a-z]{1,4}|%)?\Z", re.I)
_EXTENTS = ("height", "max-height")
# A height of theirs is the least that they take, whatever overflows.
_TABLE_PARTS = frozenset(("table", "thead", "tbody", "tfoot", "tr", "td", "th"))
_DECIDING = ("display", "visibility", "opacity", "overflow", "overflow-y", *_EXTENTS)
_STYLE_ROOM = 150_000


def as_seen(html: str, *, is_styled: bool = True) -> str:
    """`html` as it was seen, without its style sheet, which counts only where it `is_styled`; once more, unchanged."""
    sheet = ""
    if html.startswith(_SHEET):
        sheet, _end, html = html.removeprefix(_SHEET).partition(_END)
    return _Writer(Rules.of(sheet) if is_styled else Rules()).written(html)


@dataclass(frozen=True, slots=True)
class _Opening:
    """A tag that opens an element, as it is written; nothing where the element is hidden."""

    text: str
    is_hidden: bool = False


@dataclass(slots=True)
class _Writer:
    rules: Rules
    style_room: int = _STYLE_ROOM
    """Characters of style that sheets may still add: one rule may meet every cell of a table."""
    known: dict[str, _Opening] = field(default_factory=dict)
    """Tags as they stand, for a newsletter has few, thousands of times."""

    def written(self, html: str) -> str:
        out: list[str] = []
        at = hidden_depth = 0
        for tag in _TAG.finditer(html):
            if not hidden_depth:
                out.append(html[at : tag.start()])
            at = tag.end()
            is_void = tag[2] in VOID
            if hidden_depth:
                hidden_depth += 0 if is_void else -1 if tag[1] else 1
            elif tag[1]:
                out.append(f"</{_SIMPLER.get(tag[2], tag[2])}>")
            else:
                opening = self._opening(tag)
                out.append(opening.text)
                hidden_depth = int(opening.is_hidden and not is_void)
        if not hidden_depth:
            out.append(html[at:])
        return "".join(out)

    def _opening(self, tag: re.Match[str]) -> _Opening:
        opening = self.known.get(tag[0])
        if opening is None:
            opening = self._made(tag[2], dict(_ATTRIBUTE.findall(tag[3])), tag[0])
            self.known[tag[0]] = opening
        self.style_room -= max(0, len(opening.text) - len(tag[0]))
        if self.style_room < 0 and self.rules.by_key:
            self.rules = Rules()
            self.known.clear()
        return opening

    def _made(self, tag: str, attributes: dict[str, str], as_it_stands: str) -> _Opening:
        marks = [f".{name}" for name in attributes.get("class", "").split()]
        marks += [f"#{name}" for name in attributes.get("id", "").split()]
        own = declarations(entities.unescape(attributes.get("style", "")))
        below = self.rules.meeting(tag, marks)
        if tag == "font":
            below.insert(0, _of_font(attributes))
        said = _decided([*below, own])
        if _is_hidden(tag, said):
            return _Opening("", is_hidden=True)
        if not below and tag not in _SIMPLER:
            return _Opening(as_it_stands)
        if below:
            attributes["style"] = entities.escape(";".join(f"{name}:{value}" for name, value in said.items()))
        kept = (f' {name}="{value}"' for name, value in attributes.items() if tag != "font" or name not in _FONT)
        return _Opening(f"<{_SIMPLER.get(tag, tag)}{''.join(kept)}>")


_FONT = frozenset(("color", "face", "size"))


def _of_font(attributes: dict[str, str]) -> Declarations:
    """What the attributes of a `font` mean (HTML Living Standard, 15.3.1)."""
    colour = attributes.get("color", "")
    said = {
        "color": f"#{colour}" if _SIX_DIGITS.fullmatch(colour) else colour,
        "font-family": entities.unescape(attributes.get("face", "")),
        "font-size": _size_of_font(attributes.get("size", "").strip()),
    }
    return declarations(clean_declarations(";".join(f"{name}:{value}" for name, value in said.items() if value)))


def _size_of_font(size: str) -> str:
    if not re.fullmatch(r"[+-]?[0-9]{1,2}", size):
        return ""
    number = int(size) + (3 if size[0] in "+-" else 0)
    return _FONT_SIZES[min(max(number, 1), 7) - 1]


def _decided(layers: list[Declarations]) -> dict[str, str]:
    """What holds of all that is said, the last word last; what is `!important` holds against it."""
    said: dict[str, str] = {}
    for is_important in (False, True):
        for name, value in (pair for layer in layers for pair in layer):
            bare = _IMPORTANT.sub("", value)
            if (bare != value) == is_important:
                # A short form overrules what was said of its parts only where it stands behind them.
                said.pop(name, None)
                said[name] = bare
    return said


def _is_hidden(tag: str, said: dict[str, str]) -> bool:
    found = {name: said[name].lower() for name in _DECIDING if name in said}
    if found.get("display") == "none" or found.get("visibility") in ("hidden", "collapse"):
        return True
    if _NOTHING.match(found.get("opacity", "")):
        return True
    is_cut = "hidden" in (found.get("overflow"), found.get("overflow-y")) and "min-height" not in said
    return is_cut and tag not in _TABLE_PARTS and any(_NOTHING.match(found.get(name, "")) for name in _EXTENTS)
