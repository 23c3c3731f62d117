"""One site whose Alice has something on every screen, for the tests of looks and for the pictures of the docs."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, StorageState

from tests.site import Site, running_site

PASSWORD = "a long and quiet password"
FURNISH = "from tests.gallery.furnishing import furnish; furnish()"


@dataclass(frozen=True)
class Gallery:
    """A running site, the paths in it that only it knows, and its pages for what goes wrong (see `furnish`)."""

    site: Site
    paths: Mapping[str, str]
    refusals: Mapping[str, str]

    def path(self, name: str) -> str:
        """Return the path that `name` begins; a name that begins with "/" is one."""
        if name.startswith("/"):
            return name
        key, _, rest = name.partition("|")
        return next(path for subject, path in self.paths.items() if subject.startswith(key)) + rest


@contextmanager
def gallery(folder: Path, template: Path, *processes: str) -> Iterator[Gallery]:
    """Run a furnished site; nothing is due while it runs, so that it stays as it is. It has a web server alone, and
    what else is named in `processes`.
    """
    with running_site(folder, template, "pop3d", environment=_surroundings()) as site:
        site.manage("demo", "--password-stdin", stdin=f"{PASSWORD}\n")
        site.manage("pull")
        site.kill("pop3d")
        furnished = json.loads(site.manage("shell", "--verbosity", "0", "--command", FURNISH).stdout)
        site.start("web", *processes)
        yield Gallery(site, **furnished)


def _surroundings() -> dict[str, str]:
    """Letterbox is registered with Google, which nobody asks for anything."""
    return {"TIME_ZONE": _afternoon(datetime.now(UTC)), "GOOGLE_CLIENT_ID": "gallery"}


def _afternoon(now: datetime) -> str:
    """Return a time zone where it is about three in the afternoon: what came lately came today, whenever this runs."""
    ahead = (15 - now.hour + 11) % 24 - 11
    # The names count the other way.
    return f"Etc/GMT{-ahead:+}" if ahead else "UTC"


def sign_in(browser: Browser, site: Site, name: str) -> StorageState:
    """Return the cookies of the person `name`."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation(url=lambda url: "/account/login/" not in url):
        page.click("main form button")
    state = context.storage_state()
    context.close()
    return state


def still(context: BrowserContext) -> None:
    """Keep the pages of `context` from asking for news, which would redraw them while they are looked at."""
    context.route("**/live/**", lambda route: route.fulfill(status=204))
