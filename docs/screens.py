#!/usr/bin/env python
"""Takes the pictures of the README from the demo's mail: `.venv/bin/python -m docs.screens`."""

import secrets
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.site import Site, make_template, running_site

FOLDER = Path(__file__).parent
PASSWORD = secrets.token_urlsafe()
OPENED = "Rose turns 80"


def main() -> None:
    """Fill an installation with the demo, pull what waits, and take every picture anew."""
    with tempfile.TemporaryDirectory(prefix="letterbox-screens-") as folder:
        template = make_template(Path(folder) / "template")
        with running_site(Path(folder) / "site", template, "web", "pop3d") as site, sync_playwright() as playwright:
            site.manage("demo", "--password-stdin", stdin=f"{PASSWORD}\n")
            site.manage("pull")
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            take_wide(browser, site)
            take_narrow(browser, site)
            browser.close()


def take_wide(browser: Browser, site: Site) -> None:
    """The inbox on a desk, with a conversation beside it."""
    page = sign_in(browser, site, width=1440, height=900)
    page.click(f".row:has-text('{OPENED}') .row__link")
    page.wait_for_selector(".message__text")
    # The pointer would show the actions of the row that it rests on.
    page.mouse.move(1430, 890)
    page.wait_for_timeout(1000)
    page.screenshot(path=FOLDER / "inbox.png")
    page.context.close()


def take_narrow(browser: Browser, site: Site) -> None:
    """The inbox on a telephone."""
    page = sign_in(browser, site, width=390, height=844)
    page.wait_for_timeout(1000)
    page.screenshot(path=FOLDER / "inbox-narrow.png")
    page.context.close()


def sign_in(browser: Browser, site: Site, *, width: int, height: int) -> Page:
    """A window in which Alice's inbox is open."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light", base_url=site.url)
    page.goto("/account/login/")
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_selector(".row")
    return page


if __name__ == "__main__":
    main()
