"""Writing in Chromium: what is typed saves itself, files come and go, and what was sent can be called back."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.windows import Windows, fill, wait_at
from tests.misbehaving_smtp import Action, MisbehavingSmtp
from tests.servers import wait_until
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADDRESS_OF_DRAFT = re.compile(r"/compose/[\w-]{16}/$")


@pytest.fixture
def page(windows: Windows) -> Page:
    """Charlie's window on a desk."""
    return windows.open("charlie")


@pytest.fixture
def plain_page(windows: Windows) -> Page:
    """Charlie's window in a browser that runs no scripts."""
    return windows.open("charlie", java_script_enabled=False)


def compose(page: Page, subject: str, text: str = "Some words.") -> None:
    page.goto("/compose/")
    fill(page, {"to": "writing@home.test", "subject": subject, "text": text})


def draft(subject: str) -> str:
    return f".draft:has-text('{subject}')"


def open_draft(page: Page, subject: str) -> None:
    page.goto("/drafts/")
    page.click(f"{draft(subject)} .draft__link")


def make_file(folder: Path, name: str) -> Path:
    (folder / name).write_text(f"This is {name}.")
    return folder / name


class BusySmtp(MisbehavingSmtp):
    """Puts every recipient off once, and takes the message at the second try."""

    def action(self, step: str) -> Action | None:
        """451 to a RCPT that it hears for the first time."""
        is_first = step == "RCPT" and self.commands.count(self.commands[-1]) == 1
        return "451 4.3.2 Busy, try again later" if is_first else super().action(step)


@pytest.fixture(scope="module")
def busy(letterbox: Site) -> Iterator[str]:
    """The address of an account of Charlie's whose submission server is busy at the first try."""
    with BusySmtp() as server:
        servers = "--pop3", "pop3://charlie:x@127.0.0.1:9", "--smtp", f"smtp://127.0.0.1:{server.port}"
        letterbox.manage("addaccount", "charlie", "charlie@busy.test", *servers)
        yield "charlie@busy.test"


def compose_at(page: Page, sender: str, subject: str) -> Locator:
    """Write from `sender` to an address of its own; return the line that it will have in the outbox."""
    compose(page, subject)
    fill(page, {"to": f"{subject.replace(' ', '.')}@far.test"})
    option = page.locator("[name=account] option", has_text=sender)
    page.select_option("[name=account]", option.get_attribute("value"))
    return page.locator(f".dispatch:has-text('{subject}')")


def stored_text(page: Page) -> str:
    """What the server has of the draft that is open."""
    answer = page.request.get(page.url).text()
    return unescape(answer.partition('name="text"')[2].partition(">")[2].partition("</textarea>")[0]).strip()


# With scripts ---------------------------------------------------------------------------------------------------------


def test_a_page_that_stands_quiet_has_fetched_the_composer(windows: Windows) -> None:
    page = windows.open("dana")
    page.goto("/")
    with page.expect_event("requestfinished", lambda request: "/bundles/rich" in request.url):
        pass
    page.goto("/compose/")
    page.wait_for_selector("[data-rich][contenteditable]")
    loaded = "() => performance.getEntriesByType('resource').map(({ name, transferSize }) => [name, transferSize])"
    octets = {name.rpartition("/")[2].partition(".")[0]: size for name, size in page.evaluate(loaded)}
    assert octets["compose"] == octets["rich"] == 0


def test_what_is_typed_saves_itself_under_an_address_of_its_own(page: Page) -> None:
    compose(page, "Saves itself")
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    expect(page).to_have_url(ADDRESS_OF_DRAFT)
    page.locator("[name=text]").press_sequentially(" A few more.")
    expect(page.locator("[name=text]")).to_be_focused()
    expect(page.locator("[data-autosave]:not([data-state])")).to_be_visible()
    wait_at(page, lambda: stored_text(page) == "Some words. A few more.", what="the saved text")
    page.reload()
    expect(page.locator("[name=text]")).to_have_value("Some words. A few more.")
    page.goto("/drafts/")
    expect(page.locator(draft("Saves itself"))).to_have_count(1)


def test_two_windows_send_one_message_once(page: Page) -> None:
    compose(page, "Sent once")
    expect(page.locator("[data-saved]")).to_be_visible()
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.locator("[name=subject]")).to_have_value("Sent once")
    page.click("[data-send]")
    expect(page.locator(".notice--good")).to_contain_text("on its way")
    second.click("[data-send]")
    expect(second.locator("main")).to_contain_text("Nothing was sent twice.")
    expect(second.locator(".dispatch:has-text('Sent once')")).to_have_count(1)


def test_files_come_and_go(page: Page, tmp_path: Path) -> None:
    compose(page, "With files")
    page.set_input_files("[name=files]", [make_file(tmp_path, "one.txt"), make_file(tmp_path, "two.txt")])
    expect(page.locator(".file__name")).to_have_text(["one.txt", "two.txt"])
    page.click("[aria-label='Remove one.txt']")
    expect(page.locator(".file__name")).to_have_text(["two.txt"])
    page.reload()
    expect(page.locator(".file__name")).to_have_text(["two.txt"])
    expect(page.locator("[name=text]")).to_have_value("Some words.")


def test_discarding_is_taken_back(page: Page) -> None:
    compose(page, "Thrown away")
    expect(page.locator("[data-saved]")).to_be_visible()
    page.click("button[value=discard]")
    expect(page.locator("#undo")).to_contain_text("The draft is discarded.")
    page.goto("/drafts/")
    expect(page.locator(draft("Thrown away"))).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator("[name=subject]")).to_have_value("Thrown away")
    page.goto("/drafts/")
    expect(page.locator(draft("Thrown away"))).to_have_count(1)


