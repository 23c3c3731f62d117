"""A whole day of work without touching the mouse, in which the keyboard's place is never lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.lists import PASSWORD, row, site_of_alice
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("day")]

SUBJECTS = ["Anchovy", "Barley", "Chives", "Dill", "Endive", "Fennel"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    with site_of_alice(tmp_path_factory.mktemp("day"), site_template, SUBJECTS, "web") as site:
        yield site


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A window on a desk; nothing in this file touches a mouse."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=site.url)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [each for each in complaints if "Transition was" not in each] == []


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def expect_a_place(page: Page) -> None:
    """Something holds the keyboard's focus: not the body, where everybody who cannot see begins anew."""
    expect(page.locator(":focus")).to_have_count(1)


def tab_to(page: Page, selector: str) -> None:
    """Go on with Tab until the focus is there."""
    for _step in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        press(page, "Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def test_the_whole_day(page: Page) -> None:
    # 1. Sign in.
    page.goto("/account/login/")
    tab_to(page, "[name=login]")
    page.keyboard.type("alice")
    tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    expect(page.locator(row("Anchovy"))).to_be_visible()

    # 2. Read, archive, take it back.
    press(page, "j", "Enter")
    expect(page.locator(".plain-text")).to_have_text("About anchovy.")
    expect_a_place(page)
    press(page, "e")
    expect(page.locator(row("Anchovy"))).to_have_count(0)
    expect(page.locator(f"{row('Barley')} .row__link")).to_be_focused()
    press(page, "z")
    expect(page.locator(row("Anchovy"))).to_have_count(1)
    expect_a_place(page)

    # 3. Label, star, snooze.
    press(page, "l")
    expect(page.locator("#label-name")).to_be_focused()
    page.keyboard.type("Kitchen")
    press(page, "Enter")
    expect(page.locator(f"{row('Barley')} .label")).to_have_text("Kitchen")
    press(page, "Escape")
    expect(page.locator("#choices:popover-open")).to_have_count(0)
    expect_a_place(page)
    press(page, "s")
    expect(page.locator(f"{row('Barley')} .row__star .visually-hidden")).to_have_count(1)
    expect_a_place(page)
    press(page, "b")
    expect(page.locator("#choices .later__pick").first).to_be_focused()
    press(page, "Enter")
    expect(page.locator(row("Barley"))).to_have_count(0)
    expect_a_place(page)

    # 4. Search, and open what is found.
    press(page, "/")
    page.keyboard.type("fennel")
    press(page, "Enter")
    expect(page.locator(".row")).to_have_count(1)
    press(page, "j", "Enter")
    expect(page.locator(".plain-text")).to_have_text("About fennel.")
    expect_a_place(page)

    # 5. Reply, send, call it back.
    press(page, "r")
    expect(page.locator(".mail__pane [data-compose] [contenteditable=true]")).to_be_focused()
    page.keyboard.type("With pleasure.")
    press(page, "Control+Enter")
    expect(page.locator(".sending [data-sending-undo]")).to_be_visible()
    expect_a_place(page)
    press(page, "z")
    expect(page.locator("[data-compose]")).to_contain_text("With pleasure.")

    # 6. Settings.
    page.goto("/")
    tab_to(page, ".topbar__who")
    press(page, "Enter")
    expect(page.locator("main h1")).to_have_text("Settings")
    tab_to(page, "[href='/settings/appearance/']")
    press(page, "Enter")
    expect(page.locator("main h1")).to_have_text("Appearance")
    tab_to(page, "[name=density]")
    press(page, "ArrowDown")
    tab_to(page, "main .button--primary")
    press(page, "Enter")
    expect(page.locator("html")).to_have_attribute("data-density", "compact")
