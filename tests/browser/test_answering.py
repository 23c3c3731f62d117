"""An answer in Chromium: it is written at the end of the conversation, and on a page of its own where room is short."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.windows import PASSWORD, Windows, fill, row
from tests.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("answering")]

NEWS = """<style>.pre{display:none}.title{color:#7a1f1f}</style><div class="pre">For the list only</div>
<h2 class="title">Rye is back</h2><p>Dear <font color="#b03030">Alice</font></p>
<img src="https://bakery.test/loaf.jpg" alt="A loaf"><img src="https://bakery.test/o.gif" width="1" height="1">"""


SIGN = """
from accounts.models import Identity
Identity.objects.filter(address="alice@home.test").update(signature="Alice")
"""
ADD_SHOP = """
from accounts.models import Identity, MailAccount
Identity.objects.update_or_create(
    account=MailAccount.objects.get(), address="shop@alice.test",
    defaults={"name": "The shop", "is_catch_all": True, "signature": "Open all day"},
)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    """A site of one person who writes with formatting and has two messages; nobody takes away what she sends."""
    with running_site(tmp_path_factory.mktemp("answering"), site_template, "web") as site:
        site.manage("adduser", "alice", "--password-stdin", stdin=PASSWORD + "\n")
        server = "pop3://x:x@127.0.0.1:9", "--smtp", "smtp://x:x@127.0.0.1:9"
        site.manage("addaccount", "alice", "alice@home.test", "--pop3", *server)
        folder = tmp_path_factory.mktemp("letters")
        (folder / "1.eml").write_bytes(letter("Rowing", "Shall we take the blue boat?"))
        (folder / "2.eml").write_bytes(letter("Bread", NEWS, subtype="html"))
        site.manage("importmail", "alice", "alice@home.test", str(folder), "--inbox")
        yield site


def letter(subject: str, text: str, subtype: str = "plain") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Dana <dana@far.test>", "alice@home.test", subject
    message["Message-ID"] = f"<{subject}@far.test>"
    message.set_content(text, subtype=subtype)
    return bytes(message)


@pytest.fixture
def windows(browser: Browser, site: Site) -> Iterator[Windows]:
    opened = Windows(browser, site)
    yield opened
    opened.close()


def opened(windows: Windows, subject: str, **options: Any) -> Page:
    """Alice's window, in which a conversation is open."""
    page = windows.open("alice", **options)
    page.goto("/")
    page.click(f"{row(subject)} .row__link")
    expect(page.locator(".answer__box")).to_be_visible()
    return page


def test_an_answer_is_written_where_the_conversation_ends(windows: Windows) -> None:
    page = opened(windows, "Rowing")
    place = page.url
    page.click(".answer__box")
    editor = page.locator(".mail__pane [data-rich]")
    expect(editor).to_be_focused()
    expect(editor.locator("blockquote")).to_contain_text("Shall we take the blue boat?")
    expect(editor.locator("blockquote")).to_be_hidden()
    page.keyboard.type("Yes, let us.")
    expect(page.locator("[data-saved]")).to_be_visible()
    assert page.url == place
    expect(page.locator(".message").first).to_be_visible()
    page.click("[data-send]")
    expect(page.locator(".sending__line, .notice--good").first).to_be_visible()
    expect(page.locator(".answer__box")).to_be_visible()
    expect(page.locator(".message")).to_have_count(2)


def test_the_quotation_shows_when_it_is_asked_for(windows: Windows) -> None:
    page = opened(windows, "Bread")
    page.click(".answer__box")
    page.click("[data-unfold]")
    expect(page.locator("[data-rich] blockquote")).to_be_visible()
    expect(page.locator("[data-unfold]")).to_be_hidden()
    expect(page.locator("[data-rich]")).to_be_focused()


def test_what_is_typed_is_saved_before_another_conversation_takes_its_place(windows: Windows) -> None:
    page = opened(windows, "Rowing")
    page.click(".answer__box")
    expect(page.locator(".mail__pane [data-rich]")).to_be_focused()
    page.keyboard.type("Half a thought")
    with page.expect_response(lambda response: response.request.method == "POST" and "/compose/" in response.url):
        page.click(f"{row('Bread')} .row__link")
    page.goto("/drafts/")
    expect(page.locator(".draft", has_text="Half a thought")).to_have_count(1)


def test_who_only_looks_leaves_no_draft(windows: Windows) -> None:
    page = opened(windows, "Bread")
    page.click(".answer__box")
    page.locator("[data-rich]").click()
    page.keyboard.press("ArrowDown")
    saved: list[str] = []
    page.on("request", lambda request: saved.append(request.url) if request.method == "POST" else None)
    page.wait_for_timeout(3_000)
    page.goto("/compose/")
    page.locator("[data-rich]").click()
    page.wait_for_timeout(3_000)
    page.goto("/drafts/")
    assert [url for url in saved if "/compose/" in url] == []


def test_discarding_brings_the_conversation_back(windows: Windows) -> None:
    page = opened(windows, "Rowing")
    page.click(".answer__box")
    page.click("button[value=discard]")
    expect(page.locator(".answer__box")).to_be_visible()
    expect(page.locator("[data-compose]")).to_have_count(0)


def test_on_a_phone_and_without_scripts_the_answer_is_a_page(windows: Windows) -> None:
    for options in ({"viewport": {"width": 390, "height": 844}}, {"java_script_enabled": False}):
        page = opened(windows, "Rowing", **options)
        page.click(".answer__box")
        page.wait_for_url("**/compose/?reply=*")
        expect(page.locator(".page--compose [data-compose]")).to_be_visible()


def test_who_clicks_below_the_signature_writes_above_it(windows: Windows, site: Site) -> None:
    site.manage("shell", "-v", "0", "-c", SIGN)
    page = windows.open("alice")
    page.goto("/compose/")
    editor = page.locator("[data-rich]")
    expect(editor).to_contain_text("Alice")
    box = editor.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 20)
    page.keyboard.type("Words above.")
    expect(editor.locator("div").first).to_have_text("Words above.")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_any_address_of_an_own_domain_is_typed_and_signs_in_its_way(
    windows: Windows, site: Site, has_scripts: bool
) -> None:
    site.manage("shell", "-v", "0", "-c", ADD_SHOP)
    page = windows.open("alice", java_script_enabled=has_scripts)
    page.goto("/compose/")
    page.click("summary:text-is('Other address')")
    page.fill("[name=address]", "orders")
    page.press("[name=address]", "Tab")
    if not has_scripts:
        page.click("button:text-is('Save')")
    chosen = page.locator("[name=account] option:checked")
    expect(chosen).to_have_text("The shop <orders@alice.test>")
    expect(page.locator("[data-rich]" if has_scripts else "[name=text]")).to_contain_text("Open all day")
    expect(page.locator("[name=address]")).to_have_value("")


def test_a_quoted_newsletter_loads_nothing_and_leaves_as_it_was_seen(windows: Windows, site: Site) -> None:
    page = opened(windows, "Bread")
    page.click(".answer .button >> text=Forward")
    editor = page.locator("[data-rich]")
    expect(editor).to_contain_text("Rye is back")
    expect(editor).not_to_contain_text("For the list only")
    expect(editor.locator("img")).to_have_count(1)
    expect(editor.locator("img")).not_to_have_attribute("src", "https://bakery.test/loaf.jpg")
    expect(page.locator(".compose__elsewhere")).to_be_visible()
    fill(page, {"to": "bob@far.test"})
    page.click("button:text-is('Save')")
    expect(page.locator("[data-saved]")).to_be_visible()
    kept = site.manage("shell", "-v", "0", "-c", "from mailbox.models import *; print(Draft.objects.latest('pk').html)")
    assert '<img src="https://bakery.test/loaf.jpg" alt="A loaf">' in kept.stdout
    assert '<span style="color:#b03030">Alice</span>' in kept.stdout
    assert '<h2 style="color:#7a1f1f">' in kept.stdout
    assert "o.gif" not in kept.stdout
