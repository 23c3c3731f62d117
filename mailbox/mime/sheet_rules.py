"""Which declarations of a message's own style sheet meet an element, told by its tag, classes and id alone.

Reads what `styles.clean_sheet` wrote. Rules that look at ancestors, states or the width of a window are passed over:
for these one needs a tree and a window, and what mail programs write about their text needs neither.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

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
        for order, (selector, content) in zip(range(_MOST_RULES), _simple(css), strict=False):
            tag, marks = (selector[1] or "").lower(), frozenset(re.findall(r"[.#][^.#]+", selector[2]))
            if tag or marks:
                key = min(marks, default=tag)
                found.by_key.setdefault(key, []).append(Rule(tag, marks, declarations(content), order))
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


def _simple(css: str) -> Iterator[tuple[re.Match[str], str]]:
    """Every selector that can be told without a tree, with what stands in its braces; none of a media query."""
    around: list[str] = []
    for found in _PIECE.finditer(css):
        if found[2] == "{":
            around.append(found[1])
            continue
        prelude = around.pop() if around else ""
        for selector in () if around else prelude.split(","):
            if simple := _SELECTOR.fullmatch(selector.strip()):
                yield simple, found[1]
