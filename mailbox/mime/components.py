"""The components and properties of an iCalendar object (RFC 5545, 3.1 to 3.6), before anybody knows what they mean.

Lenient, because invitations are often cut, folded wrongly or never closed; bounded, because they come from strangers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbox.mime.words import clean

_FOLD = re.compile(r"\n[ \t]")
_NAME = re.compile(r"(?:[A-Za-z0-9_-]{1,64}\.)?([A-Za-z0-9_-]{1,64})")
_PARAMETER = re.compile(r';([^\s=;:,"]{1,64})=((?:"[^"\n]*+"|[^";:\n])*+)')
_CARET = re.compile(r"\^([n'^])")
_CARETS = {"n": "\n", "'": '"', "^": "^"}
_BACKSLASH = re.compile(r"\\(.)", re.S)
_MANY_PARAMETERS = 30


@dataclass(frozen=True, slots=True)
class CalendarLimits:
    """Bounds of reading a calendar object; what lies beyond is left unread."""

    characters: int = 1_000_000
    lines_count: int = 50_000
    """Content lines; a single one may hold as much as its value is cut to."""
    value_characters: int = 10_000
    components_count: int = 2_000
    depth: int = 5
    events_count: int = 10
    attendees_count: int = 100


@dataclass(frozen=True, slots=True)
class Property:
    """A content line; names of parameters are in upper case, their values without quotes."""

    name: str
    value: str
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The value as one line of text: escapes resolved, no control or direction characters (RFC 5545, 3.3.11)."""
        return clean(_BACKSLASH.sub(lambda match: " " if match[1] in "nN" else match[1], self.value))

    def parameter(self, name: str) -> str:
        return clean(self.parameters.get(name, ""))


@dataclass(frozen=True, slots=True)
class Component:
    """What stands between BEGIN and END, e.g. a VEVENT."""

    name: str
    properties: list[Property] = field(default_factory=list)
    children: list["Component"] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Property]:
        return (each for each in self.properties if each.name == name)

    def text(self, name: str) -> str:
        """The first property of that name as one line, "" without one."""
        found = self.first(name)
        return found.text if found else ""

    def parts(self, name: str) -> Iterator["Component"]:
        return (each for each in self.children if each.name == name)


def read_components(text: str, limits: CalendarLimits) -> Component:
    """Return everything in `text` below one component without a name; never raises.

    An END that closes nothing is passed over, and what is never closed ends with the text.
    """
    root = Component("")
    opened, skipped, count = [root], 0, 0
    for line in _lines(text, limits):
        if line.name == "BEGIN":
            count += 1
            if len(opened) > limits.depth or count > limits.components_count:
                skipped += 1
            else:
                opened.append(Component(line.value.strip().upper()))
                opened[-2].children.append(opened[-1])
        elif line.name == "END":
            if skipped:
                skipped -= 1
            else:
                _close(opened, line.value.strip().upper())
        elif not skipped:
            opened[-1].properties.append(line)
    return root


def _close(opened: list[Component], name: str) -> None:
    """Close the innermost component of that name, and with it those inside that were left open."""
    at = next((number for number in range(len(opened) - 1, 0, -1) if opened[number].name == name), None)
    if at is not None:
        del opened[at:]


def _lines(text: str, limits: CalendarLimits) -> Iterator[Property]:
    unfolded = _FOLD.sub("", text[: limits.characters].replace("\r\n", "\n").replace("\r", "\n"))
    for number, line in enumerate(unfolded.split("\n")):
        if number >= limits.lines_count:
            return
        if found := _property(line, limits.value_characters):
            yield found


def _property(line: str, limit: int) -> Property | None:
    name = _NAME.match(line)
    if not name:
        return None
    parameters: dict[str, str] = {}
    at = name.end()
    while len(parameters) < _MANY_PARAMETERS and (found := _PARAMETER.match(line, at)):
        parameters.setdefault(found[1].upper(), _unquoted(found[2][:limit]))
        at = found.end()
    colon = line.find(":", at)
    if colon < 0:
        return None
    return Property(name[1].upper(), line[colon + 1 : colon + 1 + limit], parameters)


def _unquoted(value: str) -> str:
    """A parameter's value without its quotes; `^` is its escape (RFC 6868)."""
    return _CARET.sub(lambda match: _CARETS[match[1]], value.replace('"', ""))
