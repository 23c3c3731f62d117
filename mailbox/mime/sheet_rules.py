"""Which declarations of a message's own style sheet meet an element, told by its tag, classes and id alone.

Reads what `styles.clean_sheet` wrote. Rules that look at ancestors, states or the width of a window are passed over:
for these one needs a tree and a window, and what mail programs write about their text needs neither. Only what is
hidden until a window is wide enough does not count as hidden.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

Declarations = tuple[tuple[str, str], ...]
"""Names of properties and their values, in order."""

_PIECE = re.compile(r"([^{}]*)([{}])")
_SELECTOR = re.compile(r"([A-Za-z][A-Za-z0-9]*)?((?:[.#][\w-]+)*)")
_DECLARATION = re.compile(r"(?:[^;(]|\([^)]*\))+")
_MOST_RULES = 2_000


@dataclass(frozen=True, slots=True)
class Rule:
    """Declarations for the elements of one tag ("" for all), which have all of `marks`: `.class` and `#id`."""

    tag: str
    marks: frozenset[str]
    declarations: Declarations
    order: int

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """The later of two rules that say something different wins (CSS Selectors 4, 17)."""
        ids = sum(mark.startswith("#") for mark in self.marks)
        return ids, len(self.marks) - ids, bool(self.tag), self.order


@dataclass(slots=True)
class Rules:
    """The rules of one sheet, found by a mark or the tag that each of them asks for."""

    by_key: dict[str, list[Rule]] = field(default_factory=dict)

    @classmethod
    def of(cls, css: str) -> "Rules":
        """The rules of `css`, at most 2,000."""
        found = cls()
        rules = list(islice(_simple(css), _MOST_RULES))
        shown = {rule.selector for rule in rules if rule.is_conditional and _shows(rule.declarations)}
        for order, rule in enumerate(rules):
            tag, marks = (rule.selector[0] or "").lower(), frozenset(re.findall(r"[.#][^.#]+", rule.selector[1]))
            if rule.is_conditional or not (tag or marks):
                continue
            said = tuple(pair for pair in rule.declarations if pair[0] != "display" or rule.selector not in shown)
            found.by_key.setdefault(min(marks, default=tag), []).append(Rule(tag, marks, said, order))
        return found

    def meeting(self, tag: str, marks: Sequence[str]) -> list[Declarations]:
        """What is said of an element, the weakest word first."""
        asked = (rule for key in dict.fromkeys((tag, *marks)) for rule in self.by_key.get(key, ()))
        met = [rule for rule in asked if rule.tag in ("", tag) and rule.marks.issubset(marks)]
        return [rule.declarations for rule in sorted(met, key=lambda rule: rule.rank)]


def declarations(css: str) -> Declarations:
    """The declarations of a `style` attribute, or of what stands in the braces of a rule."""
    pairs = (each.partition(":") for each in _DECLARATION.findall(css))
    return tuple((name.strip(), value.strip()) for name, _colon, value in pairs if value.strip())


@dataclass(frozen=True, slots=True)
class _Written:
    """A rule as it stands, of one selector: its tag, and its classes and ids; conditional inside a media query."""

    selector: tuple[str | None, str]
    declarations: Declarations
    is_conditional: bool


def _simple(css: str) -> Iterator[_Written]:
    """Every rule whose selector can be told without a tree."""
    around: list[str] = []
    for found in _PIECE.finditer(css):
        if found[2] == "{":
            around.append(found[1])
            continue
        prelude = around.pop() if around else ""
        for selector in prelude.split(",") if found[1].strip() else ():
            if simple := _SELECTOR.fullmatch(selector.strip()):
                yield _Written((simple[1], simple[2]), declarations(found[1]), bool(around))


def _shows(said: Declarations) -> bool:
    return any(name == "display" and not value.lower().startswith("none") for name, value in said)
