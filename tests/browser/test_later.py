"""After Send in Chromium: calling it back while it is held, and sending at another time."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.windows import Windows, fill
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADDRESS_OF_DRAFT = re.compile(r"/compose/[\w-]{16}/$")
SET_SECONDS = "from accounts.models import User; User.objects.filter(username='charlie').update(undo_seconds={})"


@pytest.fixture(scope="module", autouse=True)
def held(letterbox: Site) -> Iterator[None]:
    """Charlie has time to think again."""
    letterbox.manage("shell", "--verbosity", "0", "--command", SET_SECONDS.format(60))
    yield
    letterbox.manage("shell", "--verbosity", "0", "--command", SET_SECONDS.format(0))


@pytest.fixture
def briefly(letterbox: Site) -> Iterator[None]:
    """Charlie has no more time than it takes to see that there is some."""
    letterbox.manage("shell", "--verbosity", "0", "--command", SET_SECONDS.format(8))
    yield
    letterbox.manage("shell", "--verbosity", "0", "--command", SET_SECONDS.format(60))


def send(page: Page, subject: str) -> None:
    page.goto("/compose/")
    fill(page, {"to": "Later <later@home.test>, ", "subject": subject, "text": "Some words."})
    page.click("[data-send]")


def line(page: Page, subject: str) -> str:
    page.goto("/outbox/")
    return f".dispatch:has-text('{subject}')"


def test_counts_down_and_gives_the_draft_back(windows: Windows) -> None:
    page = windows.open("charlie")
    send(page, "Called back at once")
    toast = page.locator(".sending__line", has_text="Called back at once")
    expect(toast.locator("[data-sending-count]")).to_have_text(re.compile(r"Sending in \d\d s"))
    page.goto("/drafts/")
    toast.locator("text=Undo").click()
    expect(page).to_have_url(ADDRESS_OF_DRAFT)
    expect(page.locator("[name=to]")).to_have_value("Later <later@home.test>")
    expect(page.locator("[name=text]")).to_have_value("Some words.")
    expect(toast).to_have_count(0)
    expect(page.locator(line(page, "Called back at once"))).to_have_count(0)


def test_gives_the_draft_back_without_scripts(windows: Windows) -> None:
    page = windows.open("charlie", java_script_enabled=False)
    send(page, "Plain undo")
    toast = page.locator(".sending__line", has_text="Plain undo")
    expect(toast).to_contain_text("Sending at")
    toast.locator("button").click()
    expect(page.locator("[name=subject]")).to_have_value("Plain undo")


@pytest.mark.usefixtures("briefly")
def test_what_is_not_called_back_leaves_by_itself(windows: Windows) -> None:
    page = windows.open("charlie")
    send(page, "Left alone")
    toast = page.locator(".sending__line", has_text="Left alone")
    expect(toast).to_contain_text("On its way.")
    expect(toast.locator("text=Undo")).to_be_hidden()
    expect(page.locator(line(page, "Left alone"))).to_contain_text("Accepted by the server")


@pytest.mark.usefixtures("briefly")
def test_what_is_held_survives_a_restart(windows: Windows, letterbox: Site) -> None:
    page = windows.open("charlie")
    send(page, "Restarted")
    expect(page.locator(".sending__line", has_text="Restarted")).to_be_visible()
    letterbox.kill("worker")
    letterbox.start("worker")
    expect(page.locator(line(page, "Restarted"))).to_contain_text("Accepted by the server", timeout=60_000)


def test_sends_later_and_thinks_again(windows: Windows) -> None:
    page = windows.open("charlie")
    page.goto("/compose/")
    fill(page, {"to": "later@home.test", "subject": "For another day", "text": "Some words."})
    page.click("[aria-label='Send later']")
    page.click(".later__pick >> text=Monday morning")
    expect(page.locator(".notice--good")).to_contain_text("08:00")
    waiting = page.locator(line(page, "For another day"))
    expect(waiting).to_contain_text("Scheduled. It leaves:")
    expect(waiting).to_contain_text("08:00")
    page.goto("/sent/")
    expect(page.locator(".row", has_text="For another day")).to_have_count(0)
    waiting = page.locator(line(page, "For another day"))
    waiting.locator("text=Change time").click()
    waiting.locator("[name=send_at]").fill("2027-03-01T07:45")
    waiting.locator("button:text-is('Change')").click()
    expect(waiting).to_contain_text("07:45")
    waiting.locator("text=Send now").click()
    expect(waiting).to_contain_text("Accepted by the server")
    page.goto("/sent/")
    expect(page.locator(".row", has_text="For another day")).to_have_count(1)


def test_sends_later_without_scripts_and_edits(windows: Windows) -> None:
    page = windows.open("charlie", java_script_enabled=False)
    page.goto("/compose/")
    fill(page, {"to": "later@home.test", "subject": "Plain later", "text": "Some words."})
    page.click("[aria-label='Send later']")
    page.fill("[name=send_at]", "2027-03-01T07:45")
    page.click("button:text-is('Schedule')")
    waiting = page.locator(line(page, "Plain later"))
    expect(waiting).to_contain_text("07:45")
    waiting.locator("button:text-is('Edit')").click()
    expect(page.locator("[name=subject]")).to_have_value("Plain later")
