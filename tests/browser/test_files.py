"""Attachments in Chromium: small pictures that come by themselves, the viewer, a PDF, and all of it without scripts."""

import io
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.windows import PASSWORD, sign_in, wait_at
from tests.site import Site, running_site
from webmail.demo.files import pdf

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("files")]


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (800, 600), (200, 90, 60)).save(out, "JPEG")
    return out.getvalue()


def message(subject: str, *files: tuple[str, str, bytes], html: str = "") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Dana Doe <dana@far.test>", "alice@home.test", subject
    made["Date"] = "24 Nov 2025 09:00:00 +0000"
    made.set_content("Look.")
    if html:
        made.add_alternative(html, subtype="html")
    for name, media_type, octets in files:
        maintype, _, subtype = media_type.partition("/")
        made.add_attachment(octets, maintype=maintype, subtype=subtype, filename=name)
    return made


def mail() -> Iterator[EmailMessage]:
    files = (
        ("a.jpg", "image/jpeg", picture()),
        ("b.txt", "text/plain", b"<b>words</b>"),
        ("c.pdf", "application/pdf", pdf(["Invoice"])),
    )
    yield message("Papers", *files)
    forward = message("Forward")
    forward.add_attachment(message("Inside", *files, html="<p style='height:900px'>Half price</p>"))
    yield forward


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    """A site with a worker, and mail that brings files."""
    with running_site(tmp_path_factory.mktemp("files"), site_template, "web", "worker") as site:
        site.manage("adduser", "alice", "--password-stdin", stdin=PASSWORD + "\n")
        server = "pop3://alice:x@127.0.0.1:9", "--smtp", "smtp://alice:x@127.0.0.1:9"
        site.manage("addaccount", "alice", "alice@home.test", "--pop3", *server)
        folder = tmp_path_factory.mktemp("mail")
        for number, each in enumerate(mail()):
            (folder / f"{number}.eml").write_bytes(each.as_bytes())
        site.manage("importmail", "alice", "alice@home.test", str(folder), "--inbox", "--unread")
        yield site


def signed_in(browser: Browser, site: Site, **options: Any) -> Page:
    context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900}, **options)
    page = context.new_page()
    sign_in(page, "alice")
    return page


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A signed-in window that must not complain."""
    page = signed_in(browser, site)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    page.context.close()
    # Chromium's own word for a page that was slower than the transition to it.
    assert [each for each in complaints if "Transition was aborted" not in each] == []


@pytest.fixture
def plain(browser: Browser, site: Site) -> Iterator[Page]:
    """A signed-in window without scripts."""
    page = signed_in(browser, site, java_script_enabled=False)
    yield page
    page.context.close()


def open_row(page: Page, subject: str) -> None:
    page.goto("/")
    page.click(f".row:has-text('{subject}') .row__link")
    page.wait_for_selector(".files")


def test_small_pictures_come_by_themselves(page: Page) -> None:
    open_row(page, "Papers")
    image = page.locator(".picture__image")
    expect(image).to_have_count(1)
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 480
    expect(page.locator(".files[hx-get]")).to_have_count(0)


def test_turns_the_pages_by_keys_and_returns_by_escape(page: Page) -> None:
    open_row(page, "Papers")
    conversation = page.url.partition("?")[0]
    page.click(".picture__open")
    expect(page.locator(".viewer__picture")).to_be_visible()
    assert page.locator(".viewer__picture").evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
    page.keyboard.press("ArrowRight")
    expect(page.locator(".viewer__text")).to_have_text("<b>words</b>")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".viewer__picture")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url(f"{conversation}#*")


def test_a_forwarded_message_unfolds_and_its_frame_fits(page: Page) -> None:
    open_row(page, "Forward")
    page.click(".enclosed__line")
    frame = page.locator(".enclosed iframe[data-fitted]")
    expect(frame).to_have_count(1)
    box = frame.bounding_box()
    assert box is not None
    assert box["height"] > 890
    expect(page.frame_locator(".enclosed iframe").get_by_text("Half price")).to_be_visible()
    expect(page.locator(".enclosed .file__name >> text=c.pdf")).to_be_visible()


def test_all_of_it_works_without_scripts(plain: Page) -> None:
    open_row(plain, "Papers")
    plain.click("text=b.txt")
    expect(plain.locator(".viewer__text")).to_have_text("<b>words</b>")
    plain.click("[rel=prev]")
    expect(plain.locator(".viewer__picture")).to_be_visible()
    plain.click("[title='Back to the message']")
    with plain.expect_download() as zipped:
        plain.click("text=Download all")
    assert zipped.value.suggested_filename == "Papers.zip"
    open_row(plain, "Forward")
    plain.click(".enclosed__line")
    expect(plain.frame_locator(".enclosed iframe").get_by_text("Half price")).to_be_visible()


def test_fields_octets_and_paper_without_scripts(plain: Page) -> None:
    open_row(plain, "Papers")
    plain.click(".message__head .menu summary")
    plain.click("text=Show headers")
    expect(plain.locator(".table--fields")).to_contain_text("Dana Doe <dana@far.test>")
    plain.click(".octets__tab >> text=Original")
    expect(plain.locator(".octets")).to_contain_text("Subject: Papers")
    plain.click("[title='Back to the message']")
    with plain.expect_popup() as paper:
        plain.click("[title='Print the conversation']")
    expect(paper.value.locator("h1")).to_have_text("Papers")


def test_chromium_shows_a_pdf_under_the_policy_that_locks_everything(
    playwright: Playwright, browser_type_launch_args: dict[str, Any], site: Site
) -> None:
    # Tests run without extensions as a rule, and the viewer is one.
    args = [*browser_type_launch_args["args"], "--headless=new"]
    ignored = ["--headless", "--disable-extensions"]
    browser = playwright.chromium.launch(**browser_type_launch_args | {"args": args}, ignore_default_args=ignored)
    page = signed_in(browser, site)
    open_row(page, "Papers")
    with page.expect_popup() as opened:
        page.click("text=c.pdf")
    wait_at(opened.value, lambda: viewers(opened.value), what="the PDF viewer")
    assert len(viewers(opened.value)) == 1
    browser.close()


def viewers(page: Page) -> list[str]:
    """The frames of a page that belong to Chromium's own viewer."""
    return [frame.url for frame in page.frames if frame.url.startswith("chrome-extension://")]
