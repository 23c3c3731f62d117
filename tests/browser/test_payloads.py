"""Every known way to run or load something from a mail, opened in Chromium through the conversation's own page.

Twenty payloads are the unread messages of one conversation, so that one page opens them all. Whatever they would load
lies on a server of this test, which must never hear from anybody.
"""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from tests.browser.windows import sign_in, wait_at
from tests.servers import wait_until
from tests.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("payloads")]

PAYLOADS = (Path(__file__).parent.parent / "mime" / "payloads.txt").read_text().splitlines()
A_PAGE = 20
SUBJECTS = """rows => rows.map(row => [row.querySelector(".row__subject").textContent,
    row.querySelector(".row__link").getAttribute("href")])"""
PAGES = [PAYLOADS[start : start + A_PAGE] for start in range(0, len(PAYLOADS), A_PAGE)]
EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
PLAIN = f"Plain {EVIL}"
PASSWORD = "a long and quiet password"
SANDBOXES = "() => [...new Set([...document.querySelectorAll('iframe')].map((frame) => frame.sandbox.value))]"
# What stands in all frames that could act: elements, attributes, addresses that lead to this site.
LEFT = """() => [...document.querySelectorAll("iframe")].flatMap((frame) => {
  const elements = `script, link, base, form, input, button, iframe, svg, math, object, embed, video, audio, template,
    meta:not([charset], [name=viewport], [name=referrer])`;
  const attributes = /^(on|hx-|data-|srcset|ping|form|popover|contenteditable)/;
  const isSafe = (link) => /^(https?|mailto|tel):/.test(link.href) && link.target === "_blank"
    && link.rel === "noopener noreferrer";
  const all = [...frame.contentDocument.body.querySelectorAll("*")];
  return [
    ...[...frame.contentDocument.querySelectorAll(elements)].map((each) => each.outerHTML),
    ...all.flatMap((each) => each.getAttributeNames().filter((name) => attributes.test(name))),
    ...all.filter((each) => each.matches("a[href]") && !isSafe(each)).map((each) => each.outerHTML),
  ];
})"""


class Listener:
    """A port on loopback that accepts whoever comes; nobody should."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.host = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def callers(self) -> int:
        """How many have connected since the last look."""
        count = 0
        while True:
            try:
                caller, _ = self._socket.accept()
            except BlockingIOError:
                return count
            caller.close()
            count += 1

    def close(self) -> None:
        self._socket.close()


@dataclass
class Heard:
    """What a window did that a mail must not make it do."""

    site: Site
    strangers: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    popups: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext, page: Page) -> None:
        context.on("request", lambda request: self._note(request.url))
        context.on("page", lambda popup: self.popups.append(popup.url))
        context.on(
            "console", lambda line: self.complaints.append(line.text) if line.type in ("error", "warning") else None
        )
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        page.on("dialog", self._refuse)

    def _refuse(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _note(self, url: str) -> None:
        if not url.startswith((f"{self.site.url}/", "data:image/")):
            self.strangers.append(url)


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path, listener: Listener) -> Iterator[Site]:
    """A site whose person has a conversation for every twenty payloads, and one that is hostile without HTML."""
    with running_site(tmp_path_factory.mktemp("payloads"), site_template, "web") as site:
        site.manage("adduser", "alice", "--password-stdin", stdin=PASSWORD + "\n")
        server = "pop3://alice:x@127.0.0.1:9", "--smtp", "smtp://alice:x@127.0.0.1:9"
        site.manage("addaccount", "alice", "alice@home.test", "--pop3", *server)
        folder = tmp_path_factory.mktemp("mail")
        for number, payload in enumerate(PAYLOADS):
            (folder / f"{number}.eml").write_bytes(hostile(number, payload.replace("evil.test", listener.host)))
        (folder / "plain.eml").write_bytes(hostile_text())
        site.manage("importmail", "alice", "alice@home.test", str(folder), "--inbox", "--unread")
        yield site


def hostile(number: int, payload: str) -> bytes:
    """A message whose HTML is `payload`; twenty of them answer each other."""
    page = number // A_PAGE
    message = EmailMessage()
    message["From"], message["To"] = "Eve <eve@far.test>", "alice@home.test"
    message["Subject"] = f"Payloads {page}"
    message["Date"] = "24 Nov 2025 11:00:00 +0000"
    message["Message-ID"] = f"<{number}@far.test>"
    message["References"] = f"<page-{page}@far.test>"
    message.set_content(f"<p>before</p>{payload}", subtype="html")
    return message.as_bytes()


def hostile_text() -> bytes:
    """A message that tries everything in its names, its subject, its text and its file's name."""
    message = EmailMessage()
    message["From"] = "Eve <eve@far.test>"
    message["To"] = "alice@home.test"
    message["Subject"] = PLAIN
    message["Date"] = "24 Nov 2025 12:00:00 +0000"
    message.set_content("\n".join(PAYLOADS))
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename=f"{EVIL}.pdf")
    return message.as_bytes().replace(b"From: Eve", b'From: "<img src=x onerror=alert(1)>"')


