#!/usr/bin/env python
"""Takes the pictures of README and docs from the demo's mail: `.venv/bin/python -m docs.screens [name …]`.

They are drawn with Inter where it is installed (Debian: fonts-inter): it stands for what a desktop has as system-ui.
"""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.gallery import screens
from tests.gallery.screens import BREAD, DANGER, DRAWINGS, GULL, ROSE, Screen, choose, press
from tests.gallery.site import Gallery, gallery, sign_in, still
from tests.site import make_template

FOLDER = Path(__file__).parent / "screens"
QUALITY = 86
PHONE = 720
SIZES = {1440: 900, 1024: 768, 1000: 640, 390: 844}
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<alias binding="strong"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
<alias binding="strong"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
</fontconfig>"""

type Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Picture:
    """A picture of a screen: how wide the window is, in which colours, in whose language."""

    screen: Screen
    name: str = ""
    width: int = 1440
    theme: Theme = "light"
    language: str = "en"
    options: dict[str, Any] = field(default_factory=dict)


def answer(page: Page) -> None:
    page.click(".answer__box")
    page.locator("[data-rich]").press_sequentially("Yes, with pleasure. We bring the cake and the long table.")


def turn(page: Page) -> None:
    """Show the page as it is read from the right: words stay, everything else changes sides."""
    page.evaluate("document.documentElement.dir = 'rtl'")


def named(name: str, path: str, does: Callable[[Page], None] | None = None, who: str = "alice") -> Screen:
    return Screen(name, path, who, does)


INBOX = named("inbox", ROSE)
LIST = named("inbox", "/")
PICTURES = (
    Picture(INBOX),
    Picture(INBOX, "inbox-dark", theme="dark"),
    Picture(INBOX, "inbox-japanese", language="ja"),
    Picture(INBOX, "inbox-right-to-left", options={"does": turn}),
    Picture(LIST, "inbox-1024", 1024),
    Picture(LIST, "inbox-1024-dark", 1024, "dark"),
    Picture(LIST, "inbox-narrow", 390),
    Picture(LIST, "inbox-narrow-dark", 390, "dark"),
    Picture(LIST, "inbox-narrow-japanese", 390, language="ja"),
    Picture(named("selection-narrow", "/", screens.select), "", 390, "dark"),
    Picture(named("conversation-narrow", ROSE), "", 390),
    Picture(named("conversation-1024", GULL), "", 1024, "dark"),
    Picture(named("newsletter", BREAD, press(".remote summary")), theme="dark"),
    Picture(named("danger", DANGER, press(".trust__mark")), width=1000),
    Picture(named("invitation", DRAWINGS, press(".invitation__who summary")), width=1000),
    Picture(named("answer", ROSE, answer)),
    Picture(named("snooze", ROSE, choose("snooze")), "", 1000),
    Picture(named("snooze-narrow", ROSE, choose("snooze")), "", 390, "dark"),
    Picture(named("attachments-narrow", GULL), "", 390),
    Picture(named("compose", "draft"), theme="dark"),
    Picture(named("compose-narrow", "/compose/"), "", 390),
    Picture(named("search", "/search/?q=lake"), "", 1024),
    Picture(named("outbox", "/outbox/"), "", 1024),
    Picture(named("first-run", "/", who="eve")),
    Picture(named("settings", "/settings/"), "", 1024),
    Picture(named("settings-narrow", "/settings/"), "settings-narrow-japanese", 390, language="ja"),
    Picture(named("appearance", "/settings/appearance/"), "", 1024, "dark"),
    Picture(named("accounts", "/accounts/"), "", 1024),
    Picture(named("accounts-narrow", "/accounts/"), "accounts-narrow-japanese", 390, "dark", "ja"),
    Picture(named("sign-in", "/account/login/", who=""), "", 1024),
)


def main(names: list[str]) -> None:
    """Furnish an installation and take every picture anew, or those of `names`."""
    FOLDER.mkdir(exist_ok=True)
    wanted = [each for each in PICTURES if not names or (each.name or each.screen.name) in names]
    with tempfile.TemporaryDirectory(prefix="letterbox-screens-") as folder:
        template = make_template(Path(folder) / "template")
        with gallery(Path(folder) / "site", template, "worker") as rooms, browser(Path(folder)) as window:
            for picture in wanted:
                take(picture, window, rooms)


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Chromium with the fonts of the pictures."""
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS)
    with sync_playwright() as playwright:
        environment: dict[str, str | float | bool] = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
        found = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"], env=environment
        )
        yield found
        found.close()


def take(picture: Picture, window: Browser, rooms: Gallery) -> None:
    """Write the picture of one screen."""
    size = ViewportSize(width=picture.width, height=SIZES[picture.width])
    state = sign_in(window, rooms.site, picture.screen.who) if picture.screen.who else None
    context = window.new_context(
        base_url=rooms.site.url,
        viewport=size,
        color_scheme=picture.theme,
        locale=picture.language,
        storage_state=state,
        has_touch=picture.width < PHONE,
        is_mobile=picture.width < PHONE,
    )
    still(context)
    page = context.new_page()
    screens.show(picture.screen, page, rooms)
    for act in picture.options.values():
        act(page)
    # The pointer would show the actions of the row that it rests on.
    page.mouse.move(picture.width - 10, SIZES[picture.width] - 10)
    # Small pictures of what is attached are made meanwhile.
    page.wait_for_timeout(4000 if page.locator(".picture, iframe").count() else 500)
    taken = Image.open(io.BytesIO(page.screenshot()))
    taken.convert("RGB").save(FOLDER / f"{picture.name or picture.screen.name}.webp", quality=QUALITY, method=6)
    context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
