"""What Chromium makes of bundles: the same rules, and scripts that do not fall together."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from webmail.bundles import STYLES
from webmail.joining import joined_scripts, joined_styles

STATIC = Path(__file__).resolve().parents[2] / "static"
# Custom properties keep the white space of their text, which says nothing.
RULES = """(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);
return [...sheet.cssRules].map((rule) => rule.cssText.replace(/\\s+/g, " ").replace(/, /g, ",")); }"""

pytestmark = pytest.mark.browser


def test_a_joined_sheet_has_the_rules_of_the_small_ones(page: Page) -> None:
    for sources in STYLES.values():
        sheets = [(STATIC / source).read_text() for source in sources]
        rules = page.evaluate(RULES, joined_styles(sheets))
        assert rules == [rule for sheet in sheets for rule in page.evaluate(RULES, sheet)]


def test_a_script_that_throws_is_reported_and_the_next_one_runs(page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    page.add_script_tag(content=joined_scripts(["throw new Error('first')", "window.second = (() => 2)()"]))
    assert page.evaluate("window.second") == 2
    assert errors == ["first"]