@contextmanager
def window(browser: Browser, site: Site) -> Iterator[tuple[Page, Heard]]:
    """Alice's window and what it does once she has signed in."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, "alice")
    heard = Heard(site)
    heard.listen(context, page)
    yield page, heard
    context.close()


def conversations(page: Page) -> dict[str, str]:
    """The addresses of all conversations in the inbox, by subject."""
    page.goto("/")
    # All at one moment: the list may be drawn again meanwhile.
    return dict(page.locator(".row").evaluate_all(SUBJECTS))


def open_conversation(page: Page, address: str, *, frames: int) -> None:
    """Open the whole page of a conversation, and stay until its frames have loaded what they would."""
    page.goto(address)
    expect(page.locator("iframe[data-fitted]")).to_have_count(frames)
    page.wait_for_timeout(200)


def _title(page: Page) -> str:
    """The title without the count of what is unread, which opening a conversation changes a moment later."""
    return re.sub(r"^\(\d+\+?\) ", "", page.title())


def test_no_payload_runs_loads_or_leaves(browser: Browser, site: Site, listener: Listener) -> None:
    with window(browser, site) as (page, heard):
        found = conversations(page)
        for number, payloads in enumerate(PAGES):
            open_conversation(page, found[f"Payloads {number}"], frames=len(payloads))
            address, title = page.url, _title(page)
            assert page.evaluate(SANDBOXES) == ["allow-same-origin allow-popups allow-popups-to-escape-sandbox"]
            assert page.evaluate(LEFT) == []
            page.mouse.wheel(0, 20_000)
            assert (page.url, _title(page)) == (address, title)
            assert "Payloads" in title
    assert (heard.strangers, heard.dialogs, heard.popups, heard.complaints) == ([], [], [], [])
    assert listener.callers() == 0


def test_names_subjects_and_plain_text_run_nothing(browser: Browser, site: Site, listener: Listener) -> None:
    with window(browser, site) as (page, heard):
        open_conversation(page, conversations(page)[PLAIN], frames=0)
        assert page.locator(".plain-text script, .plain-text img, h1 img, .message__name img").count() == 0
        assert "<script>alert(1)</script>" in page.locator(".message__text").inner_text()
    assert (heard.strangers, heard.dialogs, heard.popups, heard.complaints) == ([], [], [], [])
    assert listener.callers() == 0


def test_the_ears_of_these_tests_are_open(browser: Browser, site: Site, listener: Listener) -> None:
    context = browser.new_context()
    page = context.new_page()
    heard = Heard(site)
    heard.listen(context, page)
    page.set_content(f"<img src='http://{listener.host}/x'><script>alert(1)</script>", wait_until="commit")
    wait_at(page, lambda: heard.dialogs and heard.strangers, what="the image and the alert")
    wait_until(listener.callers, what="the image's request")
    context.close()
    assert heard.strangers == [f"http://{listener.host}/x"]
    assert heard.dialogs == ["1"]


def test_no_payload_runs_loads_or_leaves_on_paper(browser: Browser, site: Site, listener: Listener) -> None:
    with window(browser, site) as (page, heard):
        found = conversations(page)
        for number, payloads in enumerate(PAGES):
            page.goto(f"{found[f'Payloads {number}'].partition('?')[0]}print/?conversation")
            page.wait_for_timeout(200)
            address, title = page.url, page.title()
            page.mouse.wheel(0, 20_000)
            assert (page.url, page.title()) == (address, f"Payloads {number}") == (address, title)
            assert page.locator(".lb-message").count() == len(payloads)
            assert page.locator("template, script, iframe, form, svg, object, link, base").count() == 0
    assert (heard.strangers, heard.dialogs, heard.popups, heard.complaints) == ([], [], [], [])
    assert listener.callers() == 0
