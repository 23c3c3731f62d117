"""What the style sheets may say: sides by the direction of reading, colours that can be told apart by everybody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import tinycss2
from tinycss2.ast import Declaration, Node

ROOT = Path(__file__).resolve().parent.parent
SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))
PHYSICAL = ("-left", "-right", "-top-", "-bottom-")
FOUR_SIDES = {"inset", "margin", "padding", "border-width", "border-color", "border-style", "scroll-margin"}
# The place of the choices is measured on the screen (choices.js), which has a left whatever is read on it.
MEASURED = {("choices.css", "inset")}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_names_sides_by_the_direction_of_reading(sheet: Path) -> None:
    named = [each for each in declarations(sheet) if names_a_side(each) and (sheet.name, each.name) not in MEASURED]
    assert [f"{each.source_line}: {each.name}" for each in named] == []


@pytest.mark.parametrize(
    "text",
    [
        "margin-left: 1px",
        "left: 0",
        "border-top-right-radius: 2px",
        "text-align: right",
        "float: left",
        "padding: 0 1px 0 calc(2px + 1px)",
        "inset: 0 auto auto 0",
        "border-radius: 0 4px 4px 0",
        "translate: 4px 0",
        "box-shadow: inset 3px 0 0 red",
    ],
)
def test_knows_a_side_that_does_not_turn(text: str) -> None:
    (declaration,) = tinycss2.parse_blocks_contents(text)
    assert names_a_side(declaration)


@pytest.mark.parametrize(
    "text",
    [
        "margin-inline-start: 1px",
        "inset: 0 auto",
        "padding: 1px 2px 3px 2px",
        "border-radius: 4px 4px 0 0",
        "box-shadow: 0 8px 28px red",
        "text-align: end",
        "translate: 0 4px",
    ],
)
def test_knows_a_side_that_turns(text: str) -> None:
    (declaration,) = tinycss2.parse_blocks_contents(text)
    assert not names_a_side(declaration)


def declarations(sheet: Path) -> Iterator[Declaration]:
    """Every declaration of a sheet, however deep it is nested."""
    rules = tinycss2.parse_stylesheet(sheet.read_text(), skip_comments=True, skip_whitespace=True)
    yield from _declarations(rules)


def _declarations(nodes: list[Node]) -> Iterator[Declaration]:
    for node in nodes:
        if node.type == "declaration":
            yield node
        elif node.type in {"qualified-rule", "at-rule"} and node.content:
            yield from _declarations(tinycss2.parse_blocks_contents(node.content, True, True))


def names_a_side(declaration: Declaration) -> bool:
    """Whether a declaration means left or right, so that a page that is read the other way would come out wrong."""
    name, parts = declaration.lower_name, values(declaration)
    if name in {"left", "right"} or any(word in f"{name}-" for word in PHYSICAL):
        return True
    if name in {"text-align", "float", "clear", "justify-content"}:
        return bool({"left", "right"} & set(parts))
    if name in FOUR_SIDES:
        return len(parts) == 4 and parts[1] != parts[3]
    if name == "border-radius":
        return len(parts) > 1 and (len(parts) < 4 or parts[0] != parts[1] or parts[2] != parts[3])
    if name == "translate":
        return parts[0] not in {"0", "none"}
    return name == "box-shadow" and next(each for each in parts if each != "inset") not in {
        "0",
        "none",
        "var(--shadow)",
    }


def values(declaration: Declaration) -> list[str]:
    """The space-separated values of a declaration, as text."""
    kept = [token for token in declaration.value if token.type not in {"whitespace", "comment"}]
    return [token.serialize() for token in kept]
