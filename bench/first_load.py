"""What a browser asks for and when it shows mail: `uv run python -m bench.first_load [--runs N] [--list]`.

The web server as `manage.py serve` runs it, with the demo's mail and a page full of letters, and Debian's Chromium with
empty caches for each run. Printed for each step: requests and octets on the wire with headers (polls apart), as a relay
between the two counts them in a run that is not timed, and the milliseconds until the awaited part of the page is
painted: after a click, or after an address was typed, in a window that has stood a moment. Least, median and most of
the runs. `--list` names the requests.
"""

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from playwright.sync_api import Browser, Page, StorageState, sync_playwright  # noqa: E402

from bench.chromium import launched  # noqa: E402
from bench.counting import Exchange, Relay  # noqa: E402
from tests.site import Site, make_template, running_site  # noqa: E402

VIEWPORT = {"width": 1440, "height": 900}
PASSWORD = "a long and quiet password"
DELIVER = """
from accounts.models import MailAccount
from tests.cast import deliver, octets_of
account = MailAccount.objects.filter(owner__username="alice").first()
subjects = ("The boats of 2026", "Re: Lists for the harbour", "Minutes of Tuesday", "Your order is on its way")
deliver(account, *[
    octets_of(f"{subjects[at % 4]} ({at})", sender=f"Person {at} <p{at}@far.test>", message_id=f"{at}@far.test",
              text=f"Number {at}. The tide is at {at % 12} and the wind turns north; bring the long rope, please.")
    for at in range(60)
])
"""
# A new window works for about a second after it has opened, on cores that the page would have.
SETTLED = 1_500
# What comes after this many milliseconds without a request belongs to something else.
QUIET = 2_500
# A page fetches the composer when it has stood for eight seconds; see static/js/ahead.js.
AHEAD = 9_000
# Notes the first frame in which something that is awaited is on the screen, in milliseconds of the clock: when it was
# painted where it is the first one of a page, else when the browser had done with it and what it did next.
WATCH = """(() => {
  const now = () => performance.timeOrigin + performance.now();
  const isSeen = (each) => each.checkVisibility() && each.getBoundingClientRect().height > 0;
  const paintedSince = (moment) => {
    const first = performance.getEntriesByName("first-contentful-paint").at(0);
    const at = performance.timeOrigin + (first?.startTime ?? -Infinity);
    return at >= moment ? at : null;
  };
  const look = () => requestAnimationFrame(() => {
    const found = globalThis.awaited && [...document.querySelectorAll(awaited)].some(isSeen);
    const begun = now();
    if (found) setTimeout(() => { globalThis.shownAt ??= paintedSince(begun) ?? now(); });
    else look();
  });
  globalThis.begin = () => { sessionStorage.setItem("begun", now()); globalThis.shownAt = undefined; look(); };
  addEventListener("click", begin, true);
  look();
})();"""
LINK = """() => {
  const link = Object.assign(document.createElement('a'), { href: '/', id: 'inbox', text: 'Inbox' });
  document.body.replaceChildren(link);
}"""
SHOWN = "() => globalThis.shownAt && shownAt - (sessionStorage.getItem('begun') ?? performance.timeOrigin)"


@dataclass(frozen=True)
class Webmail:
    """Where a webmail is, and by which selectors its parts are found; a second one is measured in the same run."""

    name: str
    port: int
    login_path: str
    fields: dict[str, str]
    button: str
    row: str
    steps: dict[str, tuple[str, str]]
    """What is clicked one after the other, and what is awaited then, by the name of the step."""
    polls: str = "/live/"
    bare_path: str = "/worker.js"
    """A page that names no other file, from which somebody comes by a click."""
    word_path: str = "/healthz"
    """A page of one word: what a browser takes for any page at all."""


@dataclass
class Step:
    """What was seen of one step: what crossed the line, polls apart, and by run the milliseconds."""

    seen: list[Exchange] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


def letterbox(site: Site) -> Webmail:
    """This project, at a site that runs."""
    return Webmail(
        "Letterbox",
        site.port,
        "/account/login/",
        {"[name=login]": "alice", "[name=password]": PASSWORD},
        "main form button",
        ".row",
        {
            "open a conversation": (".row__link >> nth=3", ".conversation__subject"),
            "the archive": (".sidebar a[href='/archive/']", ".sidebar a[href='/archive/'][aria-current]"),
            "compose": (".sidebar a[href='/compose/']", "[data-compose]"),
            "back to the inbox": (".sidebar a[href='/']", ".row"),
        },
    )


def main() -> None:
    """Start a site, measure every webmail, and print."""
    parser = argparse.ArgumentParser(description="Measure the first load and later pages in Chromium.")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--list", action="store_true", help="name each request")
    options = parser.parse_args()
    with filled_site() as site, sync_playwright() as playwright:
        browser = launched(playwright)
        for webmail in [letterbox(site)]:
            show(webmail, measured(webmail, browser, options.runs), is_listed=options.list)
        browser.close()


