"""A site whose Alice has mail enough for lists, and windows at it for the tests of lists."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tests.site import Site, running_site

PASSWORD = "a long and quiet password"


@contextmanager
def site_of_alice(folder: Path, template: Path, subjects: list[str], *processes: str) -> Iterator[Site]:
    """Run a site in which a conversation waits unread for each of `subjects`, the first one on top."""
    with running_site(folder / "site", template, *processes) as site:
        site.manage("adduser", "alice", "--password-stdin", stdin=PASSWORD + "\n")
        servers = "pop3://alice:x@127.0.0.1:9", "--smtp", "smtp://alice:x@127.0.0.1:9"
        site.manage("addaccount", "alice", "alice@home.test", "--pop3", *servers)
        bring(site, folder / "mail", subjects)
        yield site


def bring(site: Site, folder: Path, subjects: list[str], *, day: int = 21) -> None:
    """Put a message for each subject into Alice's inbox, a minute apart, the first one newest: as that day begins."""
    folder.mkdir(parents=True)
    for number, subject in enumerate(subjects):
        (folder / f"{number:05}.eml").write_bytes(_octets(subject, 60 * 24 * (day - 1) - number))
    site.manage("importmail", "alice", "alice@home.test", str(folder), "--inbox", "--unread")


def _octets(subject: str, minutes: int) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Dana Doe <dana@far.test>", "alice@home.test", subject
    day, minute = divmod(minutes, 60 * 24)
    message["Date"] = f"{day + 1} Nov 2025 {minute // 60:02}:{minute % 60:02}:00 +0000"
    message["Message-ID"] = f"<{subject.replace(' ', '-')}@far.test>"
    message.set_content(f"About {subject.lower()}.")
    return message.as_bytes()


def sign_in(page: Page, site: Site) -> Page:
    page.goto(f"{site.url}/account/login/")
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(f"{site.url}/")
    return page


def quiet_page(context: BrowserContext, site: Site, *, tolerated: tuple[str, ...] = ()) -> Iterator[Page]:
    """A signed-in window that must not have complained in the end, but for `tolerated` parts of complaints."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield sign_in(page, site)
    context.close()
    # Chromium's own word for a page that was slower than the transition to it.
    usual = ("Transition was", *tolerated)
    assert [each for each in complaints if not any(part in each for part in usual)] == []


def wide_page(browser: Browser, site: Site) -> Iterator[Page]:
    """A window on a desk."""
    yield from quiet_page(browser.new_context(viewport={"width": 1440, "height": 900}), site)


def phone_page(browser: Browser, site: Site) -> Iterator[Page]:
    """A window of a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield from quiet_page(context, site)


def row(subject: str) -> str:
    """The line of a conversation in a list."""
    return f".row:has(.row__subject:text-is('{subject}'))"
