"""Browser windows of the people of the tests, and what they may never do: complain, break the CSP, call a stranger."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, StorageState, WebError

from tests.servers import wait_until
from tests.site import Site

PASSWORD = "a long and quiet password"
# Chromium reports a violation in the console as well, but not for every directive.
_TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.effectiveDirective} ${event.blockedURI}`))"""


class Windows:
    """Opens windows at one site, each with cookies of its own, and judges them when all are closed.

    `tolerated` holds parts of complaints that a test provokes on purpose, such as "status of 422". `sessions` keeps
    the cookies of each person from one test to the next.
    """

    def __init__(self, browser: Browser, site: Site, sessions: dict[str, StorageState] | None = None) -> None:
        self.site = site
        self._sessions = {} if sessions is None else sessions
        # Chromium's word where a page goes before it has faded in.
        self.tolerated = ["Transition was aborted"]
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._complaints: list[str] = []
        self._strangers: list[str] = []

    def open(self, name: str, *, signs_in: bool = False, **options: Any) -> Page:
        """A window of the person `name`, with a session of its own if it `signs_in`; `options` go to new_context."""
        known = None if signs_in else self._sessions.get(name)
        usual = {"base_url": self.site.url, "viewport": {"width": 1440, "height": 900}, "storage_state": known}
        context = self._browser.new_context(**usual | options)
        self._contexts.append(context)
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", self._hear)
        context.on("weberror", self._note_error)
        context.on("request", self._note_request)
        page = context.new_page()
        if known is None:
            sign_in(page, name)
        if known is None and not signs_in:
            self._sessions[name] = context.storage_state()
        return page

    def close(self) -> None:
        """Close every window; raise AssertionError if any complained or called another origin."""
        for context in self._contexts:
            context.close()
        assert self._strangers == []
        complaints = [each for each in self._complaints if not _holds_any(each, self.tolerated)]
        # Named once more: pytest explains the asserts of tests alone.
        assert complaints == [], complaints

    def _hear(self, line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            self._complaints.append(f"{line.text} {line.location['url']}")

    def _note_error(self, error: WebError) -> None:
        if is_ours(error):
            self._complaints.append(str(error.error))

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site.url}/", "data:", "blob:")):
            self._strangers.append(request.url)


def is_ours(error: WebError) -> bool:
    """Whether a script of the page is to blame: Chromium says so too where it gives up a transition between pages."""
    return not str(error.error).startswith("Transition was")


def sign_in(page: Page, name: str) -> None:
    """Sign in from any page that asks for it, or from none."""
    if "/account/login/" not in page.url:
        page.goto("/account/login/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation(url=lambda url: "/account/login/" not in url):
        page.click("main form button")


def fill(page: Page, fields: Mapping[str, object]) -> None:
    """Type into the fields of these names."""
    for name, value in fields.items():
        page.fill(f"[name='{name}']", str(value))


def fill_account(page: Page, site: Site, fields: Mapping[str, object], *, security: str = "none") -> None:
    """Fill in the form of a new account; its servers are the embedded ones unless `fields` says otherwise."""
    page.goto("/accounts/new/?by-hand")
    embedded = {"pop3-host": "127.0.0.1", "pop3-port": site.pop3_port, "pop3-password": PASSWORD}
    fill(page, {**embedded, "smtp-host": "127.0.0.1", "smtp-port": site.smtp_port, **fields})
    page.select_option("[name='pop3-security']", security)
    page.select_option("[name='smtp-security']", "none")
    page.uncheck("[name='smtp-same_login']")


def wait_at(page: Page, ready: Callable[[], object], *, what: str) -> None:
    """Return once `ready()` is true, as `wait_until`, but let the page tell its events meanwhile."""

    def look() -> object:
        page.wait_for_timeout(20)
        return ready()

    wait_until(look, what=what)


def row(subject: str) -> str:
    """The line of a conversation in a list."""
    return f".row:has-text('{subject}')"


def _holds_any(text: str, parts: Iterable[str]) -> bool:
    return any(part in text for part in parts)
