"""Lists in Chromium: shown at once, taken back on failure, fetched ahead, swiped, dense or airy, a thousand long."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.lists import bring, phone_page, quiet_page, row, sign_in, site_of_alice, wide_page
from tests.browser.windows import wait_at
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lists")]

SUBJECTS = ["Anchor", "Beacon", "Cabin", "Deck", "Engine", "Ferry", "Gull", "Harbour"]
COUNT = 1_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    """A site with a thousand conversations; those with names are for one test each."""
    subjects = SUBJECTS + [f"Wave {number}" for number in range(COUNT - len(SUBJECTS))]
    with site_of_alice(tmp_path_factory.mktemp("lists"), site_template, subjects, "web") as site:
        yield site


@pytest.fixture
def wide(browser: Browser, site: Site) -> Iterator[Page]:
    yield from wide_page(browser, site)


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Page]:
    yield from phone_page(browser, site)


def choose(page: Page, site: Site, name: str, value: str) -> None:
    page.goto(f"{site.url}/settings/appearance/")
    page.check(f"[name={name}][value='{value}']")
    page.click("main form button")
    page.goto(site.url)


def fail(page: Page, waiting: list[Route]) -> None:
    """Let the server fail at what the page has asked for, which it does after it has shown it."""
    wait_at(page, lambda: waiting, what="the request")
    waiting.pop().fulfill(status=503)


def test_shows_an_act_before_the_server_answers_and_takes_it_back_when_it_fails(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    pages = quiet_page(context, site, tolerated=("status of 503",))
    page = next(pages)
    waiting: list[Route] = []
    context.route("**/archive/", lambda route: waiting.append(route))
    page.hover(row("Anchor"))
    page.click(f"{row('Anchor')} [aria-label=Archive]")
    expect(page.locator(row("Anchor"))).to_be_hidden()
    expect(page.locator(f"{row('Beacon')} .row__link")).to_be_focused()
    fail(page, waiting)
    expect(page.locator(row("Anchor"))).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was lost")
    next(pages, None)


def test_a_star_and_a_read_mark_show_at_once(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    pages = quiet_page(context, site, tolerated=("status of 503",))
    page = next(pages)
    waiting: list[Route] = []
    context.route("**/m/*/*/", lambda route: waiting.append(route))
    page.hover(row("Cabin"))
    page.click(f"{row('Cabin')} [aria-label=Star]")
    expect(page.locator(f"{row('Cabin')} .row__star")).to_have_count(1)
    fail(page, waiting)
    expect(page.locator(f"{row('Cabin')} .row__star")).to_have_count(0)
    page.click(f"{row('Cabin')} [aria-label='Mark as read']")
    expect(page.locator(f"{row('Cabin')}:not(.row--unread)")).to_have_count(1)
    fail(page, waiting)
    expect(page.locator(f"{row('Cabin')}.row--unread")).to_have_count(1)
    next(pages, None)


def test_an_open_conversation_goes_away_at_once_and_comes_back(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    pages = quiet_page(context, site, tolerated=("status of 503",))
    page = next(pages)
    page.click(f"{row('Deck')} .row__link")
    expect(page.locator(".plain-text")).to_be_visible()
    waiting: list[Route] = []
    context.route("**/archive/", lambda route: waiting.append(route))
    page.click(".conversation [aria-label=Archive]")
    expect(page.locator(row("Deck"))).to_be_hidden()
    expect(page.locator(row("Engine"))).to_be_visible()
    fail(page, waiting)
    expect(page.locator(".plain-text")).to_be_visible()
    next(pages, None)


def asked_for(page: Page, subject: str) -> list[str]:
    """Return a list that will hold by which methods the window asks for that conversation."""
    asked: list[str] = []
    address = page.locator(f"{row(subject)} .row__link").evaluate("link => link.pathname")
    page.on("request", lambda request: asked.append(request.method) if address in request.url else None)
    return asked


def test_a_line_under_the_pointer_is_fetched_ahead_and_stays_unread(wide: Page) -> None:
    asked = asked_for(wide, "Engine")
    with wide.expect_response(re.compile("/m/")):
        wide.hover(row("Engine"))
    wide.wait_for_timeout(200)
    expect(wide.locator(f"{row('Engine')}.row--unread")).to_have_count(1)
    assert asked == ["GET"]
    wide.click(f"{row('Engine')} .row__link")
    expect(wide.locator(".plain-text")).to_have_text("About engine.")
    expect(wide.locator(f"{row('Engine')}:not(.row--unread)")).to_have_count(1)
    assert asked.count("GET") == 1


def test_a_step_under_the_pointer_or_the_keyboard_fetches_its_conversation_ahead(wide: Page) -> None:
    wide.click(f"{row('Wave 7')} .row__link")
    expect(wide.locator(".plain-text")).to_have_text("About wave 7.")
    wide.mouse.move(0, 0)
    asked = asked_for(wide, "Wave 6")
    with wide.expect_response(re.compile("/m/[^/]+/[?]")):
        wide.hover("[data-step=newer]")
    expect(wide.locator(f"{row('Wave 6')}.row--unread")).to_have_count(1)
    assert asked == ["GET"]
    wide.click("[data-step=newer]")
    expect(wide.locator(".plain-text")).to_have_text("About wave 6.")
    assert asked.count("GET") == 1
    wide.mouse.move(0, 0)
    asked = asked_for(wide, "Wave 5")
    wide.reload()
    with wide.expect_response(re.compile("/m/[^/]+/[?]")):
        wide.focus("[data-step=newer]")
    assert asked == ["GET"]
    wide.keyboard.press("Enter")
    expect(wide.locator(".plain-text")).to_have_text("About wave 5.")
    assert asked.count("GET") == 1


def test_the_conversation_below_is_there_when_the_open_one_was_looked_at(wide: Page) -> None:
    asked = asked_for(wide, "Wave 10")
    with wide.expect_response(lambda response: bool(asked) and response.request.method == "GET"):
        wide.click(f"{row('Wave 9')} .row__link")
    expect(wide.locator(f"{row('Wave 10')}.row--unread")).to_have_count(1)
    assert asked == ["GET"]
    wide.keyboard.press("j")
    expect(wide.locator(".plain-text")).to_have_text("About wave 10.")
    assert asked.count("GET") == 1


def test_a_step_without_its_line_is_fetched_ahead_as_well(wide: Page, site: Site) -> None:
    address = wide.locator(f"{row('Wave 12')} .row__link").get_attribute("href")
    wide.set_viewport_size({"width": 1000, "height": 800})
    wide.goto(f"{site.url}{address}")
    asked: list[str] = []
    wide.on("request", lambda request: asked.append(request.url) if "/below/" in request.url else None)
    with wide.expect_response(re.compile("/m/[^/]+/[?]")):
        wide.hover("[data-step=older]")
    wide.click("[data-step=older]")
    expect(wide.locator(".plain-text")).to_have_text("About wave 13.")
    assert len(asked) == 1


def test_steps_from_one_conversation_to_the_next(wide: Page, site: Site) -> None:
    wide.click(f"{row('Wave 2')} .row__link")
    wide.click("[data-step=older]")
    expect(wide.locator(".plain-text")).to_have_text("About wave 3.")
    expect(wide.locator(f"{row('Wave 3')} .row__link[aria-current]")).to_have_count(1)
    wide.click("[data-step=newer]")
    expect(wide.locator(".plain-text")).to_have_text("About wave 2.")


def test_steps_also_without_scripts_and_where_the_list_was_not_loaded(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = sign_in(context.new_page(), site)
    page.click(".rows__more")
    page.locator(".row__link").first.click()
    subject = page.locator(".conversation__subject").inner_text()
    page.click("[data-step=newer]")
    expect(page.locator(".conversation__subject")).not_to_have_text(subject)
    page.click("[data-step=older]")
    expect(page.locator(".conversation__subject")).to_have_text(subject)
    context.close()


def test_a_thousand_conversations_scroll_without_a_gap(wide: Page) -> None:
    subjects = scrolled(wide)
    assert len(subjects) == len(set(subjects)) >= COUNT - len(SUBJECTS)


def scrolled(page: Page, *, most: int = 60) -> list[str]:
    """Scroll down until nothing more comes, or so many times; return what all lines are about."""
    count = 0
    for _ in range(most):
        page.locator(".mail__list").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        more = page.locator(".rows__more")
        if not more.count():
            break
        expect(page.locator(".row")).not_to_have_count(count)
        count = page.locator(".row").count()
    return page.locator(".row__subject").all_text_contents()


def test_draws_a_line_to_the_right_to_archive_it(phone: Page) -> None:
    swipe(phone, "Ferry", 60)
    expect(phone.locator(row("Ferry"))).to_be_visible()
    expect(phone.locator(".conversation")).to_have_count(0)
    swipe(phone, "Ferry", 200)
    expect(phone.locator(row("Ferry"))).to_have_count(0)
    expect(phone.locator("#undo")).to_contain_text("Archived.")


def swipe(page: Page, subject: str, across: int) -> None:
    """Draw a line aside with a finger by so many pixels."""
    link = page.locator(f"{row(subject)} .row__link")
    box = link.bounding_box()
    assert box
    start = {"pointerType": "touch", "isPrimary": True, "bubbles": True, "clientX": 100, "clientY": box["y"] + 20}
    link.dispatch_event("pointerdown", start)
    for step in range(1, 6):
        link.dispatch_event("pointermove", start | {"clientX": 100 + across * step / 5})
    link.dispatch_event("pointerup", start | {"clientX": 100 + across})
    if across:
        page.wait_for_timeout(50)


def test_lines_have_the_heights_of_their_density(wide: Page, site: Site) -> None:
    def height() -> float:
        box = wide.locator(row("Wave 1")).bounding_box()
        return round(box["height"]) if box else 0

    assert 54 <= height() <= 62
    choose(wide, site, "density", "compact")
    assert height() == 34
    choose(wide, site, "reading_pane", "none")
    assert height() == 34
    choose(wide, site, "density", "comfortable")
    assert 44 <= height() <= 45
    wide.click(f"{row('Wave 1')} .row__link")
    expect(wide.locator(".conversation")).to_be_visible()
    expect(wide.locator(row("Wave 1"))).to_be_hidden()
    wide.click("[data-back]")
    expect(wide.locator(row("Wave 1"))).to_be_visible()
    choose(wide, site, "reading_pane", "beside")


def test_the_theme_is_a_persons_own(wide: Page, site: Site) -> None:
    choose(wide, site, "theme", "dark")
    assert wide.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    choose(wide, site, "theme", "")
    assert wide.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark"


def test_the_acts_of_a_line_take_the_place_of_its_time_and_move_nothing(wide: Page) -> None:
    before = wide.locator(f"{row('Gull')} .row__subject").bounding_box()
    wide.hover(row("Gull"))
    expect(wide.locator(f"{row('Gull')} .row__actions")).to_have_css("opacity", "1")
    expect(wide.locator(f"{row('Gull')} .row__time")).to_have_css("visibility", "hidden")
    assert wide.locator(f"{row('Gull')} .row__subject").bounding_box() == before


def test_back_finds_the_place_again_also_on_a_page_that_is_loaded_anew(wide: Page, site: Site) -> None:
    for count in (100, 150):
        wide.locator(".mail__list").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        expect(wide.locator(".row")).to_have_count(count)
    wide.locator(".row__link").nth(70).scroll_into_view_if_needed()
    place = wide.locator(".row").nth(70).bounding_box()
    subject = wide.locator(".row__subject").nth(70).inner_text()
    wide.goto(f"{site.url}/sent/")
    wide.go_back()
    expect(wide.locator(row(subject))).to_be_in_viewport()
    found = wide.locator(row(subject)).bounding_box()
    assert found
    assert place
    assert abs(found["y"] - place["y"]) < 10


def test_no_conversation_is_lost_of_many_that_come_while_the_list_is_open(
    wide: Page, site: Site, tmp_path: Path
) -> None:
    for count in (100, 150):
        wide.locator(".mail__list").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        expect(wide.locator(".row")).to_have_count(count)
    flood = [f"Flood {number}" for number in range(300)]
    bring(site, tmp_path / "mail", flood, day=25)
    expect(wide.locator(row("Flood 0"))).to_have_count(1)
    expect(wide.locator("[data-part]")).to_have_count(0)
    subjects = scrolled(wide, most=6)
    assert subjects[:300] == flood
    assert len(subjects) == len(set(subjects)) > 300
