"""What people do with conversations in Chromium: with the mouse, by the keyboard, on a phone and without scripts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.windows import PASSWORD, Windows
from tests.cast import octets_of
from tests.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("acts")]

SUBJECTS = (
    *("Anchor", "Buoy", "Compass", "Dinghy", "Ebb", "Ferry", "Gull", "Harbour"),
    *("Iceberg", "Jetty", "Keel", "Lagoon"),
)
SNOOZE = """
from datetime import timedelta
from django.utils import timezone
from mailbox import quiet
from mailbox.models import Message
thread = Message.objects.get(subject="{}").thread_id
quiet.snooze([thread], until=(timezone.now() + timedelta(seconds=2)).isoformat())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    """A site with one person; each test has a conversation or two for itself."""
    folder = tmp_path_factory.mktemp("acts")
    with running_site(folder, site_template, "web", "worker", "beat", environment={"TICK_SECONDS": "1"}) as site:
        site.manage("adduser", "alice", "--password-stdin", stdin=PASSWORD + "\n")
        server = "pop3://alice:x@127.0.0.1:9", "--smtp", "smtp://alice:x@127.0.0.1:9"
        site.manage("addaccount", "alice", "alice@home.test", "--pop3", *server)
        mail = tmp_path_factory.mktemp("mail")
        for number, subject in enumerate(SUBJECTS):
            octets = octets_of(subject, message_id=f"{subject}@far.test", date=f"{number + 1} Nov 2025 09:00:00 +0000")
            (mail / f"{number}.eml").write_bytes(octets)
        site.manage("importmail", "alice", "alice@home.test", str(mail), "--inbox", "--unread")
        yield site


@pytest.fixture
def windows(browser: Browser, site: Site) -> Iterator[Windows]:
    opened = Windows(browser, site)
    yield opened
    opened.close()


@pytest.fixture
def wide(windows: Windows) -> Page:
    """Alice's window on a desk."""
    page = windows.open("alice")
    page.goto("/")
    return page


def row(subject: str) -> str:
    return f"#rows .row:has(.row__subject:text-is('{subject}'))"


def ask(page: Page, subject: str, choice: str) -> None:
    """Open what is to be chosen for a conversation, from its row."""
    page.hover(row(subject))
    page.click(f"{row(subject)} [data-choices={choice}]")
    expect(page.locator("#choices:popover-open")).to_be_visible()


def test_snoozes_from_the_row_and_z_takes_it_back(wide: Page) -> None:
    ask(wide, "Anchor", "snooze")
    wide.click("#choices .later__pick >> nth=-1")
    expect(wide.locator(row("Anchor"))).to_have_count(0)
    expect(wide.locator("#choices:popover-open")).to_have_count(0)
    expect(wide.locator("#undo")).to_contain_text("Snoozed.")
    wide.keyboard.press("z")
    expect(wide.locator(row("Anchor"))).to_have_count(1)


def test_z_is_a_letter_where_somebody_writes(wide: Page) -> None:
    wide.hover(row("Anchor"))
    wide.click(f"{row('Anchor')} [aria-label='Mark as read']")
    expect(wide.locator("#undo form")).to_have_count(1)
    wide.locator("#q").press("z")
    expect(wide.locator("#q")).to_have_value("z")
    expect(wide.locator("#undo form")).to_have_count(1)


def test_what_slept_comes_back_into_an_open_list_on_top(wide: Page, site: Site) -> None:
    site.manage("shell", "--verbosity", "0", "--command", SNOOZE.format("Buoy"))
    wide.goto("/snoozed/")
    wide.goto("/")
    expect(wide.locator("#rows .row >> nth=0")).to_contain_text("Buoy", timeout=40_000)
    expect(wide.locator(f"{row('Buoy')} .row__signs .chip")).to_have_attribute("title", "Back from snoozing")


def test_makes_a_label_beside_the_conversation_by_the_keyboard_alone(wide: Page) -> None:
    wide.click(f"{row('Compass')} .row__link")
    wide.locator(".conversation [data-choices=labels]").press("Enter")
    expect(wide.locator("#label-name")).to_be_focused()
    wide.keyboard.type("Travel/Sea")
    wide.keyboard.press("Enter")
    expect(wide.locator(".conversation__signs")).to_contain_text("Travel/Sea")
    expect(wide.locator("#side-labels")).to_contain_text("Sea")
    expect(wide.locator(f"{row('Compass')} .label")).to_have_text("Sea")
    wide.keyboard.press("Escape")
    expect(wide.locator("#choices:popover-open")).to_have_count(0)
    wide.click("[aria-label='Remove the label Travel/Sea']")
    expect(wide.locator(".conversation__signs .label")).to_have_count(0)


def test_the_list_of_labels_narrows_to_what_is_typed(wide: Page) -> None:
    for name in ("Bills", "Boats"):
        wide.goto("/settings/labels/")
        wide.fill("[name=name]", name)
        wide.click("main form button")
        expect(wide.locator(".labels")).to_contain_text(name)
    wide.goto("/")
    ask(wide, "Dinghy", "more")
    wide.click("#choices [data-choices=labels]")
    wide.locator("#label-name").press_sequentially("boa")
    expect(wide.locator("#label-choices li:visible")).to_have_count(1)
    wide.keyboard.press("Enter")
    expect(wide.locator(f"{row('Dinghy')} .label")).to_have_text("Boats")
    expect(wide.locator("#label-choices button[aria-pressed=true]")).to_have_text("Boats")


