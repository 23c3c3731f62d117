"""Reading in Chromium, against the running site: with scripts, without them, and with mail that would run some."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("reading")]

PASSWORD = "a long and quiet password"
SUBJECTS = ("Boat", "Tea", "Oars", "Bread", "Lake", "Rain", "Key", "Map", "Wool", "Salt", "Hull", "Mast")
EVIL = """
<style>@import "https://far.test/a.css"; body { background: url(https://far.test/b.png) }</style>
<script>top.document.title = "owned"</script><img src=x onerror="top.document.title = 'owned'">
<a href="javascript:top.document.title='owned'">click</a><base href="https://far.test/">
<meta http-equiv="refresh" content="0;url=https://far.test/"><iframe src="https://far.test/frame"></iframe>
<form action="/account/logout/" method="post"><button>Sign out</button></form>
<svg><script>top.document.title = "owned"</script></svg><p id="words">Harmless words</p>
<div style="height: 900px">tall</div>
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    """A site with one person and seventy conversations; each test has one of them for itself."""
    with running_site(tmp_path_factory.mktemp("reading"), site_template, "web") as site:
        site.manage("adduser", "alice", "--password-stdin", stdin=PASSWORD + "\n")
        server = "pop3://alice:x@127.0.0.1:9", "--smtp", "smtp://alice:x@127.0.0.1:9"
        site.manage("addaccount", "alice", "alice@home.test", "--pop3", *server)
        old = (octets(f"Old news {number}", "Nothing.", day=number % 28 + 1, month="Oct") for number in range(60))
        new = (octets(subject, f"About {subject.lower()}.") for subject in SUBJECTS)
        bring(site, tmp_path_factory.mktemp("mail"), *old, *new, html("Evil", EVIL))
        yield site


def octets(subject: str, text: str, *, month: str = "Nov", day: int = 24) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Dana Doe <dana@far.test>", "alice@home.test", subject
    message["Date"] = f"{day} {month} 2025 09:00:00 +0000"
    message["Message-ID"] = f"<{subject.replace(' ', '-')}@far.test>"
    message.set_content(text)
    return message.as_bytes()


def html(subject: str, markup: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Eve <eve@far.test>", "alice@home.test", subject
    message["Date"] = "24 Nov 2025 11:00:00 +0000"
    message.set_content(markup, subtype="html")
    return message.as_bytes()


def bring(site: Site, folder: Path, *messages: bytes) -> None:
    """Put messages into Alice's inbox, unread."""
    for number, message in enumerate(messages):
        (folder / f"{number}.eml").write_bytes(message)
    site.manage("importmail", "alice", "alice@home.test", str(folder), "--inbox", "--unread")


def sign_in(page: Page, site: Site) -> Page:
    page.goto(f"{site.url}/account/login/")
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(f"{site.url}/")
    return page


@pytest.fixture
def wide(browser: Browser, site: Site) -> Iterator[Page]:
    """A signed-in window on a desk; nothing that it does may disturb the browser's console."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield from _quiet(context, site)


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Page]:
    """A signed-in window of a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield from _quiet(context, site)


def _quiet(context: BrowserContext, site: Site) -> Iterator[Page]:
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield sign_in(page, site)
    context.close()
    # Chromium's own word for a page that was slower than the transition to it.
    assert [each for each in complaints if "Transition was aborted" not in each] == []


def row(subject: str) -> str:
    return f".row:has-text('{subject}')"


def test_reads_beside_the_list_and_marks_as_read(wide: Page, site: Site) -> None:
    expect(wide.locator(row("Tea"))).to_have_class("row row--unread")
    before = int(wide.locator("#unread-all").inner_text().split()[0])
    wide.click(f"{row('Tea')} .row__link")
    expect(wide.locator(".plain-text")).to_have_text("About tea.")
    expect(wide.locator(row("Tea"))).to_have_class("row")
    expect(wide.locator("#unread-all")).to_contain_text(str(before - 1))
    expect(wide.locator(".row__link[aria-current]")).to_have_count(1)
    expect(wide).to_have_title(re.compile(r"(?:\(\d+\+?\) )?Tea · Letterbox"))
    wide.go_back()
    expect(wide.locator(".conversation")).to_have_count(0)
    expect(wide).to_have_title(re.compile(r"(?:\(\d+\+?\) )?Inbox · Letterbox"))
    wide.go_forward()
    expect(wide.locator(".plain-text")).to_have_text("About tea.")


def test_archives_from_the_row_and_takes_it_back(wide: Page, site: Site) -> None:
    wide.hover(row("Boat"))
    wide.click(f"{row('Boat')} [aria-label=Archive]")
    expect(wide.locator(row("Boat"))).to_have_count(0)
    wide.click("#undo button")
    expect(wide.locator(row("Boat"))).to_have_count(1)
    expect(wide.locator("#undo form")).to_have_count(0)


def test_archives_the_open_conversation_and_returns_to_the_list(phone: Page, site: Site) -> None:
    phone.click(f"{row('Oars')} .row__link")
    phone.click(".conversation [aria-label=Archive]")
    expect(phone.locator(".conversation")).to_have_count(0)
    expect(phone.locator(row("Oars"))).to_have_count(0)
    expect(phone).to_have_url(f"{site.url}/")
    phone.goto(f"{site.url}/archive/")
    expect(phone.locator(row("Oars"))).to_have_count(1)


def test_stars_from_the_row(wide: Page, site: Site) -> None:
    wide.hover(row("Bread"))
    wide.click(f"{row('Bread')} [aria-label=Star]")
    wide.mouse.move(900, 500)
    expect(wide.locator(f"{row('Bread')} .row__star")).to_be_visible()
    wide.goto(f"{site.url}/starred/")
    expect(wide.locator(".row")).to_have_count(1)


def address_of(page: Page, subject: str) -> str:
    return page.locator(f"{row(subject)} .row__link").get_attribute("href") or ""


def test_a_conversation_by_its_address_gets_its_list_on_a_desk(wide: Page, site: Site) -> None:
    wide.goto(site.url + address_of(wide, "Hull"))
    expect(wide.locator(".plain-text")).to_have_text("About hull.")
    expect(wide.locator(f"{row('Hull')} .row__link[aria-current]")).to_be_visible()
    expect(wide.locator(row("Hull"))).to_have_class("row")


def test_on_a_phone_its_list_comes_when_it_is_seen(phone: Page, site: Site) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url) if "/beside/" in request.url else None)
    phone.goto(site.url + address_of(phone, "Mast"))
    expect(phone.locator(".plain-text")).to_have_text("About mast.")
    phone.wait_for_load_state("networkidle")
    assert asked == []
    phone.click(".conversation [aria-label=Archive]")
    expect(phone.locator(".conversation")).to_have_count(0)
    expect(phone.locator(".row").first).to_be_visible()
    expect(phone.locator(row("Mast"))).to_have_count(0)


def test_back_after_a_reload_finds_the_list(phone: Page, site: Site) -> None:
    phone.click(f"{row('Hull')} .row__link")
    expect(phone.locator(".plain-text")).to_have_text("About hull.")
    phone.reload()
    expect(phone.locator(".plain-text")).to_have_text("About hull.")
    phone.go_back()
    expect(phone.locator(row("Hull"))).to_be_visible()
    expect(phone.locator(".conversation")).to_have_count(0)


def test_scrolls_on_without_end_and_finds_its_place_again(phone: Page) -> None:
    expect(phone.locator(".row")).to_have_count(50)
    phone.locator(".mail__list").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(phone.locator(".row")).not_to_have_count(50)
    count = phone.locator(".row").count()
    phone.locator(".row__link").nth(55).scroll_into_view_if_needed()
    place = phone.locator(".mail__list").evaluate("list => list.scrollTop")
    phone.locator(".row__link").nth(55).click()
    expect(phone.locator(".conversation")).to_be_visible()
    phone.click("[data-back]")
    expect(phone.locator(".conversation")).to_have_count(0)
    assert phone.locator(".mail__list").evaluate("list => list.scrollTop") == place
    expect(phone.locator(".row")).to_have_count(count)


def test_new_mail_appears_by_itself_and_moves_nothing(wide: Page, site: Site, tmp_path: Path) -> None:
    wide.click(f"{row('Lake')} .row__link")
    expect(wide.locator(".plain-text")).to_be_visible()
    bring(site, tmp_path, octets("Just in", "Hello!", month="Dec", day=1))
    expect(wide.locator(".row").first).to_contain_text("Just in")
    expect(wide.locator("#announcement")).to_contain_text("1 new conversation")
    expect(wide.locator(".plain-text")).to_have_text("About lake.")
    expect(wide.locator(f"{row('Lake')} .row__link[aria-current]")).to_have_count(1)


def test_hostile_mail_shows_its_words_and_does_nothing(wide: Page, site: Site) -> None:
    asked: list[str] = []
    wide.on("request", lambda request: asked.append(request.url))
    dialogs: list[str] = []
    wide.on("dialog", lambda dialog: dialogs.append(dialog.message))
    wide.click(f"{row('Evil')} .row__link")
    frame = wide.frame_locator(".message__frame")
    expect(frame.locator("p")).to_have_text("Harmless words")
    expect(wide.locator(".message__frame[data-fitted]")).to_be_visible()
    assert wide.locator(".message__frame").evaluate("frame => frame.clientHeight") > 900
    assert frame.locator("form, script, iframe, svg, base, meta[http-equiv]").count() == 0
    assert [url for url in asked if not url.startswith((site.url, "data:"))] == []
    assert dialogs == []
    expect(wide).to_have_title(re.compile(r"(?:\(\d+\+?\) )?Evil · Letterbox"))
    expect(wide.locator(".topbar__who")).to_be_visible()


def test_searches(wide: Page, site: Site) -> None:
    wide.fill("#q", "wool")
    wide.press("#q", "Enter")
    expect(wide.locator(".row")).to_have_count(1)
    wide.click(".row__link")
    expect(wide.locator(".plain-text")).to_have_text("About wool.")
    wide.go_back()
    expect(wide.locator(".row")).to_have_count(1)
    expect(wide.locator(".conversation")).to_have_count(0)


def test_the_drawer_opens_on_a_phone(phone: Page, site: Site) -> None:
    expect(phone.locator("#sidebar")).to_be_hidden()
    phone.click(".topbar__menu")
    phone.click("#sidebar >> text=Trash")
    expect(phone).to_have_url(f"{site.url}/trash/")


def test_everything_works_without_scripts(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = sign_in(context.new_page(), site)
    page.click(".rows__more")
    expect(page.locator(".row")).not_to_have_count(0)
    page.goto(site.url)
    page.click(f"{row('Rain')} .row__link")
    expect(page.locator(".plain-text")).to_have_text("About rain.")
    page.click(".conversation [aria-label='Mark as read']")
    expect(page.locator(row("Rain"))).to_have_class("row")
    page.click(f"{row('Rain')} .row__link")
    page.click(".conversation [aria-label='Move to the trash']")
    page.goto(f"{site.url}/trash/")
    expect(page.locator(row("Rain"))).to_have_count(1)
    context.close()


def test_says_so_when_the_server_cannot_be_reached(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = sign_in(context.new_page(), site)
    context.set_offline(True)
    page.hover(row("Salt"))
    page.click(f"{row('Salt')} [aria-label=Archive]")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was lost")
    expect(page.locator(row("Salt"))).to_have_count(1)
    context.close()


def test_the_keyboard_keeps_its_place(wide: Page) -> None:
    wide.locator(f"{row('Map')} .row__link").focus()
    wide.locator(f"{row('Map')} [aria-label=Star]").focus()
    wide.keyboard.press("Enter")
    expect(wide.locator(f"{row('Map')} [aria-label='Remove the star']")).to_be_focused()
    beside = wide.locator(f"{row('Map')} + .row .row__link")
    beside.evaluate("link => link.dataset.beside = ''")
    wide.locator(f"{row('Map')} [aria-label=Archive]").focus()
    wide.keyboard.press("Enter")
    expect(wide.locator("[data-beside]")).to_be_focused()
