"""What is done rarely, and must not fail then: each act with scripts, and without them."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.lists import row, site_of_alice
from tests.browser.windows import Windows
from tests.servers import wait_until
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("both ways")]

# The first of each pair is for the window with scripts, the other for the one without.
WAYS = ("live", "plain")
ACTS = ("Restored", "Unmuted", "Unspammed", "Trash", "Spam")
CHANGE = """
from mailbox import quiet, threads
from mailbox.models import Message
change = {{"trash": threads.trash, "spam": threads.spam, "mute": quiet.mute}}["{}"]
change([Message.objects.get(subject="{}").thread_id])
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    """A site where a conversation waits for each act and each way."""
    subjects = [f"{act} {way}" for act in ACTS for way in WAYS]
    with site_of_alice(tmp_path_factory.mktemp("ways"), site_template, subjects, "web", "worker") as site:
        yield site


@pytest.fixture(scope="module")
def cookies() -> dict[str, StorageState]:
    return {}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(way: str, browser: Browser, site: Site, cookies: dict[str, StorageState]) -> Iterator[Page]:
    """Alice's window on a desk, with scripts or without."""
    windows = Windows(browser, site, cookies)
    yield windows.open("alice", java_script_enabled=way == "live")
    windows.close()


def change(site: Site, verb: str, subject: str) -> None:
    """Do something with the conversation `subject` before anybody looks."""
    site.manage("shell", "--verbosity", "0", "--command", CHANGE.format(verb, subject))


def press_in_row(page: Page, subject: str, button: str) -> None:
    page.hover(row(subject))
    page.click(f"{row(subject)} [aria-label='{button}']")


def test_puts_back_from_the_trash(page: Page, way: str, site: Site) -> None:
    subject = f"Restored {way}"
    change(site, "trash", subject)
    page.goto("/trash/")
    press_in_row(page, subject, "Put back")
    expect(page.locator(row(subject))).to_have_count(0)
    expect(page.locator("#undo")).to_contain_text("Put back.")
    page.goto("/")
    expect(page.locator(row(subject))).to_have_count(1)


def test_takes_out_of_spam(page: Page, way: str, site: Site) -> None:
    subject = f"Unspammed {way}"
    change(site, "spam", subject)
    page.goto("/spam/")
    press_in_row(page, subject, "Not spam")
    expect(page.locator(row(subject))).to_have_count(0)
    page.goto("/")
    expect(page.locator(row(subject))).to_have_count(1)


def test_unmutes(page: Page, way: str, site: Site) -> None:
    subject = f"Unmuted {way}"
    change(site, "mute", subject)
    page.goto("/archive/")
    expect(page.locator(f"{row(subject)} [title=Muted]")).to_have_count(1)
    press_in_row(page, subject, "More")
    page.click("#choices:popover-open :text('Unmute'), .choices--page :text('Unmute')")
    expect(page.locator("#undo")).to_contain_text("No longer muted.")
    page.goto("/archive/")
    expect(page.locator(row(subject))).to_have_count(1)
    expect(page.locator(f"{row(subject)} [title=Muted]")).to_have_count(0)


@pytest.mark.parametrize(("place", "button"), [("trash", "Empty the trash"), ("spam", "Empty spam")])
def test_empties_after_a_question(page: Page, way: str, site: Site, place: str, button: str) -> None:
    subject = f"{place.title()} {way}"
    change(site, place, subject)
    page.goto(f"/{place}/")
    page.click(f"text={button}")
    question = page.locator("#choices:popover-open, .choices--page")
    expect(question).to_contain_text("1 message will be deleted for ever.")
    question.locator("text=Keep it").click()
    expect(page.locator(row(subject))).to_have_count(1)
    page.click(f"text={button}")
    question.locator("button:text-is('Delete for ever')").click()
    expect(page.locator("main")).to_contain_text("What lay there is being deleted for ever.")
    expect(page.locator(row(subject))).to_have_count(0)
    gone = f"from mailbox.models import Message; print(Message.objects.filter(subject='{subject}').count())"
    wait_until(lambda: site.manage("shell", "-v", "0", "-c", gone).stdout.strip() == "0", what="its end")


def test_prepares_a_download(page: Page, way: str, tmp_path: Path) -> None:
    page.goto("/settings/export/")
    page.check("text=.eml")
    page.click("text=Prepare the download")
    packed = page.locator(".export").first.locator("text=Download")
    if way == "plain":
        wait_until(lambda: page.reload() and packed.count(), what="the file")
    expect(packed).to_be_visible()
    with page.expect_download() as download:
        packed.click()
    download.value.save_as(tmp_path / "mail.zip")
    assert any(name.endswith(".eml") for name in ZipFile(tmp_path / "mail.zip").namelist())
    page.locator(".export").first.locator("button:text-is('Delete')").click()
    expect(page.locator(".export")).to_have_count(0)