def test_spam_is_deleted_for_ever_after_a_question(wide: Page) -> None:
    ask(wide, "Ebb", "more")
    wide.click("#choices :text('Mark as spam')")
    expect(wide.locator(row("Ebb"))).to_have_count(0)
    wide.goto("/spam/")
    expect(wide.locator(".mail__leaving")).to_contain_text("30 days")
    ask(wide, "Ebb", "delete")
    wide.click("#choices [data-choices-close]")
    expect(wide.locator(row("Ebb"))).to_have_count(1)
    ask(wide, "Ebb", "delete")
    wide.click("#choices .button--danger")
    expect(wide.locator(row("Ebb"))).to_have_count(0)
    expect(wide.locator("#undo")).to_contain_text("Deleted for ever.")


def test_a_phone_snoozes_the_open_conversation_and_returns_to_the_list(windows: Windows) -> None:
    phone = windows.open("alice", viewport={"width": 390, "height": 844}, has_touch=True)
    phone.goto("/")
    phone.click(f"{row('Ferry')} .row__link")
    phone.click(".conversation__toolbar [data-choices=more]")
    phone.click("#choices [data-choices=snooze]")
    expect(phone.locator("#choices .later__pick >> nth=0")).to_be_visible()
    assert phone.evaluate("innerHeight - document.querySelector('#choices').getBoundingClientRect().bottom") == 0
    phone.click("#choices .later__pick >> nth=0")
    expect(phone.locator(".conversation")).to_have_count(0)
    expect(phone.locator(row("Ferry"))).to_have_count(0)
    phone.goto("/snoozed/")
    expect(phone.locator(row("Ferry"))).to_have_count(1)


def test_a_time_that_has_passed_is_refused_in_words(wide: Page, windows: Windows) -> None:
    windows.tolerated.append("status of 422")
    ask(wide, "Gull", "snooze")
    wide.fill("#snooze-time", "2020-01-01T08:00")
    wide.click("#choices [value=typed]")
    expect(wide.locator("#undo")).to_contain_text("That time has passed.")
    expect(wide.locator(row("Gull"))).to_have_count(1)


def test_without_scripts_every_act_is_a_page_and_can_be_taken_back(windows: Windows) -> None:
    plain = windows.open("alice", java_script_enabled=False)
    plain.goto("/")
    plain.hover(row("Harbour"))
    plain.click(f"{row('Harbour')} [data-choices=snooze]")
    plain.click(".later__pick >> nth=0")
    expect(plain.locator(row("Harbour"))).to_have_count(0)
    plain.click("#undo button")
    plain.hover(row("Harbour"))
    plain.click(f"{row('Harbour')} [data-choices=more]")
    plain.click("main :text-is('Labels')")
    plain.fill("[name=name]", "Piers")
    plain.click("[data-filter-new]")
    expect(plain.locator(f"{row('Harbour')} .label")).to_have_text("Piers")
    plain.hover(row("Harbour"))
    plain.click(f"{row('Harbour')} [data-choices=more]")
    plain.click("main :text-is('Mute')")
    expect(plain.locator("#undo")).to_contain_text("Muted")
    plain.click("#undo button")
    expect(plain.locator(row("Harbour"))).to_have_count(1)


def delete_for_ever(site: Site, subject: str) -> None:
    """As somebody else does, or another window."""
    words = f"from mailbox.models import Message; Message.objects.filter(subject={subject!r}).first().thread.delete()"
    site.manage("shell", "--verbosity", "0", "--command", words)


@pytest.mark.parametrize("shape", ["desk", "phone"])
def test_back_to_what_was_deleted_for_ever_says_so_and_leads_to_the_list(
    windows: Windows, site: Site, shape: str
) -> None:
    windows.tolerated.append("status of 404")
    gone, size = {"desk": ("Iceberg", (1440, 900)), "phone": ("Jetty", (390, 844))}[shape]
    page = windows.open("alice", viewport={"width": size[0], "height": size[1]}, has_touch=shape == "phone")
    page.goto("/")
    page.click(f"{row(gone)} .row__link")
    expect(page.locator(".conversation__subject")).to_have_text(gone)
    if shape == "phone":
        page.click("[data-step=older]")
    else:
        page.click(f"{row('Keel')} .row__link")
    expect(page.locator(".conversation__subject")).not_to_have_text(gone)
    delete_for_ever(site, gone)
    page.go_back()
    expect(page.get_by_role("alert")).to_contain_text("This is not there any more.")
    expect(page.locator("main")).to_have_count(1)
    expect(page.locator(".conversation")).to_have_count(0)
    expect(page.locator(row("Keel"))).to_be_visible()
    expect(page).to_have_url(f"{site.url}/")
    expect(page).to_have_title(re.compile("Inbox · Letterbox"))


def test_a_line_of_what_is_not_there_any_more_opens_nothing_and_says_so(wide: Page, windows: Windows) -> None:
    windows.tolerated.append("status of 404")
    wide.route("**/live/**", lambda route: route.abort())
    windows.tolerated.append("ERR_FAILED")
    wide.reload()
    wide.click(f"{row('Keel')} .row__link")
    expect(wide.locator(".conversation__subject")).to_have_text("Keel")
    address = wide.url
    delete_for_ever(windows.site, "Lagoon")
    wide.click(f"{row('Lagoon')} .row__link")
    expect(wide.get_by_role("alert")).to_contain_text("This is not there any more.")
    expect(wide.locator(".conversation__subject")).to_have_text("Keel")
    expect(wide).to_have_url(address)
    wide.hover(row("Lagoon"))
    wide.click(f"{row('Lagoon')} [data-choices=more]")
    expect(wide.locator("#choices:popover-open")).to_have_count(0)
    expect(wide.locator("main")).to_have_count(1)
