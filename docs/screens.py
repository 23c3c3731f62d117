#!/usr/bin/env python
"""Takes the pictures of README and docs from the demo's mail: `.venv/bin/python -m docs.screens`."""

import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.site import Site, make_template, running_site

FOLDER = Path(__file__).parent
PASSWORD = secrets.token_urlsafe()
COLOURS = 256


@dataclass(frozen=True)
class Screen:
    """One picture: which conversation is open, what is pressed and typed in it, and how wide the window is."""

    name: str
    subject: str = ""
    presses: str = ""
    types: str = ""
    width: int = 1440
    height: int = 900
    paper: Literal["light", "dark"] = "light"


SCREENS = (
    Screen("inbox", "Rose turns 80"),
    Screen("inbox-narrow", width=390, height=844),
    Screen("newsletter", "Bread for people", ".remote summary", paper="dark"),
    Screen("danger", "Your card has been limited", ".trust__mark", width=1000, height=520),
    Screen("invitation", "first drawings together", ".invitation__who summary", width=1000, height=640),
    Screen("answer", "Rose turns 80", ".answer__box", "Yes, with pleasure. We bring the cake and the long table."),
    Screen("compose-narrow", presses=".bottombar a[href='/compose/']", width=390, height=844),
    Screen("attachments-narrow", "Gull approved", width=390, height=844),
)


def main() -> None:
    """Fill an installation with the demo, pull what waits, and take every picture anew."""
    with tempfile.TemporaryDirectory(prefix="letterbox-screens-") as folder:
        template = make_template(Path(folder) / "template")
        with (
            running_site(Path(folder) / "site", template, "web", "worker", "pop3d") as site,
            sync_playwright() as playwright,
        ):
            site.manage("demo", "--password-stdin", stdin=f"{PASSWORD}\n")
            site.manage("pull")
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for screen in SCREENS:
                take(screen, browser, site)
            browser.close()


def take(screen: Screen, browser: Browser, site: Site) -> None:
    """Write the picture of one screen, with few enough colours to be small; the small marks keep theirs."""
    page = sign_in(screen, browser, site)
    if screen.subject:
        page.click(f".row:has-text('{screen.subject}') .row__link")
        page.wait_for_selector(".conversation")
    if screen.presses:
        page.click(screen.presses)
    if screen.types:
        page.locator("[data-rich]").press_sequentially(screen.types)
    # The pointer would show the actions of the row that it rests on.
    page.mouse.move(screen.width - 10, screen.height - 10)
    # Small pictures of what is attached are made meanwhile.
    page.wait_for_timeout(4000)
    path = FOLDER / f"{screen.name}.png"
    page.screenshot(path=path)
    page.context.close()
    taken = Image.open(path).convert("RGB")
    taken.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)


def sign_in(screen: Screen, browser: Browser, site: Site) -> Page:
    """A window in which Alice's inbox is open."""
    size = ViewportSize(width=screen.width, height=screen.height)
    page = browser.new_page(viewport=size, color_scheme=screen.paper, base_url=site.url)
    page.goto("/account/login/")
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_selector(".row")
    return page


if __name__ == "__main__":
    main()
