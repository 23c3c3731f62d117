"""Address fields in Chromium: contacts are offered, addresses become chips, and the text field stays the truth."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.windows import Windows, fill
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CONTACTS = """
from django.utils import timezone
from accounts.models import User
from mailbox.contacts import learn
from mailbox.mime.addresses import Address
from mailbox.models import Contact
charlie = User.objects.get(username="charlie")
Contact.objects.filter(owner=charlie).delete()
for name, address in (("Eve Danvers", "eve@far.test"), ("田中恵子", "keiko@far.test"), ("Dana Adams", "dana@far.test")):
    learn(charlie, [Address(name, address)], timezone.now())
"""


@pytest.fixture(scope="module")
def contacts(letterbox: Site) -> None:
    """Charlie has written to three people, whomever other tests wrote to for him."""
    letterbox.manage("shell", "--verbosity", "0", "--command", CONTACTS)


@pytest.fixture
def page(windows: Windows, contacts: None) -> Iterator[Page]:
    """Charlie's empty composer."""
    page = windows.open("charlie")
    page.goto("/compose/")
    yield page
    page.once("dialog", lambda dialog: dialog.accept())


def entry(page: Page, name: str = "to") -> Locator:
    return page.locator(f"#compose-{name}-entry")


def chips(page: Page, name: str = "to") -> Locator:
    return page.locator(f"[data-people]:has([name={name}]) [data-chip]")