@contextmanager
def filled_site() -> Iterator[Site]:
    """Yield a web server of its own with the demo's mail and more, for which alice has the PASSWORD."""
    with tempfile.TemporaryDirectory(prefix="letterbox-bench-") as folder:
        template = make_template(Path(folder) / "template")
        with running_site(Path(folder) / "site", template, "web", "pop3d") as site:
            site.manage("demo", "--password-stdin", stdin=f"{PASSWORD}\n")
            site.manage("pull")
            site.manage("shell", "--verbosity", "0", "--command", DELIVER)
            yield site


def measured(webmail: Webmail, browser: Browser, runs: int) -> dict[str, Step]:
    """Return what each step took: octets in a first run, which warms the server up, and times in the others."""
    steps: dict[str, Step] = {}
    one_visit(webmail, browser, Relay(webmail.port), steps)
    for _run in range(runs):
        one_visit(webmail, browser, None, steps)
    return steps


def one_visit(webmail: Webmail, browser: Browser, relay: Relay | None, steps: dict[str, Step]) -> None:
    """Sign in with empty caches and go about; then come by a typed address with empty caches, but signed in."""
    go = Watched(browser, webmail, steps, relay)
    go.see("sign-in page, typed", next(iter(webmail.fields)), lambda page: page.goto(webmail.login_path))
    for name, value in webmail.fields.items():
        go.page.fill(name, value)
    go.see("inbox, clicked at sign-in", webmail.row, lambda page: page.click(webmail.button))
    go.rest("the inbox at rest")
    for name, (clicked, awaited) in webmail.steps.items():
        go.see(name, awaited, _click(clicked))
    cookies = go.page.context.storage_state()
    go.page.context.close()
    go = Watched(browser, webmail, steps, relay, cookies)
    # A page of the same site that needs nothing else: somebody clicks in a browser that runs already.
    go.page.goto(webmail.bare_path)
    go.page.evaluate(LINK)
    go.page.wait_for_timeout(SETTLED)
    go.see("inbox, clicked, all caches empty", webmail.row, _click("#inbox"))
    go.page.context.close()
    go = Watched(browser, webmail, steps, relay, cookies)
    go.see("inbox, typed, all caches empty", webmail.row, lambda page: page.goto("/"))
    go.see("inbox, typed again", webmail.row, lambda page: page.goto("/"))
    go.page.context.close()
    go = Watched(browser, webmail, steps, relay, cookies)
    go.see("a page of one word, typed", "body pre", lambda page: page.goto(webmail.word_path))
    go.page.context.close()


def _click(selector: str) -> Callable[[Page], object]:
    return lambda page: page.locator(selector).first.click()


class Watched:
    """A window with caches of its own, whose steps are timed, or counted where a relay is between it and the server."""

    def __init__(
        self,
        browser: Browser,
        webmail: Webmail,
        steps: dict[str, Step],
        relay: Relay | None,
        cookies: StorageState | None = None,
    ) -> None:
        """Open a window; `steps` gets what each step took."""
        self.relay, self.webmail, self.steps = relay, webmail, steps
        url = relay.url if relay else f"http://127.0.0.1:{webmail.port}"
        context = browser.new_context(base_url=url, viewport=VIEWPORT, storage_state=cookies)
        context.add_init_script(WATCH)
        self.page = context.new_page()
        self.page.wait_for_timeout(SETTLED)

    def see(self, name: str, awaited: str, act: Callable[[Page], object]) -> None:
        """Act, wait until what is awaited is on the screen and the line is quiet, and note what it took."""
        script = f"globalThis.awaited = {json.dumps(awaited)}; sessionStorage.removeItem('begun')"
        self.page.evaluate(script.partition(";")[0])
        self.page.add_init_script(script.partition(";")[0])
        if self.relay:
            self.relay.taken()
        act(self.page)
        shown = self.page.wait_for_function(SHOWN, timeout=30_000).json_value()
        step = self._note(name)
        if not self.relay:
            step.times.append(shown)

    def rest(self, name: str) -> None:
        """Wait for what a page fetches ahead while nobody does anything."""
        self.page.wait_for_timeout(AHEAD)
        self._note(name)

    def _note(self, name: str) -> Step:
        step = self.steps.setdefault(name, Step())
        seen = self._quiet()
        if self.relay:
            step.seen = seen
        return step

    def _quiet(self) -> list[Exchange]:
        seen = []
        while True:
            self.page.wait_for_timeout(QUIET)
            came = self.relay.taken() if self.relay else []
            more = [each for each in came if self.webmail.polls not in each.request]
            seen += more
            if not more:
                return seen


def show(webmail: Webmail, steps: dict[str, Step], *, is_listed: bool) -> None:
    """Print one line for each step."""
    print(f"{webmail.name:36}requests      KB    ms until shown: least, median, most")
    for name, step in steps.items():
        figures = [min(step.times), statistics.median(step.times), max(step.times)] if step.times else []
        times = "".join(f"{each:9.0f}" for each in figures)
        octets = sum(each.octets for each in step.seen) / 1000
        print(f"  {name:34}{len(step.seen):6}{octets:8.1f}{times}")
        for each in step.seen if is_listed else []:
            print(f"      {each.octets:8,}  {each.request}")


if __name__ == "__main__":
    main()
