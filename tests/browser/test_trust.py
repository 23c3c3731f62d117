"""Who a message is from, in Chromium: the mark opens with scripts and without, and nothing leaves its place."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("trust")]

PASSWORD = "a long and quiet password"
CALENDAR = Path(__file__).parent.parent / "mime/calendars/google.ics"
PHONE = {"width": 390, "height": 844}


def message(subject: str, sender: str, calendar: str = "") -> bytes:
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = sender, "alice@home.test", subject
    found["Date"] = "24 Nov 2025 09:00:00 +0000"
    found.set_content("A few words.")
    if calendar:
        found.add_alternative(calendar, subtype="calendar", params={"method": "REQUEST"})
    return found.as_bytes()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    """A site with one person, one message that deceives, and one that invites."""
    with running_site(tmp_path_factory.mktemp("trust"), site_template, "web") as site:
        site.manage("adduser", "alice", "--password-stdin", stdin=PASSWORD + "\n")
        server = "pop3://alice:x@127.0.0.1:9", "--smtp", "smtp://alice:x@127.0.0.1:9"
        site.manage("addaccount", "alice", "alice@home.test", "--pop3", *server)
        folder = tmp_path_factory.mktemp("mail")
        (folder / "1.eml").write_bytes(message("Locked", '"service@bank.test" <x@evil.test>'))
        (folder / "2.eml").write_bytes(message("Rowing", "Dana <dana@far.test>", CALENDAR.read_text("utf-8")))
        site.manage("importmail", "alice", "alice@home.test", str(folder), "--inbox", "--unread")
        yield site


def opened(browser: Browser, site: Site, subject: str, **options: Any) -> Page:
    """A window in which Alice has opened a message."""
    page = browser.new_context(base_url=site.url, **options).new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(f"{site.url}/")
    page.click(f".row:has-text('{subject}') .row__link")
    page.wait_for_selector(".message__text")
    return page


@pytest.mark.parametrize("has_scripts", [True, False])
def test_the_mark_opens_into_words(browser: Browser, site: Site, has_scripts: bool) -> None:
    page = opened(browser, site, "Locked", java_script_enabled=has_scripts)
    expect(page.locator(".trust__words")).to_be_hidden()
    page.click(".trust__mark")
    expect(page.locator(".trust__words")).to_contain_text("The name shows service@bank.test")
    page.context.close()


def test_the_words_close_again_by_the_keyboard(browser: Browser, site: Site) -> None:
    page = opened(browser, site, "Locked")
    page.focus(".trust__mark")
    page.keyboard.press("Enter")
    expect(page.locator(".trust__words")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".trust__words")).to_be_hidden()
    expect(page.locator(".trust__mark")).to_be_focused()
    page.context.close()


def test_danger_is_seen_at_once_and_widens_nothing(browser: Browser, site: Site) -> None:
    for size in ({"width": 1440, "height": 900}, PHONE):
        page = opened(browser, site, "Locked", viewport=size)
        expect(page.locator(".message__danger")).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("(pane => pane.scrollWidth <= pane.clientWidth)(document.querySelector('#pane'))")
        page.context.close()


def test_the_words_stay_on_a_telephone(browser: Browser, site: Site) -> None:
    page = opened(browser, site, "Locked", viewport=PHONE)
    page.click(".trust__mark")
    box = page.locator(".trust__words").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    page.context.close()


def test_an_invitation_shows_its_guests_without_scripts(browser: Browser, site: Site) -> None:
    page = opened(browser, site, "Rowing", java_script_enabled=False)
    expect(page.locator(".invitation__title")).to_have_text("Rowing; planning")
    page.click(".invitation__who summary")
    expect(page.locator(".invitation__guests")).to_contain_text("has not answered")
    with page.expect_download() as download:
        page.click(".invitation__foot a")
    assert download.value.suggested_filename.endswith(".ics")
    page.context.close()
