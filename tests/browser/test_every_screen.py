"""Every screen: nothing that axe finds, in the light and in the dark, on a desk and on a phone; nothing cut off."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.gallery import axe, measures
from tests.gallery.screens import SCREENS, Screen, show
from tests.gallery.site import Gallery, gallery, sign_in, still

pytestmark = pytest.mark.browser

DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
NARROWEST = {"width": 320, "height": 640}
DARK = "dark"

type Opens = Callable[[Screen, str], Page]


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Gallery]:
    with gallery(tmp_path_factory.mktemp("rooms"), site_template) as rooms:
        yield rooms


@pytest.fixture(scope="module")
def opens(browser: Browser, rooms: Gallery) -> Iterator[Opens]:
    """What shows a screen on a "desk" or a "phone", in the one window that each person has there."""
    states = {name: sign_in(browser, rooms.site, name) for name in ("alice", "charlie", "eve")} | {"": None}
    windows: dict[tuple[str, str], Page] = {}

    def show_on(screen: Screen, device: str) -> Page:
        options = DESK if device == "desk" else PHONE
        if (screen.who, device) not in windows:
            state = states[screen.who]
            context = browser.new_context(
                base_url=rooms.site.url, storage_state=state, reduced_motion="reduce", **options
            )
            still(context)
            windows[screen.who, device] = context.new_page()
        page = windows[screen.who, device]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(options["viewport"])
        show(screen, page, rooms)
        return page

    yield show_on
    for page in windows.values():
        page.context.close()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
class TestScreen:
    def test_is_accessible_on_a_desk(self, screen: Screen, opens: Opens) -> None:
        page = opens(screen, "desk")
        assert axe.findings(page) == []
        page.emulate_media(color_scheme=DARK)
        assert axe.findings(page, axe.COLOURS) == []
        assert measures.small_targets(page, 24) == []

    def test_is_accessible_on_a_phone(self, screen: Screen, opens: Opens) -> None:
        page = opens(screen, "phone")
        assert axe.findings(page) == []
        assert measures.small_targets(page, 44) == []
        page.emulate_media(color_scheme=DARK)
        assert axe.findings(page, axe.COLOURS) == []
        page.set_viewport_size(NARROWEST)
        assert measures.cut_off(page) == []
