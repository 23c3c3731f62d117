"""The frame of an HTML message in Chromium: its height, its paper, its links, with scripts and without."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, StorageState, expect

from tests.browser.windows import sign_in
from tests.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("frame")]

PASSWORD = "a long and quiet password"
WHITE = "rgb(255, 255, 255)"
NEWSLETTER = (
    '<body bgcolor="#ffffff"><table bgcolor="#eeeeee" width="100%"><tr><td style="height:300px">News</table></body>'
)
WIDE = '<table width="780"><tr><td><img width="700" height="300" alt="A boat">News of the harbour</table>'
REPLY = '<div>Yes.</div><div class="gmail_quote"><p style="height:400px">Shall we?</p></div>'
TABLE = "Article      Price\nRope         24.00\nVarnish      18.50\n\nBye"
# An image that says its height only once it is there: 1 x 700 pixels.
TALL = (
    b"GIF89a\x01\x00\xbc\x02\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("frames"), site_template, "web") as site:
        site.manage("adduser", "alice", "--password-stdin", stdin=PASSWORD + "\n")
        server = "pop3://alice:x@127.0.0.1:9", "--smtp", "smtp://alice:x@127.0.0.1:9"
        site.manage("addaccount", "alice", "alice@home.test", "--pop3", *server)
        folder = tmp_path_factory.mktemp("mail")
        tall = f"<p>Words</p>{'<p style="height:300px">line</p>' * 9}<a href='{site.url}/healthz'>See</a>"
        messages = [
            message("Tall", tall),
            message("News", NEWSLETTER),
            message("Wide", WIDE),
            message("Reply", REPLY),
            message("Plain letter", "<p>Hello</p>"),
            message("Table", TABLE, subtype="plain"),
            message("Late", '<img src="cid:tall@x"><p>After the image</p>', image=TALL, key="late-1"),
            message("Re: Late", "<p style='height:1500px'>The place that is read</p>", key="late-2", after="late-1"),
        ]
        for number, octets in enumerate(messages):
            (folder / f"{number}.eml").write_bytes(octets)
        site.manage("importmail", "alice", "alice@home.test", str(folder), "--inbox", "--unread")
        yield site


def message(
    subject: str, text: str, *, subtype: str = "html", image: bytes = b"", key: str = "", after: str = ""
) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Dana <dana@far.test>", "alice@home.test", subject
    made["Date"] = f"24 Nov 2025 1{len(after) and 1}:00:00 +0000"
    made["Message-ID"] = f"<{key or subject.replace(' ', '-')}@far.test>"
    if after:
        made["References"] = f"<{after}@far.test>"
    made.set_content(text, subtype=subtype)
    if image:
        made.add_related(image, maintype="image", subtype="gif", cid="<tall@x>", disposition="inline")
    return made.as_bytes()


@pytest.fixture
def open_page(browser: Browser, site: Site, sessions: dict[str, StorageState]) -> Iterator[Any]:
    """Open the conversation of a subject in a new window with these options; the window closes by itself."""
    contexts = []

    def open_(subject: str, **options: Any) -> Page:
        usual = {
            "base_url": site.url,
            "viewport": {"width": 1440, "height": 900},
            "storage_state": sessions.get(site.url),
        }
        context = browser.new_context(**usual | options)
        contexts.append(context)
        page = context.new_page()
        if site.url not in sessions:
            sign_in(page, "alice")
            sessions[site.url] = context.storage_state()
        page.goto("/")
        row = page.locator(".row").filter(has=page.get_by_text(subject, exact=True))
        page.goto(row.locator(".row__link").get_attribute("href") or "")
        return page

    yield open_
    for context in contexts:
        context.close()


def test_the_frame_is_as_high_as_its_content(open_page: Any) -> None:
    page = open_page("Tall")
    expect(page.locator("iframe[data-fitted]")).to_be_visible()
    heights = page.locator("iframe").evaluate(
        "frame => [frame.clientHeight, frame.contentDocument.documentElement.scrollHeight]"
    )
    assert heights[0] == heights[1] > 2_700


# Collects what has moved in the page and in the frame, from their beginning.
MOVED = """async () => {
  const moved = [];
  const kinds = { type: "layout-shift", buffered: true };
  for (const { PerformanceObserver } of [window, document.querySelector("iframe").contentWindow]) {
    new PerformanceObserver((list) => moved.push(...list.getEntries().map((each) => each.value))).observe(kinds);
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  return moved;
}"""


def test_a_newsletter_that_is_drawn_smaller_on_a_phone_moves_nothing(open_page: Any) -> None:
    page = open_page("Wide", viewport={"width": 390, "height": 844}, is_mobile=True)
    expect(page.locator("iframe[data-fitted]")).to_be_visible()
    assert float(page.locator("iframe").evaluate("frame => frame.contentDocument.body.style.zoom")) < 0.6
    assert page.evaluate(MOVED) == []


def test_an_image_that_comes_late_does_not_move_what_is_read(open_page: Any) -> None:
    page = open_page("Plain letter")
    held: list[Route] = []
    page.route("**/part/**", lambda route: held.append(route))
    page.goto(
        page.locator(".row").filter(has_text="Late").locator(".row__link").get_attribute("href") or "",
        wait_until="commit",
    )
    expect(page.locator("iframe[data-fitted]")).to_have_count(2)
    page.locator("section.message").last.evaluate("sheet => sheet.scrollIntoView()")
    page.wait_for_timeout(300)
    before = page.locator("section.message").last.bounding_box()
    height = page.locator("iframe").first.evaluate("frame => frame.clientHeight")
    for route in held:
        route.continue_()
    page.wait_for_function("height => document.querySelector('iframe').clientHeight > height + 600", arg=height)
    page.wait_for_timeout(300)
    after = page.locator("section.message").last.bounding_box()
    assert abs(before["y"] - after["y"]) <= 1


def test_without_scripts_all_of_a_message_can_be_reached(open_page: Any) -> None:
    page = open_page("Tall", java_script_enabled=False)
    link = page.frame_locator("iframe").get_by_text("See")
    link.scroll_into_view_if_needed()
    expect(link).to_be_in_viewport()
    assert 300 < page.locator("iframe").bounding_box()["height"] < 900


def test_a_link_opens_beside_and_tells_nothing(open_page: Any, site: Site) -> None:
    page = open_page("Tall")
    with page.expect_popup() as opened:
        page.frame_locator("iframe").get_by_text("See").click()
    there = opened.value
    there.wait_for_load_state()
    assert there.url == f"{site.url}/healthz"
    assert there.evaluate("[window.opener, document.referrer]") == [None, ""]


def test_history_unfolds_inside_the_frame(open_page: Any) -> None:
    page = open_page("Reply")
    expect(page.locator("iframe[data-fitted]")).to_be_visible()
    assert page.locator("iframe").evaluate("frame => frame.clientHeight") < 200
    page.frame_locator("iframe").locator("summary").click()
    expect(page.frame_locator("iframe").get_by_text("Shall we?")).to_be_visible()
    page.wait_for_function("() => document.querySelector('iframe').clientHeight > 400")


def test_a_letter_takes_the_dark_and_a_newsletter_keeps_its_paper(open_page: Any) -> None:
    letter = open_page("Plain letter", color_scheme="dark")
    expect(letter.locator(".message__paper")).to_have_count(0)
    assert paper(letter) != WHITE
    assert paper(open_page("News", color_scheme="dark")) == WHITE


def test_a_newsletter_goes_dark_when_asked_and_stays_so(open_page: Any) -> None:
    page = open_page("News", color_scheme="dark")
    page.get_by_role("button", name="Show this message on dark paper").click()
    expect(page.frame_locator("iframe").locator("html.lb-turned")).to_have_count(1)
    page.reload()
    expect(page.frame_locator("iframe").locator("html.lb-turned")).to_have_count(1)
    page.get_by_role("button", name="Show this message on dark paper").click()
    expect(page.frame_locator("iframe").locator("html.lb-turned")).to_have_count(0)


def test_a_newsletter_goes_dark_without_scripts(open_page: Any) -> None:
    page = open_page("News", color_scheme="dark", java_script_enabled=False)
    page.locator(".message__paper").click()
    expect(page.frame_locator("iframe").locator("html.lb-turned")).to_have_count(1)


def test_columns_stand_in_letters_of_one_width_and_all_text_does_when_asked(open_page: Any) -> None:
    page = open_page("Table")
    table, words = page.locator(".plain-text").first, page.locator(".plain-text").last
    assert "mono" in font(table)
    assert "mono" not in font(words)
    page.locator(".message__head .menu summary").click()
    page.get_by_label("Fixed-width text").check()
    assert "mono" in font(words)


def paper(page: Page) -> str:
    """The colour of the paper under the first frame's content."""
    expect(page.locator("iframe[data-fitted]")).to_be_visible()
    return str(
        page.locator("iframe").evaluate("f => getComputedStyle(f.contentDocument.documentElement).backgroundColor")
    )


def font(locator: Any) -> str:
    return str(locator.evaluate("element => getComputedStyle(element).fontFamily"))