def test_discarding_from_the_list_is_taken_back(page: Page) -> None:
    compose(page, "Second thoughts")
    page.click("button:text-is('Save')")
    expect(page.locator("[data-saved]")).to_be_visible()
    page.goto("/drafts/")
    page.click(f"{draft('Second thoughts')} [aria-label=Discard]")
    expect(page.locator(draft("Second thoughts"))).to_have_count(0)
    page.click("#undo button")
    expect(page.locator("[name=subject]")).to_have_value("Second thoughts")


def test_control_and_enter_send(page: Page) -> None:
    compose(page, "By keyboard")
    page.press("[name=text]", "Control+Enter")
    expect(page.locator(".notice--good")).to_contain_text("on its way")


def test_leaving_with_unsaved_words_asks(windows: Windows, page: Page) -> None:
    windows.tolerated.append("ERR_FAILED")
    page.goto("/compose/")
    page.route("**/compose/", lambda route: route.abort())
    page.locator("[name=text]").press_sequentially("Not saved yet.")
    expect(page.locator("[data-autosave]")).to_contain_text("Not saved yet; kept in this browser.")
    with page.expect_event("dialog") as question:
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.evaluate("location.href = '/drafts/'")
    assert question.value.type == "beforeunload"
    expect(page.locator("[name=text]")).to_have_value("Not saved yet.")
    page.unroute("**/compose/")
    page.click("button:text-is('Save')")
    expect(page.locator("[data-saved]")).to_be_visible()


def test_what_waits_in_the_outbox_becomes_a_draft_again(page: Page, busy: str, tmp_path: Path) -> None:
    line = compose_at(page, busy, "Called back")
    page.set_input_files("[name=files]", make_file(tmp_path, "map.txt"))
    expect(page.locator(".file__name")).to_have_text("map.txt")
    page.click("[data-send]")
    page.click(".notice--good >> text=Outbox")
    expect(line).to_contain_text("The server could not take it yet. It is kept.")
    line.locator("text=Cancel and edit").click()
    expect(page.locator(".notice--good")).to_contain_text("The message is a draft again.")
    expect(page).to_have_url(ADDRESS_OF_DRAFT)
    expect(page.locator("[name=to]")).to_have_value("Called.back@far.test")
    expect(page.locator("[name=text]")).to_have_value("Some words.")
    expect(page.locator(".file__name")).to_have_text("map.txt")
    page.click("[data-send]")
    page.click(".notice--good >> text=Outbox")
    expect(line).to_contain_text("Accepted")


def test_try_now_sends_what_was_put_off(page: Page, busy: str) -> None:
    line = compose_at(page, busy, "Put off")
    page.click("[data-send]")
    page.click(".notice--good >> text=Outbox")
    expect(line).to_contain_text("The server could not take it yet. It is kept.")
    line.locator(".delivery-log__head").click()
    expect(line.locator("pre")).to_contain_text("451 4.3.2 Busy, try again later")
    line.locator("text=Try now").click()
    expect(line).to_contain_text("Accepted")


# Without scripts ------------------------------------------------------------------------------------------------------


def test_writes_and_sends_without_scripts(windows: Windows, plain_page: Page, tmp_path: Path) -> None:
    windows.tolerated.append("status of 422")
    page = plain_page
    compose(page, "Plain forms")
    page.set_input_files("[name=files]", [make_file(tmp_path, "one.txt"), make_file(tmp_path, "two.txt")])
    page.click("button:text-is('Upload')")
    expect(page.locator(".file__name")).to_have_text(["one.txt", "two.txt"])
    page.click("[aria-label='Remove two.txt']")
    expect(page.locator(".file__name")).to_have_text(["one.txt"])
    page.fill("[name=to]", "nobody at all")
    page.click("[data-send]")
    expect(page.locator("#compose-to-error")).to_contain_text("nobody at all")
    expect(page.locator("[name=text]")).to_have_value("Some words.")
    page.fill("[name=to]", "writing@home.test")
    page.click("[data-send]")
    expect(page.locator(".notice--good")).to_contain_text("on its way")


def test_saves_and_discards_without_scripts(plain_page: Page) -> None:
    page = plain_page
    compose(page, "Plain draft")
    page.click("button:text-is('Save')")
    expect(page).to_have_url(ADDRESS_OF_DRAFT)
    page.goto("/drafts/")
    page.click(f"{draft('Plain draft')} [aria-label=Discard]")
    expect(page.locator(draft("Plain draft"))).to_have_count(0)
    expect(page.locator("#undo")).to_contain_text("The draft is discarded.")
    page.click("#undo button")
    page.click("[value=discard]")
    expect(page.locator("#undo")).to_contain_text("The draft is discarded.")


def test_cancels_without_scripts(plain_page: Page, busy: str) -> None:
    page = plain_page
    line = compose_at(page, busy, "Plain return")
    page.click("[data-send]")
    page.goto("/outbox/")
    wait_until(lambda: page.reload() and line.locator("text=Cancel and edit").count(), what="the server's first answer")
    line.locator("text=Cancel and edit").click()
    expect(page.locator("[name=subject]")).to_have_value("Plain return")
    expect(page.locator("[name=text]")).to_have_value("Some words.")
