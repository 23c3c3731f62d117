"""A day's work with the keyboard alone; what each key of the table does in lists and conversations."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mailbox.views.keys import groups
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


@pytest.fixture(scope="module")
def desk(browser: Browser, site: Site) -> Iterator[Page]:
    """One window for many short tests, each of which begins with a page."""
    yield from wide_page(browser, site)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def stand_on(page: Page, subject: str) -> None:
    page.locator(f"{row(subject)} .row__link").focus()


def read(page: Page, subject: str) -> None:
    stand_on(page, subject)
    press(page, "Enter")
    expect(page.locator(".plain-text")).to_have_text(f"About {subject.lower()}.")
    # Before that the way back is a page, not a step of the history.
    page.wait_for_url("**/m/**")


def tick(page: Page, *subjects: str) -> None:
    for subject in subjects:
        page.check(f"{row(subject)} .row__check")


def said(page: Page, words: str) -> None:
    expect(page.locator("#undo, #bulk").filter(has_text=words)).to_have_count(1)


def acts_of(page: Page) -> list[str]:
    """Return a list that will hold the acts that the window asks for, but for what it does by itself."""
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url) if each.method == "POST" else None)
    return asked


# What is seen of every key -------------------------------------------------------------------------------------------

SEEN: dict[str, Callable[[Page], None]] = {}


def seen(keys: str) -> Callable[[Callable[[Page], None]], Callable[[Page], None]]:
    """Make a function the test of this key, in a window that shows the inbox."""

    def note(look: Callable[[Page], None]) -> Callable[[Page], None]:
        SEEN[keys] = look
        return look

    return note


@pytest.mark.parametrize("keys", [key.keys for group in groups() for key in group.keys])
def test_every_key_of_the_table_does_what_the_help_says(desk: Page, site: Site, keys: str) -> None:
    desk.goto(site.url)
    SEEN[keys](desk)


@seen("j")
def goes_down(page: Page) -> None:
    press(page, "j", "j")
    expect(page.locator(f"{row('Bread')} .row__link")).to_be_focused()


@seen("k")
def goes_up(page: Page) -> None:
    stand_on(page, "Bread")
    press(page, "k")
    expect(page.locator(f"{row('Apples')} .row__link")).to_be_focused()


@seen("Enter")
@seen("o")
def opens(page: Page) -> None:
    for key, subject in (("Enter", "Apples"), ("o", "Bread")):
        stand_on(page, subject)
        press(page, key)
        expect(page.locator(".plain-text")).to_have_text(f"About {subject.lower()}.")


@seen("u")
def goes_back(page: Page) -> None:
    read(page, "Dates")
    press(page, "u")
    expect(page.locator(".conversation")).to_have_count(0)
    expect(page.locator(f"{row('Dates')} .row__link")).to_be_focused()


@seen("Escape")
def goes_one_step_back(page: Page) -> None:
    read(page, "Dates")
    tick(page, "Figs")
    press(page, "Escape")
    expect(page.locator(".row__check:checked")).to_have_count(0)
    expect(page.locator(".conversation")).to_have_count(1)
    press(page, "Escape")
    expect(page.locator(".conversation")).to_have_count(0)


@seen("/")
def goes_to_the_search(page: Page) -> None:
    press(page, "/")
    expect(page.locator("#q")).to_be_focused()


def puts_away(key: str, words: str) -> Callable[[Page], None]:
    """Return the look at a key that takes out of the inbox what stands there, is open, or is ticked."""

    def look(page: Page) -> None:
        stand_on(page, "Eggs")
        press(page, key)
        said(page, f"{words[0].upper()}{words[1:]}")
        expect(page.locator(row("Eggs"))).to_have_count(0)
        press(page, "z")
        expect(page.locator(row("Eggs"))).to_have_count(1)
        read(page, "Figs")
        press(page, key)
        expect(page.locator(row("Figs"))).to_have_count(0)
        press(page, "z")
        expect(page.locator(row("Figs"))).to_have_count(1)
        tick(page, "Figs", "Jam")
        press(page, key)
        said(page, f"2 conversations {words}")
        press(page, "z")
        expect(page.locator(f"{row('Figs')}, {row('Jam')}")).to_have_count(2)

    return look


SEEN["e"] = puts_away("e", "archived.")
SEEN["#"] = puts_away("#", "moved to the trash.")
SEEN["!"] = puts_away("!", "moved to spam.")
SEEN["m"] = puts_away("m", "muted")


@seen("y")
def puts_back_from_the_trash(page: Page) -> None:
    stand_on(page, "Grapes")
    press(page, "#")
    said(page, "Moved to the trash.")
    page.goto(f"{page.url}trash/")
    stand_on(page, "Grapes")
    press(page, "y")
    said(page, "Put back.")
    press(page, "g", "i")
    expect(page.locator(row("Grapes"))).to_have_count(1)


@seen("b")
def asks_until_when(page: Page) -> None:
    stand_on(page, "Honey")
    press(page, "b")
    expect(page.locator("#choices:popover-open .later__pick")).not_to_have_count(0)


@seen("l")
def asks_for_labels(page: Page) -> None:
    stand_on(page, "Honey")
    press(page, "l")
    expect(page.locator("#label-name")).to_be_focused()
    press(page, "Escape")
    expect(page.locator(f"{row('Honey')} .row__link")).to_be_focused()
    read(page, "Honey")
    press(page, "l")
    expect(page.locator("#label-name")).to_be_focused()
    press(page, "Escape")
    tick(page, "Honey")
    press(page, "l")
    expect(page.locator("#label-name")).to_be_focused()


@seen("s")
def stars_and_takes_the_star_away(page: Page) -> None:
    stand_on(page, "Honey")
    press(page, "s")
    expect(page.locator(f"{row('Honey')} .row__star")).to_have_count(1)
    tick(page, "Honey", "Ink")
    press(page, "s")
    expect(page.locator(f"{row('Ink')} .row__star")).to_have_count(1)
    expect(page.locator(f"{row('Honey')} .row__star")).to_have_count(1)
    press(page, "s")
    expect(page.locator(".row__star")).to_have_count(0)


@seen("I")
@seen("U")
def reads_and_unreads(page: Page) -> None:
    stand_on(page, "Ink")
    for key, state in (("U", ".row--unread"), ("I", ":not(.row--unread)"), ("U", ".row--unread")):
        press(page, key)
        expect(page.locator(f"{row('Ink')}{state}")).to_have_count(1)
    tick(page, "Honey", "Ink")
    for key, state in (("I", ":not(.row--unread)"), ("U", ".row--unread")):
        press(page, key)
        expect(page.locator(f"{row('Ink')}{state}, {row('Honey')}{state}")).to_have_count(2)


@seen("z")
def takes_back(page: Page) -> None:
    stand_on(page, "Jam")
    press(page, "s", "z")
    expect(page.locator("#undo")).to_contain_text("Undone.")
    expect(page.locator(f"{row('Jam')} .row__star")).to_have_count(0)


@seen("x")
def ticks(page: Page) -> None:
    stand_on(page, "Jam")
    press(page, "x")
    expect(page.locator(f"{row('Jam')} .row__check")).to_be_checked()
    press(page, "x")
    expect(page.locator(".row__check:checked")).to_have_count(0)


def selects(way: str, those: str) -> Callable[[Page], None]:
    """Return the look at a key of `*` that ticks the lines of this selector, of which there is one of each kind."""

    def look(page: Page) -> None:
        for subject, key in (("Ink", "I"), ("Jam", "U"), ("Honey", "s")):
            stand_on(page, subject)
            if key != "s" or not page.locator(f"{row(subject)} .row__star").count():
                press(page, key)
        expect(page.locator(f"{row('Honey')} .row__star")).to_have_count(1)
        expect(page.locator(f"{row('Ink')}:not(.row--unread)")).to_have_count(1)
        tick(page, "Apples")
        page.check("[data-all]")
        press(page, "*", way)
        # The one that would act on more than what is ticked.
        expect(page.locator("[data-all]")).not_to_be_checked()
        expect(page.locator(f"{those} .row__check:not(:checked)")).to_have_count(0)
        count = page.locator(those).count()
        expect(page.locator(".row__check:checked")).to_have_count(count)
        expect(page.locator(".selection__count")).to_have_text(f"{count} selected" if count else "")

    return look


SEEN["* a"] = selects("a", ".row")
SEEN["* n"] = selects("n", ".nothing")
SEEN["* r"] = selects("r", ".row:not(.row--unread)")
SEEN["* u"] = selects("u", ".row--unread")
SEEN["* s"] = selects("s", ".row:has(.row__star)")
SEEN["* t"] = selects("t", ".row:not(:has(.row__star))")


@seen("c")
def writes(page: Page) -> None:
    press(page, "c")
    page.wait_for_url("**/compose/**")


def answers(key: str, what: str) -> Callable[[Page], None]:
    """Return the look at a key that begins an answer to what is open."""

    def look(page: Page) -> None:
        read(page, "Apples")
        with page.expect_request(lambda request: f"/compose/?{what}=" in request.url):
            press(page, key)
        expect(page.locator(".mail__pane [data-compose]")).to_be_visible()

    return look


SEEN["r"] = answers("r", "reply")
SEEN["a"] = answers("a", "reply-all")
SEEN["f"] = answers("f", "forward")


def goes(key: str, path: str) -> Callable[[Page], None]:
    """Return the look at a key of `g`, from a page that is none of its places."""

    def look(page: Page) -> None:
        page.goto(f"{page.url}outbox/")
        press(page, "g", key)
        page.wait_for_url(re.compile(f"^http://[^/]+{path}$"))

    return look


SEEN["g i"] = goes("i", "/")
SEEN["g s"] = goes("s", "/starred/")
SEEN["g d"] = goes("d", "/drafts/")
SEEN["g t"] = goes("t", "/sent/")
SEEN["g a"] = goes("a", "/archive/")


@seen("?")
def shows_the_keys(page: Page) -> None:
    press(page, "?")
    expect(page.locator("#keys .keys__line")).to_have_count(sum(len(group.keys) for group in groups()))
    press(page, "Escape")
    expect(page.locator("#keys")).to_be_hidden()


# Where a key does nothing, or something else ----------------------------------------------------------------------


def test_what_is_thrown_away_is_moved_to_the_trash_and_never_out_of_it(desk: Page, site: Site) -> None:
    desk.goto(site.url)
    four = ("Dates", "Figs", "Grapes", "Jam")
    tick(desk, *four)
    press(desk, "!")
    said(desk, "4 conversations moved to spam.")
    desk.goto(f"{site.url}/spam/")
    stand_on(desk, "Dates")
    press(desk, "#")
    said(desk, "Moved to the trash.")
    read(desk, "Figs")
    press(desk, "#")
    expect(desk.locator(row("Figs"))).to_have_count(0)
    tick(desk, "Grapes", "Jam")
    press(desk, "#")
    said(desk, "2 conversations moved to the trash.")
    desk.goto(f"{site.url}/trash/")
    asked = acts_of(desk)
    stand_on(desk, "Dates")
    press(desk, "#")
    tick(desk, "Dates", "Figs")
    press(desk, "#", "Escape")
    read(desk, "Grapes")
    press(desk, "#", "s")
    expect(desk.locator(f"{row('Grapes')} .row__star")).to_have_count(1)
    press(desk, "s")
    expect(desk.locator(f"{row('Grapes')} .row__star")).to_have_count(0)
    assert {url.split("/")[-2] for url in asked} <= {"read", "star", "unstar"}
    tick(desk, *four)
    press(desk, "y")
    said(desk, "4 conversations put back.")
    desk.goto(f"{site.url}/spam/")
    stand_on(desk, "Dates")
    press(desk, "!")
    said(desk, "Moved to the inbox.")
    read(desk, "Figs")
    press(desk, "!")
    expect(desk.locator(row("Figs"))).to_have_count(0)
    tick(desk, "Grapes", "Jam")
    press(desk, "!")
    said(desk, "2 conversations moved to the inbox.")


@pytest.mark.parametrize(
    ("place", "into", "keys"),
    [("archive", "e", "e y"), ("spam", "!", "e m b y"), ("trash", "#", "e ! # m b")],
)
def test_a_key_does_nothing_where_its_act_is_not_possible(
    desk: Page, site: Site, place: str, into: str, keys: str
) -> None:
    desk.goto(site.url)
    tick(desk, "Eggs", "Figs")
    press(desk, into)
    said(desk, "2 conversations")
    desk.goto(f"{site.url}/{place}/")
    asked = acts_of(desk)
    stand_on(desk, "Eggs")
    press(desk, *keys.split())
    tick(desk, "Eggs", "Figs")
    press(desk, *keys.split(), "Escape")
    read(desk, "Figs")
    press(desk, *keys.split(), "s")
    expect(desk.locator(f"{row('Figs')} .row__star")).to_have_count(1)
    assert {url.split("/")[-2] for url in asked} <= {"read", "star"}
    press(desk, "s")
    expect(desk.locator(f"{row('Figs')} .row__star")).to_have_count(0)
    back = {"archive": "inbox", "spam": "not-spam", "trash": "restore"}[place]
    tick(desk, "Eggs", "Figs")
    desk.click(f"#selection [value={back}]")
    said(desk, "2 conversations")


def test_who_takes_a_line_away_no_longer_means_all(desk: Page, site: Site) -> None:
    desk.goto(site.url)
    tick(desk, "Eggs", "Figs")
    desk.check("[data-all]")
    expect(desk.locator(".selection__count")).to_have_text("All in this view")
    stand_on(desk, "Eggs")
    press(desk, "x")
    expect(desk.locator("[data-all]")).not_to_be_checked()
    expect(desk.locator(".selection__count")).to_have_text("1 selected")


def test_a_second_sequence_has_as_much_time_as_the_first(wide: Page) -> None:
    wide.clock.install()
    press(wide, "*", "a")
    expect(wide.locator(".row__check:not(:checked)")).to_have_count(0)
    wide.clock.run_for(1_300)
    press(wide, "*")
    wide.clock.run_for(400)
    press(wide, "n")
    expect(wide.locator(".row__check:checked")).to_have_count(0)


# Work ----------------------------------------------------------------------------------------------------------------


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
