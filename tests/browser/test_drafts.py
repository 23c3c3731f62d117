"""Drafts in Chromium: nothing typed is lost to a second tab, an ended session or a dead line; files come every way."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.browser.windows import PASSWORD, fill, is_ours, sign_in, wait_at
from tests.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("drafts")]

ADDRESS_OF_DRAFT = re.compile(r"/compose/[\w-]{16}/$")
PLAINLY = "from accounts.models import User; User.objects.update(writes_rich=False, undo_seconds=0)"
KEPT = "Not saved yet; kept in this browser."
DROP = """([selector, type, names]) => {
  const carried = new DataTransfer();
  for (const name of names) carried.items.add(new File([`This is ${name}.`], name, { type: "text/plain" }));
  const name = type === "paste" ? "clipboardData" : "dataTransfer";
  const Kind = type === "paste" ? ClipboardEvent : DragEvent;
  const event = new Kind(type, { bubbles: true, cancelable: true, [name]: carried });
  document.querySelector(selector).dispatchEvent(event);
  return event.defaultPrevented;
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    """A site of two people who can write and of nobody who takes it away."""
    small = {"ATTACHMENT_OCTETS_LIMIT": str(2**20)}
    with running_site(tmp_path_factory.mktemp("drafts"), site_template, "web", environment=small) as site:
        for name in ("alice", "bob"):
            site.manage("adduser", name, "--password-stdin", stdin=PASSWORD + "\n")
            server = "pop3://x:x@127.0.0.1:9", "--smtp", "smtp://x:x@127.0.0.1:9"
            site.manage("addaccount", name, f"{name}@home.test", "--pop3", *server)
        site.manage("shell", "-c", PLAINLY)
        yield site


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A browser in which Alice is signed in, and in which no script fails."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)) if is_ours(error) else None)
    page = context.new_page()
    sign_in(page, "alice")
    page.close()
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def compose(page: Page, subject: str, text: str = "Some words.") -> None:
    page.goto("/compose/")
    fill(page, {"to": "bob@far.test", "subject": subject, "text": text})


def saved(page: Page) -> None:
    """Wait until the server has what was typed."""
    expect(page).to_have_url(ADDRESS_OF_DRAFT)
    expect(page.locator("[data-saved]")).to_be_visible()
    wait_at(page, lambda: kept(page) == 0, what="the kept text to go")


def kept(page: Page) -> int:
    """How many texts the browser keeps."""
    return int(page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('letterbox.kept.')).length"))


def is_kept(page: Page) -> None:
    expect(page.locator("[data-autosave]")).to_contain_text(KEPT)
    assert kept(page) == 1


def settled(page: Page) -> None:
    """Let what is kept grow old enough to be nobody's who still types."""
    page.evaluate(
        """for (const [name, value] of Object.entries(localStorage)) {
          localStorage.setItem(name, value.replace(/"at":\\d+/, `"at":${Date.now() - 60_000}`));
        }"""
    )


def end_session(context: BrowserContext) -> None:
    context.clear_cookies(name="sessionid")


# Two tabs -------------------------------------------------------------------------------------------------------------


def test_of_two_tabs_the_newer_text_stays_and_the_older_is_a_second_draft(context: BrowserContext, page: Page) -> None:
    compose(page, "Two tabs")
    saved(page)
    stale = context.new_page()
    stale.goto(page.url)
    first = page.url
    page.fill("[name=text]", "Newer words.")
    page.click("button:text-is('Save')")
    expect(page.locator("[name=revision]")).to_have_value("2")
    stale.locator("[name=text]").press_sequentially("Older: ")
    expect(stale.locator("[data-twin]")).to_contain_text("This is a second draft.")
    expect(stale.locator("[name=text]")).to_be_focused()
    with stale.expect_response(lambda response: is_autosave(response.request)):
        stale.locator("[name=text]").press_sequentially("and more. ")
    assert stale.url != first
    page.reload()
    expect(page.locator("[name=text]")).to_have_value("Newer words.")
    stale.reload()
    expect(stale.locator("[name=text]")).to_have_value(re.compile("Older: and more. "))
    stale.click("text=Open the first one")
    expect(stale.locator("[name=text]")).to_have_value("Newer words.")
    stale.goto("/drafts/")
    expect(stale.locator(".draft:has-text('Two tabs')")).to_have_count(2)


def test_a_tab_sends_nothing_that_it_has_not_seen(context: BrowserContext, page: Page) -> None:
    compose(page, "Unseen")
    saved(page)
    stale = context.new_page()
    stale.goto(page.url)
    page.fill("[name=text]", "Newer words.")
    page.click("button:text-is('Save')")
    expect(page.locator("[name=revision]")).to_have_value("2")
    stale.fill("[name=text]", "Older words.")
    stale.click("[data-send]")
    expect(stale.locator(".notice--bad")).to_contain_text("changed in another tab or window")
    expect(stale.locator("[name=text]")).to_have_value("Older words.")


# Saving by itself -----------------------------------------------------------------------------------------------------


def test_leaving_saves_what_was_typed_a_moment_ago(page: Page) -> None:
    compose(page, "Left at once")
    page.goto("/drafts/")
    wait_at(page, lambda: page.reload() and page.locator("text=Left at once").count(), what="the draft in the list")
    page.goto("/compose/")
    settled(page)
    page.reload()
    wait_at(page, lambda: kept(page) == 0, what="the text that is saved to be forgotten")
    expect(page.locator("[data-kept-offer]")).to_have_count(0)


def test_leaving_with_more_than_a_last_request_can_carry_asks(page: Page) -> None:
    page.goto("/compose/")
    page.route("**/compose/", lambda route: None)
    page.fill("[name=text]", "あ" * 25_000)
    page.locator("[name=text]").press("End")
    with page.expect_event("dialog") as question:
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.evaluate("location.href = '/drafts/'")
    assert question.value.type == "beforeunload"
    page.once("dialog", lambda dialog: dialog.accept())


def test_a_reload_right_after_typing_shows_what_was_typed(page: Page) -> None:
    compose(page, "Reloaded")
    saved(page)
    page.locator("[name=text]").press_sequentially(" And more.")
    wait_at(page, lambda: kept(page) == 1 or page.input_value("[name=revision]") != "1", what="the text to be kept")
    page.reload()
    expect(page.locator("[name=text]")).to_have_value("Some words. And more.")
    expect(page.locator("[data-kept-offer]")).to_have_count(0)


def test_what_is_typed_and_attached_while_a_button_waits_for_its_answer_stays(page: Page) -> None:
    compose(page, "Slow answer")
    saved(page)
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        is_of_button = b"save" in (route.request.post_data_buffer or b"").split(b"\r\n")
        waiting.append(route) if is_of_button else route.continue_()

    page.route("**/compose/", hold)
    page.click("button:text-is('Save')")
    wait_at(page, lambda: waiting, what="the button's request")
    answer = waiting[0].fetch()
    page.evaluate(DROP, ["[name=text]", "drop", ["one.txt"]])
    expect(page.locator("[data-files] .file__name")).to_have_text(["one.txt"])
    page.fill("[name=text]", "Meanwhile.")
    page.evaluate("document.querySelector('[data-compose]').dataset.old = ''")
    waiting[0].fulfill(response=answer)
    expect(page.locator("[data-compose]:not([data-old]) [name=text]")).to_have_value("Meanwhile.")
    expect(page.locator("[data-files] .file__name")).to_have_text(["one.txt"])

    def is_stored() -> bool:
        page.reload()
        return page.input_value("[name=text]") == "Meanwhile."

    wait_at(page, is_stored, what="the text to be saved")
    expect(page.locator("[data-files] .file__name")).to_have_text(["one.txt"])


def is_autosave(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/compose/")


def test_saves_while_one_types_without_a_rest(page: Page) -> None:
    page.goto("/compose/")
    page.clock.install()
    with page.expect_request(is_autosave):
        for _ in range(20):
            page.locator("[name=text]").press_sequentially("On and on. ")
            page.clock.run_for(1_000)


# The session ends -----------------------------------------------------------------------------------------------------


def test_a_session_that_ended_costs_nothing_and_signing_in_elsewhere_saves(context: BrowserContext, page: Page) -> None:
    compose(page, "Session ended")
    saved(page)
    end_session(context)
    page.locator("[name=text]").press_sequentially(" And then some.")
    expect(page.locator("[data-autosave]")).to_contain_text("You are signed out")
    is_kept(page)
    with context.expect_page() as opened:
        page.click("[data-sign-in]")
    sign_in(opened.value, "alice")
    opened.value.close()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")
    saved(page)
    page.reload()
    expect(page.locator("[name=text]")).to_have_value("Some words. And then some.")


def test_a_button_pressed_after_the_session_ended_leaves_the_text_on_the_page(
    context: BrowserContext, page: Page
) -> None:
    compose(page, "Pressed too late")
    end_session(context)
    page.click("[data-send]")
    expect(page.locator("[data-autosave]")).to_contain_text("You are signed out")
    expect(page.locator("[name=text]")).to_have_value("Some words.")
    is_kept(page)


def test_what_was_kept_is_offered_back_after_signing_in(context: BrowserContext, page: Page) -> None:
    page.goto("/compose/")
    end_session(context)
    fill(page, {"to": "bob@far.test", "subject": "Kept back", "text": "Words of last night."})
    expect(page.locator("[data-autosave]")).to_contain_text("You are signed out")
    is_kept(page)
    settled(page)
    page.close(run_before_unload=False)
    later = context.new_page()
    sign_in(later, "alice")
    later.goto("/compose/")
    offer = later.locator("[data-kept-offer]")
    expect(offer).to_contain_text("Kept back — Words of last night.")
    offer.locator("text=Put it back").click()
    saved(later)
    expect(later.locator("[name=text]")).to_have_value("Words of last night.")
    expect(later.locator("[name=to]")).to_have_value("bob@far.test")


def test_the_newest_words_of_a_text_with_formatting_are_offered_back(
    context: BrowserContext, page: Page, site: Site
) -> None:
    site.manage("shell", "-c", "from accounts.models import User; User.objects.update(writes_rich=True)")
    page.goto("/compose/")
    site.manage("shell", "-c", PLAINLY)
    page.locator("[data-rich]").focus()
    page.keyboard.type("First words.")
    saved(page)
    end_session(context)
    page.keyboard.type(" Newest words.")
    is_kept(page)
    settled(page)
    page.close(run_before_unload=False)
    later = context.new_page()
    sign_in(later, "alice")
    later.goto("/compose/")
    expect(later.locator("[data-kept-offer]")).to_contain_text("First words. Newest words.")
    later.click("text=Throw it away")


def test_what_was_kept_can_be_thrown_away(context: BrowserContext, page: Page) -> None:
    page.goto("/compose/")
    end_session(context)
    page.fill("[name=text]", "Not worth it.")
    is_kept(page)
    settled(page)
    page.close(run_before_unload=False)
    later = context.new_page()
    sign_in(later, "alice")
    later.goto("/compose/")
    later.click("text=Throw it away")
    wait_at(later, lambda: kept(later) == 0, what="the kept text to go")
    later.reload()
    expect(later.locator("[data-kept-offer]")).to_have_count(0)


def test_the_next_person_at_this_browser_sees_and_saves_nothing_of_it(context: BrowserContext, page: Page) -> None:
    page.goto("/compose/")
    end_session(context)
    page.fill("[name=text]", "A secret of Alice.")
    is_kept(page)
    settled(page)
    other = context.new_page()
    sign_in(other, "bob")
    other.goto("/compose/")
    stored = other.evaluate("JSON.stringify(localStorage)")
    assert "secret" not in stored
    assert "alice" not in stored.lower()
    other.wait_for_timeout(200)
    expect(other.locator("[data-kept-offer]")).to_have_count(0)
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("[data-autosave]")).to_contain_text("Somebody else is signed in now.")
    other.goto("/drafts/")
    expect(other.locator("text=No drafts")).to_be_visible()
    sign_in_again(context, other)
    other.goto("/compose/")
    expect(other.locator("[data-kept-offer]")).to_contain_text("A secret of Alice.")


def sign_in_again(context: BrowserContext, page: Page) -> None:
    end_session(context)
    page.goto("/account/login/")
    sign_in(page, "alice")


# The line is dead -----------------------------------------------------------------------------------------------------


def test_offline_the_text_is_kept_and_saved_once_the_line_is_back(context: BrowserContext, page: Page) -> None:
    compose(page, "Tunnel")
    saved(page)
    context.set_offline(True)
    page.locator("[name=text]").press_sequentially(" In the dark.")
    is_kept(page)
    context.set_offline(False)
    saved(page)
    page.reload()
    expect(page.locator("[name=text]")).to_have_value("Some words. In the dark.")


# Sent elsewhere -------------------------------------------------------------------------------------------------------


def test_what_was_typed_after_another_tab_sent_the_message_can_be_taken_back(
    context: BrowserContext, page: Page
) -> None:
    compose(page, "Gone ahead")
    saved(page)
    late = context.new_page()
    late.goto(page.url)
    page.click("[data-send]")
    expect(page.locator(".notice--good")).to_contain_text("on its way")
    late.locator("[name=text]").press_sequentially("One more thing. ")
    expect(late.locator("[data-autosave]")).to_contain_text("was sent from another tab")
    is_kept(late)
    settled(late)
    page.goto("/compose/")
    page.click("text=Put it back")
    saved(page)
    expect(page.locator("[name=text]")).to_have_value("One more thing. Some words.")


# Files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_files_come_by_drop_and_paste(page: Page, way: str) -> None:
    compose(page, f"By {way}")
    assert page.evaluate(DROP, ["[name=text]", way, ["one.txt", "two.txt"]])
    expect(page.locator("[data-files] .file__name")).to_have_text(["one.txt", "two.txt"])
    expect(page.locator(".upload")).to_have_count(0)
    expect(page.locator("[data-send]")).to_be_enabled()
    page.reload()
    expect(page.locator("[data-files] .file__name")).to_have_text(["one.txt", "two.txt"])
    expect(page.locator("[name=text]")).to_have_value("Some words.")


def test_a_file_that_misses_the_composer_does_not_replace_the_page(page: Page) -> None:
    compose(page, "Missed")
    assert page.evaluate(DROP, [".topbar", "drop", ["one.txt"]])
    expect(page.locator(".upload, .file")).to_have_count(0)


def test_pasted_words_stay_words(page: Page) -> None:
    compose(page, "Words")
    assert not page.evaluate(DROP, ["[name=text]", "paste", []])


def test_send_waits_for_the_files_and_an_upload_can_be_stopped(page: Page) -> None:
    compose(page, "Waits")
    saved(page)
    page.route("**/compose/", lambda route: None)
    page.evaluate(DROP, ["[name=text]", "drop", ["one.txt", "two.txt"]])
    expect(page.locator(".upload")).to_have_count(2)
    expect(page.locator("[data-send]")).to_be_disabled()
    page.locator(".upload", has_text="one.txt").locator("[data-upload-stop]").click()
    expect(page.locator(".upload")).to_have_count(1)
    page.unroute("**/compose/")
    expect(page.locator("[data-files] .file__name")).to_have_text(["two.txt"])
    expect(page.locator("[data-send]")).to_be_enabled()


def test_a_file_that_is_too_large_is_said_in_words_and_the_others_come(page: Page) -> None:
    compose(page, "Large")
    large: Any = {"name": "film.mov", "mimeType": "video/quicktime", "buffer": b"x" * (2**20 + 1)}
    small: Any = {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"a plan"}
    page.set_input_files("[name=files]", [large, small])
    expect(page.locator(".upload", has_text="film.mov")).to_contain_text("Larger than 1.0")
    expect(page.locator("[data-files] .file__name")).to_have_text(["plan.txt"])
    expect(page.locator("[data-send]")).to_be_enabled()
    page.click("[data-upload-stop]")
    expect(page.locator(".upload")).to_have_count(0)


def test_an_upload_that_failed_can_be_tried_again(page: Page) -> None:
    compose(page, "Again")
    saved(page)
    page.route("**/compose/", lambda route: route.abort())
    page.evaluate(DROP, ["[name=text]", "drop", ["one.txt"]])
    expect(page.locator(".upload")).to_contain_text("Could not be uploaded. Your text is still here.")
    page.unroute("**/compose/")
    page.click("text=Try again")
    expect(page.locator("[data-files] .file__name")).to_have_text(["one.txt"])


def test_taking_a_file_off_leaves_what_is_typed_alone(page: Page) -> None:
    compose(page, "Off")
    page.evaluate(DROP, ["[name=text]", "drop", ["one.txt"]])
    page.locator("[name=text]").press_sequentially(" More.")
    page.click("[aria-label='Remove one.txt']")
    expect(page.locator("[data-files] .file")).to_have_count(0)
    expect(page.locator("[name=text]")).to_have_value("Some words. More.")
