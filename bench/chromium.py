"""Debian's Chromium under Playwright, as the measurements want it."""

import os
import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


def path() -> str:
    """Return where Chromium is; raise SystemExit where it is missing."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise SystemExit("Chromium is missing: install Debian's package chromium.")
    return found


def flags() -> list[str]:
    """Return what it is started with; root may not have its sandbox."""
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS


def launched(playwright: Playwright) -> Browser:
    """Start it without a window."""
    return playwright.chromium.launch(executable_path=path(), args=flags())
