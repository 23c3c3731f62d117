"""Every screen: nothing that axe finds, in the light and in the dark, on a desk and on a phone; nothing cut off."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.gallery import axe, measures
from tests.gallery.screens import LISTS, ROSE, SCREENS, Screen, show
from tests.gallery.site import Gallery, gallery, sign_in, still

pytestmark = pytest.mark.browser

SIZES = {"desk": ViewportSize(width=1440, height=900), "phone": ViewportSize(width=390, height=844)}
NARROWEST = ViewportSize(width=320, height=640)
# The side bar is a rail.
NARROW = ViewportSize(width=1024, height=768)
# What is left of a desk at 200 %.
ENLARGED = ViewportSize(width=720, height=450)
PEOPLE = ("alice", "bob", "charlie", "dana", "eve", "finn")

type Opens = Callable[[Screen, str], Page]


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Gallery]:
    with gallery(tmp_path_factory.mktemp("rooms"), site_template) as rooms:
        yield rooms


@pytest.fixture(scope="module")
def opens(browser: Browser, rooms: Gallery) -> Iterator[Opens]:
    """What shows a screen on a "desk" or a "phone", in the one window that each person has there."""
    states = {name: sign_in(browser, rooms.site, name) for name in PEOPLE} | {"": None}
    windows: dict[tuple[str, str], Page] = {}

    def show_on(screen: Screen, device: str) -> Page:
        size, is_phone = SIZES[device], device == "phone"
        if (screen.who, device) not in windows:
            context = browser.new_context(
                base_url=rooms.site.url,
                storage_state=states[screen.who],
                reduced_motion="reduce",
                # It would answer in place of the tests.
                service_workers="block",
                viewport=size,
                has_touch=is_phone,
                is_mobile=is_phone,
            )
            still(context)
            windows[screen.who, device] = context.new_page()
        page = windows[screen.who, device]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(size)
        show(screen, page, rooms)
        return page

    yield show_on
    for page in windows.values():
        page.context.close()


def findings_in_both_themes(page: Page, screen: Screen) -> list[str]:
    """What axe finds on a page in the light, and what the dark adds, without loading it anew."""
    without = looked_at_elsewhere(screen)
    found = axe.findings(page, without=without)
    page.emulate_media(color_scheme="dark")
    return found + axe.findings(page, axe.COLOURS, without)


def looked_at_elsewhere(screen: Screen) -> tuple[str, ...]:
    return () if screen in LISTS else axe.SHELL


def resize(page: Page, size: ViewportSize) -> None:
    """Give `page` another size and return when it is drawn."""
    page.set_viewport_size(size)
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
class TestScreen:
    def test_is_accessible_on_a_desk(self, screen: Screen, opens: Opens) -> None:
        page = opens(screen, "desk")
        assert findings_in_both_themes(page, screen) == []
        assert measures.small_targets(page, 24) == []
        resize(page, NARROW)
        assert axe.findings(page, without=looked_at_elsewhere(screen)) == []
        assert measures.small_targets(page, 24) == []
        resize(page, ENLARGED)
        assert measures.cut_off(page) == []

    def test_is_accessible_on_a_phone(self, screen: Screen, opens: Opens) -> None:
        page = opens(screen, "phone")
        assert findings_in_both_themes(page, screen) == []
        assert measures.small_targets(page, 44) == []
        resize(page, NARROWEST)
        assert measures.cut_off(page) == []


INBOX = next(screen for screen in SCREENS if screen.name == "conversation")
# Where the focus is, a line is drawn around it, or around the box that it lies in.
RINGED = """() => {
  const isDrawn = ({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && outlineWidth !== "0px";
  const ringed = (box) => box && isDrawn(getComputedStyle(box));
  const box = document.activeElement;
  if (box === document.body || ringed(box) || ringed(box.parentElement)) return "";
  const layer = getComputedStyle(box, "::after");
  return layer.outlineStyle === "none" ? box.outerHTML.slice(0, 200) : "";
}"""


def start_of(page: Page, selector: str) -> float:
    """Return how far from the left the first of `selector` begins."""
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["x"]


def test_everything_changes_sides_where_one_reads_from_the_right(opens: Opens) -> None:
    page = opens(INBOX, "desk")
    page.evaluate("document.documentElement.dir = 'rtl'")
    places = [start_of(page, part) for part in (".sidebar", ".mail__list", ".mail__pane")]
    assert places == sorted(places, reverse=True)
    assert start_of(page, ".row .avatar") > start_of(page, ".row .row__time")
    turned = page.locator(".answer__box .icon").evaluate("(icon) => getComputedStyle(icon).scale")
    assert turned == "-1 1"
    assert measures.cut_off(page) == []


@pytest.mark.parametrize("name", ["inbox", "conversation", "settings", "compose-draft"])
def test_nothing_is_cut_off_where_one_reads_from_the_right_on_a_phone(name: str, opens: Opens) -> None:
    page = opens(next(screen for screen in SCREENS if screen.name == name), "phone")
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert measures.cut_off(page) == []


def open_conversation(page: Page) -> None:
    page.locator(f".row:has-text('{ROSE}') .row__link").click()
    page.wait_for_selector(".conversation")


def close_conversation(page: Page) -> None:
    open_conversation(page)
    page.wait_for_function("() => !document.getAnimations().length")
    page.evaluate("moved.length = 0")
    page.click(".conversation__back")
    page.wait_for_selector(".conversation", state="detached")


def turn_to_settings(page: Page) -> None:
    page.locator("a[href='/settings/'] >> visible=true").first.click()
    page.wait_for_selector("main h1")


def send(page: Page) -> None:
    """Send something; the line that offers to call it back counts down."""
    page.goto("/compose/?to=rose@village.example")
    page.fill("[name=subject]", "Pears")
    page.locator("[data-rich]").press_sequentially("They are ripe.")
    with page.expect_navigation():
        page.click(".compose [data-send]")
    page.wait_for_selector("[data-sending]")


def open_drawer(page: Page) -> None:
    page.click(".topbar__menu")
    page.wait_for_selector("#sidebar:popover-open")


def movements(page: Page, act: Callable[[Page], None]) -> set[str]:
    """Return the names of what moves for longer than the eye can miss while `act` is done and shortly after it."""
    page.add_init_script(f"({RECORD})()")
    page.evaluate(RECORD)
    act(page)
    page.wait_for_timeout(200)
    return set(page.evaluate("moved"))


LIST = next(screen for screen in SCREENS if screen.name == "inbox")
# What is only kept out of sight until it is there does not move.
RECORD = """() => {
  if (window.moved) return;
  window.moved = [];
  const look = () => {
    for (const each of document.getAnimations()) {
      const name = each.animationName ?? each.transitionProperty ?? "a script's";
      if (each.effect.getComputedTiming().endTime > 10 && !name.endsWith("-withheld")) moved.push(name);
    }
  };
  const keepLooking = () => { look(); requestAnimationFrame(keepLooking); };
  keepLooking();
  // A busy machine may draw nothing while one page, or what was shown, fades into the next.
  const lookInto = (transition) => { transition?.ready.then(look, () => {}); return transition; };
  addEventListener("pagereveal", ({ viewTransition }) => lookInto(viewTransition));
  const start = document.startViewTransition.bind(document);
  document.startViewTransition = (...given) => lookInto(start(...given));
}"""
MOVING = (("phone", open_conversation), ("phone", close_conversation), ("desk", send))
# A drawer never moves, and a browser that is busy leaves out the fade between two pages.
STILL = (("phone", open_drawer), ("desk", turn_to_settings))


@pytest.mark.parametrize(("device", "act"), [*MOVING, *STILL])
def test_nothing_moves_for_those_who_want_no_motion(device: str, act: Callable[[Page], None], opens: Opens) -> None:
    assert movements(opens(LIST, device), act) == set()


@pytest.mark.parametrize(("device", "act"), MOVING)
def test_the_same_moves_for_everybody_else(device: str, act: Callable[[Page], None], opens: Opens) -> None:
    page = opens(LIST, device)
    page.emulate_media(reduced_motion="no-preference")
    moved = movements(page, act)
    page.emulate_media(reduced_motion="reduce")
    assert moved != set()


def test_the_mark_of_unread_mail_outlives_colours_of_somebody_else(opens: Opens) -> None:
    page = opens(INBOX, "desk")
    page.emulate_media(forced_colors="active")
    page.locator(".row--unread .row__from").first.wait_for()
    mark = "getComputedStyle(document.querySelector('.row--unread .row__from'), '::before').backgroundColor"
    paper = "getComputedStyle(document.querySelector('.row--unread .row__link')).backgroundColor"
    assert page.evaluate(mark) != page.evaluate(paper)
    current = "getComputedStyle(document.querySelector('.sidebar__link[aria-current]')).outlineStyle"
    assert page.evaluate(current) == "solid"
    page.emulate_media(forced_colors="none")


def test_the_focus_can_be_seen_wherever_it_goes(opens: Opens) -> None:
    page = opens(INBOX, "desk")
    page.locator(".skip-link").focus()
    unseen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        unseen.append(page.evaluate(RINGED))
    assert [each for each in unseen if each] == []
