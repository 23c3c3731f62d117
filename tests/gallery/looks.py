"""How a screen looks, so coarsely that another font or another Chromium does not matter and a broken layout does.

A picture is shrunk to a small grid of greys and held against the one that lies in `looks/`. After a change that is
meant, `.venv/bin/python -m tests.gallery.looks [name …]` takes them anew; look at the screens first (docs/screens.py).
"""

import io
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.gallery.screens import SCREENS, show
from tests.gallery.site import Gallery, gallery, sign_in, still
from tests.site import make_template

FOLDER = Path(__file__).parent / "looks"
# One tile of the grid is this wide and high, in CSS pixels: about two lines of text.
TILE = 30
# Two greys of 255 that are further apart are different things, not the same words in other letters.
APART = 18
# Of a hundred tiles so many may differ: other letters make 3.2 at most, a missing style sheet 4.9 at least.
TOLERATED = 4.0
SIZES = {1440: 900, 1020: 780, 390: 840}
# Times pass; and of the times to snooze until there are three on a Friday or Sunday, else four.
LEFT_OUT = """() => {
  for (const each of document.querySelectorAll("time, .later__time")) each.style.visibility = "hidden";
  document.querySelector(".later__list > :nth-child(4):not(.later__typed)")?.remove();
}"""


@dataclass(frozen=True)
class Look:
    """A screen as it is compared: how wide the window is, in which colours."""

    screen: str
    width: int = 1440
    theme: Literal["light", "dark"] = "light"
    part: tuple[int, int, int, int] | None = None
    """What is compared of the window, by its left, upper, right and lower edge; by itself all of it."""

    @property
    def name(self) -> str:
        return f"{self.screen}-{self.width}-{self.theme}"

    @property
    def reference(self) -> Path:
        return FOLDER / f"{self.name}.png"


SELECTION = Look("inbox-selecting", part=(210, 0, 720, 180))
SNOOZE = Look("conversation-snooze", 1020, part=(240, 60, 600, 360))
LOOKS = (
    Look("conversation"),
    Look("conversation", theme="dark"),
    Look("inbox", 1020),
    Look("inbox", 390),
    Look("compose-draft"),
    Look("settings", 1020),
    Look("accounts", 390),
    Look("inbox", 390, "dark"),
    SELECTION,
    Look("search", 1020),
    SNOOZE,
)


def opened(look: Look, window: Browser, rooms: Gallery) -> Page:
    """Return a page that shows `look`, in a context of its own."""
    screen = next(each for each in SCREENS if each.name == look.screen)
    context = window.new_context(
        base_url=rooms.site.url,
        viewport=ViewportSize(width=look.width, height=SIZES[look.width]),
        color_scheme=look.theme,
        reduced_motion="reduce",
        storage_state=_signed_in(window, rooms.site, screen.who),
    )
    still(context)
    page = context.new_page()
    show(screen, page, rooms)
    return page


# Once a person: that takes as long as the screen itself.
_signed_in = cache(sign_in)


def greys(look: Look, page: Page) -> Image.Image:
    """Return what is seen as a small grid of greys; what passes is left out."""
    page.mouse.move(1, 1)
    page.evaluate(LEFT_OUT)
    taken = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("L").crop(look.part)
    return taken.resize((taken.width // TILE, taken.height // TILE), Image.Resampling.BOX)


def strayed(look: Look, page: Page) -> float:
    """Return how many of a hundred tiles of `page` do not look as they should."""
    found, wanted = greys(look, page), Image.open(look.reference).convert("L")
    if found.size != wanted.size:
        return 100.0
    apart = ImageChops.difference(found, wanted).point(lambda grey: 255 if grey > APART else 0)
    return 100 * apart.histogram()[255] / (apart.width * apart.height)


def main(names: list[str]) -> None:
    """Take the pictures anew, or those of `names`."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="letterbox-looks-") as folder:
        template = make_template(Path(folder) / "template")
        with gallery(Path(folder) / "site", template) as rooms, sync_playwright() as playwright:
            window = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for look in LOOKS:
                if not names or look.name in names:
                    greys(look, opened(look, window, rooms)).save(look.reference, optimize=True)
            window.close()


if __name__ == "__main__":
    main(sys.argv[1:])