def offers(page: Page) -> Locator:
    return page.locator("#compose-to-offers [data-offer]")


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.activeElement.dispatchEvent(event);
        }""",
        text,
    )


def expect_text(page: Page, text: str, name: str = "to") -> None:
    expect(page.locator(f"[name={name}]")).to_have_value(text)


# Offers ---------------------------------------------------------------------------------------------------------------


def test_the_cursor_waits_in_to(page: Page) -> None:
    expect(entry(page)).to_be_focused()
    expect(page.get_by_label("To", exact=True).first).to_be_visible()


def test_arrows_choose_and_enter_takes(page: Page) -> None:
    entry(page).press_sequentially("da")
    expect(offers(page)).to_have_count(2)
    expect(entry(page)).to_have_attribute("aria-expanded", "true")
    expect(entry(page)).to_have_attribute("aria-activedescendant", "compose-to-offers-0")
    entry(page).press("ArrowDown")
    expect(offers(page).nth(1)).to_have_attribute("aria-selected", "true")
    expect(offers(page).nth(0)).to_have_attribute("aria-selected", "false")
    entry(page).press("ArrowUp")
    entry(page).press("Enter")
    expect_text(page, "Dana Adams <dana@far.test>")
    expect(entry(page)).to_be_focused()
    expect(entry(page)).to_have_attribute("aria-expanded", "false")


def test_tab_takes_the_first_and_a_japanese_name_is_found_by_its_end(page: Page) -> None:
    entry(page).press_sequentially("恵")
    expect(offers(page)).to_have_count(1)
    entry(page).press("Tab")
    expect_text(page, "田中恵子 <keiko@far.test>")
    entry(page).press("Tab")
    expect(entry(page)).not_to_be_focused()


def test_escape_closes_and_what_was_typed_stays(page: Page) -> None:
    entry(page).press_sequentially("dan")
    expect(offers(page)).to_have_count(2)
    entry(page).press("Escape")
    expect(page.locator("#compose-to-offers")).to_be_hidden()
    expect(entry(page)).to_have_value("dan")


def test_a_click_takes_an_offer(page: Page) -> None:
    entry(page).press_sequentially("eve")
    offers(page).first.click()
    expect(chips(page)).to_have_text(["Eve Danvers"])


def test_a_whole_address_is_taken_as_typed(page: Page) -> None:
    entry(page).press_sequentially("dana@far.test")
    expect(offers(page)).to_have_count(1)
    entry(page).press("Enter")
    expect_text(page, "dana@far.test")


def test_an_offer_for_other_words_is_not_taken_while_the_answer_is_awaited(page: Page) -> None:
    entry(page).press_sequentially("dan")
    expect(offers(page)).to_have_count(2)
    page.route("**/contacts/**", lambda route: None)
    entry(page).press_sequentially("x")
    expect(page.locator("[data-offer][aria-selected=true]")).to_have_count(0)
    entry(page).press("Enter")
    expect_text(page, "danx")


def test_who_stands_there_already_is_not_offered(page: Page) -> None:
    fill(page, {"to": "DANA@far.test"})
    entry(page).press_sequentially("da")
    expect(offers(page)).to_have_count(1)
    expect(offers(page)).to_contain_text("Eve Danvers")


# Chips ----------------------------------------------------------------------------------------------------------------


def test_several_are_pasted_at_once_and_doubles_merge(page: Page) -> None:
    paste(page, 'a@far.test; "Adams, Dana" <dana@far.test>\nb@far.test,A@FAR.test\nDana <dana@far.test> c@far.test')
    expect(chips(page)).to_have_text(["a@far.test", "Adams, Dana", "b@far.test", "Dana <dana@far.test> c@far.test"])
    expect(page.locator(".person--bad")).to_have_count(1)


def test_a_column_of_addresses_is_pasted(page: Page) -> None:
    paste(page, "a@far.test\r\nb@far.test\r\n\r\nc@far.test\r\n")
    expect_text(page, "a@far.test, b@far.test, c@far.test")


def test_a_double_lends_its_name(page: Page) -> None:
    paste(page, "dana@far.test, Dana Adams <DANA@far.test>")
    expect(chips(page)).to_have_text(["Dana Adams"])


def test_commas_and_leaving_end_an_address(page: Page) -> None:
    entry(page).press_sequentially("a@far.test,b@far.test;")
    expect(chips(page)).to_have_text(["a@far.test", "b@far.test"])
    entry(page).press_sequentially("c@far.test")
    expect_text(page, "a@far.test, b@far.test, c@far.test")
    page.click("[name=subject]")
    expect(chips(page)).to_have_count(3)


def test_a_comma_in_a_quoted_name_ends_nothing(page: Page) -> None:
    entry(page).press_sequentially('"Adams, Dana" <dana@far.test>')
    entry(page).press("Enter")
    expect(chips(page)).to_have_text(["Adams, Dana"])
    expect_text(page, '"Adams, Dana" <dana@far.test>')


def test_bad_ones_are_marked_with_words_before_anything_is_sent(page: Page) -> None:
    for bad in ("nobody", "a@", "@far.test", "a b@far.test", "é@far.test", "a@-far.test"):
        entry(page).press_sequentially(f"{bad},")
        expect(page.locator("#compose-to-faults")).to_have_text(f"{bad} is not an address.")
        expect(entry(page)).to_have_attribute("aria-invalid", "true")
        chips(page).locator("[data-remove]").click()
        expect(page.locator("#compose-to-faults")).to_be_hidden()
        expect(entry(page)).not_to_have_attribute("aria-invalid", "true")
        expect_text(page, "")


def test_good_ones_are_not_marked(page: Page) -> None:
    for good in ("a@b", "a.b+c@far.test", "a@bücher.test", "a@[192.0.2.1]", '"a b"@far.test'):
        entry(page).press_sequentially(f"{good},")
    expect(chips(page)).to_have_count(5)
    expect(page.locator(".person--bad")).to_have_count(0)


def test_backspace_goes_to_the_last_and_takes_it_away(page: Page) -> None:
    fill(page, {"to": "a@far.test, b@far.test"})
    entry(page).press("Backspace")
    expect(chips(page).last.locator("button").first).to_be_focused()
    page.keyboard.press("Backspace")
    expect_text(page, "a@far.test")
    expect(entry(page)).to_be_focused()


def test_arrows_walk_over_the_chips(page: Page) -> None:
    fill(page, {"to": "a@far.test, b@far.test"})
    entry(page).press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(chips(page).first.locator("button").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(entry(page)).to_be_focused()


def test_a_click_edits(page: Page) -> None:
    fill(page, {"to": "dana@fra.test, b@far.test"})
    chips(page).first.locator("button").first.click()
    expect(entry(page)).to_have_value("dana@fra.test")
    entry(page).fill("dana@far.test")
    entry(page).press("Enter")
    expect_text(page, "b@far.test, dana@far.test")


def test_enter_never_presses_a_button_of_the_form(page: Page) -> None:
    entry(page).press("Enter")
    entry(page).press_sequentially("a@far.test")
    entry(page).press("Enter")
    expect(page).to_have_url(re.compile(r"/compose/$"))
    expect(chips(page)).to_have_count(1)


def test_chips_are_saved_with_the_draft(page: Page) -> None:
    entry(page).press_sequentially("a@far.test,")
    fill(page, {"subject": "With chips"})
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    page.reload()
    expect(chips(page)).to_have_text(["a@far.test"])


def test_copies_are_asked_for_one_by_one(page: Page) -> None:
    expect(entry(page, "cc")).to_be_hidden()
    page.click("summary:text-is('Cc')")
    expect(entry(page, "cc")).to_be_focused()
    expect(entry(page, "bcc")).to_be_hidden()
    entry(page, "cc").press_sequentially("c@far.test,")
    expect_text(page, "c@far.test", "cc")
    page.click("summary:text-is('Bcc')")
    expect(entry(page, "bcc")).to_be_focused()


# Before sending -------------------------------------------------------------------------------------------------------


def test_what_the_server_finds_wrong_stands_once_and_goes_when_it_is_mended(windows: Windows, page: Page) -> None:
    windows.tolerated.append("status of 422")
    fill(page, {"to": "nobody", "subject": "Mended", "text": "Hello"})
    page.click("[data-send]")
    expect(page.locator("#compose-to-error")).to_contain_text("nobody")
    expect(page.locator("#compose-to-faults")).to_be_hidden()
    chips(page).locator("[data-remove]").click()
    expect(page.locator("#compose-to-error")).to_have_count(0)


def test_a_forgotten_file_is_asked_about_once(page: Page) -> None:
    fill(page, {"to": "addressing@home.test", "text": "The plan is attached."})
    page.click("[data-send]")
    expect(page.locator(".compose__question")).to_contain_text("nothing is attached")
    expect(page.locator(".compose__question")).to_contain_text("no subject")
    expect(page.locator("[name=subject]")).to_be_focused()
    page.click("text=Send anyway")
    expect(page.locator(".notice--good")).to_contain_text("on its way")


def test_all_of_it_works_without_scripts(windows: Windows) -> None:
    page = windows.open("charlie", java_script_enabled=False)
    page.goto("/compose/")
    page.click("summary:text-is('Cc')")
    fill(page, {"to": "addressing@home.test; a@far.test", "cc": "b@far.test", "text": "添付します。"})
    page.click("[data-send]")
    expect(page.locator(".compose__question")).to_contain_text("nothing is attached")
    page.click("text=Send anyway")
    expect(page.locator(".notice--good")).to_contain_text("on its way")
