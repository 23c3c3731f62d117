"""Selecting conversations in Chromium: by mouse, finger and keyboard, without scripts, and all in the view."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.lists import bring, phone_page, row, sign_in, site_of_alice, wide_page
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("selecting")]

SUBJECTS = [f"Letter {number}" for number in range(1, 21)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    """A site with twenty conversations; each test has some of them for itself."""
    with site_of_alice(tmp_path_factory.mktemp("selecting"), site_template, SUBJECTS, "web", "worker", "beat") as site:
        yield site


@pytest.fixture
def wide(browser: Browser, site: Site) -> Iterator[Page]:
    yield from wide_page(browser, site)


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Page]:
    yield from phone_page(browser, site)


def test_the_avatar_turns_into_a_box_under_the_pointer(wide: Page) -> None:
    box = wide.locator(f"{row('Letter 1')} .row__check")
    expect(box).to_have_css("opacity", "0")
    wide.hover(row("Letter 1"))
    expect(box).to_have_css("opacity", "1")
    expect(wide.locator(f"{row('Letter 1')} .avatar")).to_have_css("opacity", "0")


def test_a_range_is_archived_and_taken_back_at_once(wide: Page) -> None:
    wide.click(f"{row('Letter 2')} .row__check")
    wide.click(f"{row('Letter 5')} .row__check", modifiers=["Shift"])
    expect(wide.locator(".row__check:checked")).to_have_count(4)
    expect(wide.locator(".selection__count")).to_have_text("4 selected")
    wide.click("#selection [value=archive]")
    for subject in ("Letter 2", "Letter 3", "Letter 4", "Letter 5"):
        expect(wide.locator(row(subject))).to_have_count(0)
    expect(wide.locator("#undo")).to_contain_text("4 conversations archived.")
    expect(wide.locator("#selection")).to_be_hidden()
    wide.click("#undo button")
    expect(wide.locator(row("Letter 3"))).to_have_count(1)
    expect(wide.locator("#undo form")).to_have_count(0)


def test_the_selection_stays_when_its_lines_are_drawn_again(wide: Page) -> None:
    wide.click(f"{row('Letter 6')} .row__check")
    wide.click(f"{row('Letter 7')} .row__check")
    wide.click("#selection [data-choices=more]")
    wide.click("#choices [value=star]")
    expect(wide.locator(f"{row('Letter 6')} .row__star")).to_be_visible()
    wide.click("#selection [value=read]")
    expect(wide.locator(row("Letter 7"))).not_to_have_class(re.compile("row--unread"))
    expect(wide.locator(".row__check:checked")).to_have_count(2)
    expect(wide.locator(".selection__count")).to_have_text("2 selected")


def test_escape_clears_the_selection(wide: Page) -> None:
    wide.click(f"{row('Letter 8')} .row__check")
    expect(wide.locator("#selection")).to_be_visible()
    wide.keyboard.press("Escape")
    expect(wide.locator(".row__check:checked")).to_have_count(0)
    expect(wide.locator("#selection")).to_be_hidden()


def test_the_bar_stays_in_sight_and_moves_no_line(wide: Page) -> None:
    place = wide.locator(row("Letter 9")).bounding_box()
    wide.click(f"{row('Letter 9')} .row__check")
    assert wide.locator(row("Letter 9")).bounding_box() == place
    wide.locator(".mail__list").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(wide.locator("#selection")).to_be_in_viewport()


def test_a_finger_taps_the_avatar_or_rests_on_the_line(phone: Page) -> None:
    phone.tap(f"{row('Letter 10')} .row__check")
    expect(phone.locator("#selection")).to_be_visible()
    link = phone.locator(f"{row('Letter 11')} .row__link")
    at = {"pointerType": "touch", "isPrimary": True, "bubbles": True, "clientX": 200, "clientY": 300}
    link.dispatch_event("pointerdown", at)
    expect(phone.locator(f"{row('Letter 11')} .row__check")).to_be_checked()
    link.dispatch_event("pointerup", at)
    link.dispatch_event("click", {"bubbles": True, "cancelable": True})
    expect(phone.locator(".conversation")).to_have_count(0)
    expect(phone.locator(".selection__count")).to_have_text("2 selected")


def test_nothing_moves_where_the_server_cannot_be_reached(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = sign_in(context.new_page(), site)
    context.set_offline(True)
    page.click(f"{row('Letter 12')} .row__check")
    page.click("#selection [value=archive]")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was lost")
    expect(page.locator(row("Letter 12"))).to_be_visible()
    context.close()


def test_a_selection_is_labelled_and_snoozed_and_escape_closes_one_thing_at_a_time(wide: Page) -> None:
    wide.click(f"{row('Letter 15')} .row__check")
    wide.click(f"{row('Letter 16')} .row__check")
    wide.click("#selection [data-choices=labels]")
    expect(wide.locator("#label-name")).to_be_focused()
    wide.keyboard.press("Escape")
    expect(wide.locator("#choices:popover-open")).to_have_count(0)
    expect(wide.locator(".row__check:checked")).to_have_count(2)
    expect(wide.locator("#selection [data-choices=labels]")).to_be_focused()
    wide.keyboard.press("Enter")
    expect(wide.locator("#label-name")).to_be_focused()
    wide.keyboard.type("Pier")
    wide.keyboard.press("Enter")
    expect(wide.locator(f"{row('Letter 15')} .label")).to_have_text("Pier")
    expect(wide.locator(f"{row('Letter 16')} .label")).to_have_text("Pier")
    expect(wide.locator("#side-labels")).to_contain_text("Pier")
    wide.keyboard.press("b")
    wide.click("#choices .later__pick >> nth=-1")
    expect(wide.locator(row("Letter 16"))).to_have_count(0)
    expect(wide.locator("#undo")).to_contain_text("2 conversations snoozed.")


def test_works_without_scripts(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = sign_in(context.new_page(), site)
    page.check(f"{row('Letter 13')} .row__check")
    page.check(f"{row('Letter 14')} .row__check")
    page.click("#selection [value=trash]")
    expect(page.locator(row("Letter 13"))).to_have_count(0)
    expect(page.locator("#bulk")).to_contain_text("2 conversations moved to the trash.")
    page.click("#bulk button")
    expect(page.locator(row("Letter 14"))).to_have_count(1)
    page.check(f"{row('Letter 13')} .row__check")
    page.check(f"{row('Letter 14')} .row__check")
    page.click("#selection [data-choices=snooze]")
    expect(page.locator("main")).to_contain_text("2 conversations")
    page.click(".later__pick >> nth=0")
    expect(page.locator(row("Letter 14"))).to_have_count(0)
    expect(page.locator("#bulk")).to_contain_text("2 conversations snoozed.")
    context.close()


def test_all_in_the_view_is_done_by_a_worker(wide: Page, site: Site, tmp_path: Path) -> None:
    bring(site, tmp_path / "many", [f"Heap {number}" for number in range(920)])
    wide.goto(f"{site.url}/")
    wide.click(f"{row('Heap 3')} .row__check")
    wide.check("#selection [name=all]")
    wide.click("#selection [value=read]")
    expect(wide.locator("#bulk progress, #bulk button:text-is('Undo')")).not_to_have_count(0)
    expect(wide.locator("#bulk")).to_contain_text("marked as read", timeout=60_000)
    expect(wide.locator("#unread-all")).to_have_text("")
    wide.click("#bulk button")
    expect(wide.locator("#unread-all")).not_to_have_text("", timeout=60_000)
    expect(wide.locator("#bulk")).to_contain_text("Taken back.", timeout=60_000)


def test_what_was_loaded_further_down_comes_back_to_its_place(wide: Page, site: Site, tmp_path: Path) -> None:
    bring(site, tmp_path / "more", [f"Deep {number}" for number in range(40)])
    wide.goto(f"{site.url}/")
    wide.locator(".rows__more").first.scroll_into_view_if_needed()
    low = wide.locator(row("Deep 30"))
    low.scroll_into_view_if_needed()
    following = low.evaluate("row => row.nextElementSibling.id")
    wide.click(f"{row('Deep 30')} .row__check")
    wide.click(f"{row('Deep 29')} .row__check")
    wide.click("#selection [value=archive]")
    expect(low).to_have_count(0)
    wide.click("#undo button")
    expect(low).to_have_count(1)
    expect(wide.locator(f"{row('Deep 30')} + .row")).to_have_id(following)
