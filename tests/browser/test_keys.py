"""A day's work with the keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.lists import phone_page, row, site_of_alice, wide_page
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("keys")]

SUBJECTS = ["Apples", "Bread", "Cheese", "Dates", "Eggs", "Figs", "Grapes", "Honey", "Ink", "Jam"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    with site_of_alice(tmp_path_factory.mktemp("keys"), site_template, SUBJECTS, "web") as site:
        yield site


@pytest.fixture
def wide(browser: Browser, site: Site) -> Iterator[Page]:
    yield from wide_page(browser, site)


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Page]:
    yield from phone_page(browser, site)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_day_of_work_with_the_keyboard_alone(wide: Page, site: Site) -> None:
    press(wide, "j")
    expect(wide.locator(f"{row('Apples')} .row__link")).to_be_focused()
    press(wide, "j", "o")
    expect(wide.locator(".plain-text")).to_have_text("About bread.")
    press(wide, "j")
    expect(wide.locator(".plain-text")).to_have_text("About cheese.")
    press(wide, "s")
    expect(wide.locator(".conversation [aria-label='Remove the star']")).to_have_count(1)
    press(wide, "e")
    expect(wide.locator(row("Cheese"))).to_have_count(0)
    expect(wide.locator(f"{row('Dates')} .row__link")).to_be_focused()
    press(wide, "z")
    expect(wide.locator(row("Cheese"))).to_have_count(1)
    press(wide, "Enter")
    expect(wide.locator(".plain-text")).to_have_text("About dates.")
    press(wide, "u")
    expect(wide.locator(".conversation")).to_have_count(0)
    expect(wide.locator(f"{row('Dates')} .row__link")).to_be_focused()
    press(wide, "Enter")
    expect(wide.locator(".conversation")).to_have_count(1)
    press(wide, "r")
    expect(wide.locator(".mail__pane [data-compose]")).to_be_visible()
    wide.locator(".mail__pane [data-compose] textarea, .mail__pane [data-compose] [contenteditable]").first.focus()
    wide.keyboard.type("jj")
    expect(wide.locator(".mail__pane [data-compose]")).to_be_visible()
    wide.goto(site.url)
    press(wide, "/")
    expect(wide.locator("#q")).to_be_focused()
    wide.keyboard.type("honey")
    press(wide, "Enter")
    expect(wide.locator(".row")).to_have_count(1)
    press(wide, "g", "t")
    expect(wide).to_have_url(f"{site.url}/sent/")
    press(wide, "g", "i")
    expect(wide).to_have_url(f"{site.url}/")


def test_selects_and_acts_on_the_selection(wide: Page) -> None:
    press(wide, "j", "x", "j", "j", "x")
    expect(wide.locator(".row__check:checked")).to_have_count(2)
    press(wide, "Shift+U", "*", "n")
    expect(wide.locator(".row__check:checked")).to_have_count(0)
    press(wide, "*", "a")
    expect(wide.locator(".row__check:not(:checked)")).to_have_count(0)
    press(wide, "Escape")
    expect(wide.locator(".row__check:checked")).to_have_count(0)


def test_marks_as_read_and_unread(wide: Page) -> None:
    wide.locator(f"{row('Ink')} .row__link").focus()
    press(wide, "Shift+I")
    expect(wide.locator(f"{row('Ink')} [formaction$='/unread/']")).to_have_count(1)
    expect(wide.locator(f"{row('Ink')} .row__link")).to_be_focused()
    press(wide, "Shift+U")
    expect(wide.locator(f"{row('Ink')}.row--unread")).to_have_count(1)
    expect(wide.locator(f"{row('Ink')} .row__link")).to_be_focused()


def test_keys_pressed_fast_act_in_their_order(wide: Page) -> None:
    asked: list[str] = []
    wide.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    wide.locator(f"{row('Honey')} .row__link").focus()
    # At the second key the line still has the button of before the first.
    with wide.expect_response("**/unread/"):
        press(wide, "Shift+I", "Shift+U")
    assert [url.split("/")[-2] for url in asked] == ["read", "unread"]
    wide.reload()
    expect(wide.locator(f"{row('Honey')}.row--unread")).to_have_count(1)


def test_a_form_that_htmx_has_not_come_to_yet_loads_no_page(wide: Page) -> None:
    key = wide.locator(f"{row('Jam')} .row__check").get_attribute("value")
    script = """(key) => {
        const form = document.getElementById("acts").cloneNode(true);
        form.action = `/m/${key}/star/`;
        document.body.append(form);
        form.requestSubmit();
    }"""
    with wide.expect_response("**/star/") as answer:
        wide.evaluate(script, key)
    assert answer.value.request.headers.get("hx-request") == "true"


def test_never_acts_while_somebody_types(wide: Page) -> None:
    wide.locator("#q").focus()
    wide.keyboard.type("jex#")
    expect(wide.locator("#q")).to_have_value("jex#")
    press(wide, "Escape")
    expect(wide.locator("#q")).not_to_be_focused()
    expect(wide.locator(".row__link:focus")).to_have_count(1)


def test_never_acts_with_another_key_held(wide: Page) -> None:
    wide.locator(f"{row('Jam')} .row__link").focus()
    press(wide, "Control+e", "Alt+e", "Control+x")
    expect(wide.locator(".row__check:checked")).to_have_count(0)
    expect(wide.locator(row("Jam"))).to_be_visible()


def test_shows_the_keys_and_closes_with_escape(wide: Page) -> None:
    wide.locator(f"{row('Figs')} .row__link").focus()
    press(wide, "?")
    expect(wide.locator("#keys .keys__line").first).to_be_visible()
    press(wide, "e")
    press(wide, "Escape")
    expect(wide.locator("#keys")).to_be_hidden()
    expect(wide.locator(row("Figs"))).to_be_visible()
    expect(wide.locator(f"{row('Figs')} .row__link")).to_be_focused()


def test_can_be_switched_off(wide: Page, site: Site) -> None:
    wide.goto(f"{site.url}/settings/keyboard/")
    wide.uncheck("[name=uses_keys]")
    wide.click("main button")
    wide.goto(site.url)
    wide.locator(f"{row('Grapes')} .row__link").focus()
    press(wide, "x", "?")
    expect(wide.locator(".row__check:checked")).to_have_count(0)
    expect(wide.locator("#keys")).to_have_count(0)
    wide.goto(f"{site.url}/settings/keyboard/")
    wide.check("[name=uses_keys]")
    wide.click("main button")


def test_skips_to_the_mail(wide: Page) -> None:
    wide.locator("body").press("Tab")
    expect(wide.locator(".skip-link")).to_be_focused()
    press(wide, "Enter", "Tab")
    expect(wide.locator("#main :focus")).to_have_count(1)
