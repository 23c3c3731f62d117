"""Colours can be told apart by those who see little (WCAG 2.2, 1.4.3, 1.4.11); the page on design says by how much."""

import re
from pathlib import Path

import pytest

from tests.gallery.colours import THEMES, contrast, tokens

PAGE = Path(__file__).resolve().parent.parent / "docs" / "design.md"
PAPERS = ("paper", "paper-raised", "paper-sunken", "hover", "selected")
TEXTS = ("ink", "ink-soft", "accent", "good", "warn", "bad", "quote-1", "quote-2", "quote-3")
PAIRS = (
    ("accent-ink", "accent"),
    ("accent-ink", "accent-hover"),
    ("good", "good-tint"),
    ("warn", "warn-tint"),
    ("bad", "bad-tint"),
    ("alarm-ink", "alarm"),
    ("paper", "ink"),
)
ACCOUNTS = tuple(f"account-{number}" for number in range(8))
_ROW = re.compile(r"^\| `--([\w-]+)` on `--([\w-]+)` \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", TEXTS)
def test_text_can_be_read_on_every_paper(text: str, theme: str) -> None:
    colours = tokens()[theme]
    assert min(contrast(colours[text], colours[paper]) for paper in PAPERS) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), PAIRS, ids="-on-".join)
def test_text_can_be_read_on_its_ground(text: str, ground: str, theme: str) -> None:
    colours = tokens()[theme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("line", ["line-strong", "focus", *ACCOUNTS])
def test_what_is_no_text_stands_out_from_every_paper(line: str, theme: str) -> None:
    colours = tokens()[theme]
    assert min(contrast(colours[line], colours[paper]) for paper in PAPERS) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_letter_of_an_account_can_be_read(account: str, theme: str) -> None:
    colours = tokens()[theme]
    assert contrast(colours["paper-raised"], colours[account]) >= 4.5


def test_the_page_on_design_gives_the_figures_of_today() -> None:
    colours, said = tokens(), _ROW.findall(PAGE.read_text("utf-8"))
    assert len(said) >= 10
    for text, ground, *figures in said:
        computed = [f"{contrast(colours[theme][text], colours[theme][ground]):.1f}" for theme in THEMES]
        assert figures == computed, f"--{text} on --{ground}"
