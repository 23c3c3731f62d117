"""The main screens look as they should: a broken layout fails, another font does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.gallery.looks import LOOKS, SELECTION, SNOOZE, TOLERATED, Look, opened, strayed
from tests.gallery.site import Gallery, gallery

pytestmark = pytest.mark.browser

# Takes the rules of one component out of every style sheet, however the sheets are joined.
DROP = """(selector) => {
  const drop = (owner) => {
    for (let at = owner.cssRules.length - 1; at >= 0; at--) {
      const rule = owner.cssRules[at];
      if (rule.selectorText?.startsWith(selector)) owner.deleteRule(at);
      else if (rule.cssRules) drop(rule);
    }
  };
  for (const sheet of document.styleSheets) drop(sheet);
}"""
OTHER_LETTERS = (
    """document.documentElement.style.setProperty("--font", '"Noto Sans CJK JP", "Liberation Sans", serif')"""
)


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Gallery]:
    with gallery(tmp_path_factory.mktemp("rooms"), site_template) as rooms:
        yield rooms


@pytest.fixture
def page(look: Look, browser: Browser, rooms: Gallery) -> Iterator[Page]:
    page = opened(look, browser, rooms)
    yield page
    page.context.close()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_looks_as_it_should_in_whatever_letters(look: Look, page: Page) -> None:
    assert strayed(look, page) <= TOLERATED
    page.evaluate(OTHER_LETTERS)
    assert strayed(look, page) <= TOLERATED


@pytest.mark.parametrize(
    ("look", "component"),
    [
        (Look("conversation"), ".shell"),
        (Look("conversation"), ".sidebar"),
        (Look("conversation"), ".row"),
        (Look("inbox", 390), ".row"),
        (Look("inbox", 390), ".bottombar"),
        (Look("compose-draft"), ".compose"),
        (Look("settings", 1020), ".field"),
        (Look("inbox", 390, "dark"), ".row"),
        (SELECTION, ".row__check"),
        (Look("search", 1020), ".row"),
        (SNOOZE, ".choices"),
    ],
    ids=str,
)
def test_a_screen_without_one_of_its_style_sheets_does_not(look: Look, component: str, page: Page) -> None:
    page.evaluate(DROP, component)
    assert strayed(look, page) > TOLERATED
