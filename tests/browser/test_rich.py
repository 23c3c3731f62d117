"""Rich text in Chromium: typed, pasted, switched, and sent with its pictures."""

import base64
import re
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.windows import Windows, fill, wait_at
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EDITOR = "[data-rich]"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HOSTILE = """<p onclick="alert(1)" hx-get="/trash/" class="shell">One <b>bold</b> word
<img src=x onerror="alert(2)"><img src="https://evil.test/pixel.png" alt="Evil">
<script>alert(3)</script><style>body{display:none}</style>
<span style="position:fixed;inset:0;font-weight:700">over</span>
<a href="javascript:alert(4)">bad</a> <a href="https://good.test/">good</a>
<svg><a xlink:href="javascript:alert(5)">x</a></svg><form action="/"><input name=a></form>
<iframe srcdoc="<script>alert(6)</script>"></iframe></p>"""
PASTE = """([type, data]) => {
  const clipboard = new DataTransfer();
  if (type.startsWith("text/")) clipboard.setData(type, data);
  else clipboard.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], "dot.png", {type}));
  const event = new ClipboardEvent("paste", {clipboardData: clipboard, bubbles: true, cancelable: true});
  document.querySelector("[data-rich]").dispatchEvent(event);
}"""
DROP = """(data) => {
  const files = new DataTransfer();
  files.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], "dropped.png", {type: "image/png"}));
  const place = document.querySelector("[data-rich]").getBoundingClientRect();
  const at = {clientX: place.x + 30, clientY: place.y + 20, dataTransfer: files, bubbles: true, cancelable: true};
  document.querySelector("[data-rich]").dispatchEvent(new DragEvent("drop", at));
}"""
SENT = """
import sys
from mailbox.models import Folder, Message
subject = sys.stdin.read()
found = Message.objects.filter(subject=subject, folder=Folder.SENT).select_related("original").first()
sys.stdout.buffer.write(found.original.octets if found else b"")
"""


@pytest.fixture(scope="module", autouse=True)
def nothing_is_signed(letterbox: Site) -> None:
    """Whatever other files have had Dana sign with."""
    script = "from accounts.models import Identity; Identity.objects.update(signature='', signature_html='')"
    letterbox.manage("shell", "--verbosity", "0", "--command", script)


@pytest.fixture
def page(windows: Windows) -> Page:
    """Dana's window on a desk; she writes with formatting."""
    return windows.open("dana")


def compose(page: Page, subject: str) -> None:
    page.goto("/compose/")
    fill(page, {"to": "rich@home.test", "subject": subject})
    page.locator(EDITOR).focus()


def press(page: Page, name: str) -> None:
    page.click(f"[data-format={name}]")


def send(page: Page, site: Site, subject: str) -> bytes:
    """Send the message; return the octets that left."""
    page.click("[data-send]")
    expect(page.locator(".notice--good")).to_contain_text("on its way")
    return site.manage("shell", "--verbosity", "0", "--command", SENT, stdin=subject).stdout.encode()


def parts(octets: bytes) -> dict[str, str]:
    message = message_from_bytes(octets, policy=policy.strict)
    texts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return {part.get_content_type(): part.get_content().replace("\r\n", "\n") for part in texts}


def test_what_is_made_bold_by_keys_leaves_bold_and_as_text(page: Page, letterbox: Site) -> None:
    compose(page, "Rich by keys")
    page.keyboard.type("Come ")
    page.keyboard.press("Control+b")
    expect(page.locator("[data-format=bold]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.type("soon")
    page.keyboard.press("Control+b")
    page.keyboard.type(".")
    found = parts(send(page, letterbox, "Rich by keys"))
    assert re.search(r"Come(?: |&nbsp;)<b>soon</b>\.", found["text/html"])
    assert found["text/plain"].strip() == "Come soon."


def test_buttons_make_lists_quotes_and_links(page: Page, letterbox: Site) -> None:
    compose(page, "Rich by buttons")
    press(page, "list")
    page.keyboard.type("bread")
    page.keyboard.press("Enter")
    page.keyboard.type("milk")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("map")
    page.keyboard.press("Shift+Home")
    press(page, "link")
    page.fill("[data-address]", "maps.test/here")
    page.keyboard.press("Enter")
    expect(page.locator(f"{EDITOR} a")).to_have_attribute("href", "https://maps.test/here")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    press(page, "quote")
    page.keyboard.type("said")
    found = parts(send(page, letterbox, "Rich by buttons"))
    assert re.search(r"<ul><li>(<div>)?bread", found["text/html"])
    assert "- bread\n- milk\n" in found["text/plain"]
    assert "map <https://maps.test/here>\n" in found["text/plain"]
    assert found["text/plain"].endswith("> said")


def test_arrow_keys_walk_the_toolbar(page: Page) -> None:
    compose(page, "Rich toolbar")
    page.locator("[data-format=bold]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-format=italic]")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("[data-format=clear]")).to_be_focused()
    assert page.locator("[data-formats] button[tabindex='0']").count() == 1


def test_hostile_html_is_clean_when_it_is_pasted_and_when_it_leaves(page: Page, letterbox: Site) -> None:
    alerts: list[str] = []

    def note(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    compose(page, "Rich and hostile")
    page.evaluate(PASTE, ["text/html", HOSTILE])
    expect(page.locator(f"{EDITOR} b").first).to_have_text("bold")
    inside = page.locator(EDITOR).inner_html()
    for word in ("onclick", "onerror", "hx-get", "script", "style=", "evil.test", "iframe", "svg", "form", "shell"):
        assert word not in inside
    assert page.locator(f"{EDITOR} a").count() == 1
    html = parts(send(page, letterbox, "Rich and hostile"))["text/html"]
    assert not re.search(r"on\w+=|script|evil\.test|position|<svg|<form|<iframe", html)
    assert 'href="https://good.test/"' in html
    assert alerts == []


def test_a_pasted_and_a_dropped_picture_leave_inside_the_message(page: Page, letterbox: Site) -> None:
    compose(page, "Rich with pictures")
    page.keyboard.type("Look: ")
    page.evaluate(PASTE, ["image/png", base64.b64encode(PNG).decode()])
    expect(page.locator(f"{EDITOR} img")).to_have_count(1)
    page.evaluate(DROP, base64.b64encode(PNG).decode())
    expect(page.locator(f"{EDITOR} img")).to_have_count(2)
    wait_at(page, lambda: page.evaluate("document.querySelector('[data-rich] img').naturalWidth"), what="the picture")
    expect(page.locator(".compose .file")).to_have_count(0)
    octets = send(page, letterbox, "Rich with pictures")
    message = message_from_bytes(octets, policy=policy.strict)
    assert message.get_content_type() == "multipart/alternative"
    _plain, related = message.iter_parts()
    assert related.get_content_type() == "multipart/related"
    html, *pictures = related.iter_parts()
    assert [each.get_content() for each in pictures] == [PNG, PNG]
    for each in pictures:
        assert f'src="cid:{each["Content-ID"][1:-1]}"' in html.get_content()
        assert each.get_content_disposition() == "inline"


def test_going_to_plain_text_asks_where_something_would_be_lost(page: Page) -> None:
    compose(page, "Rich to plain")
    page.keyboard.type("plain ")
    page.keyboard.press("Control+b")
    page.keyboard.type("bold")
    page.click("[data-plain]")
    expect(page.locator("[data-plain-question]")).to_be_visible()
    page.click("[data-keep-rich]")
    expect(page.locator(f"{EDITOR} b")).to_have_text("bold")
    page.click("[data-plain]")
    page.click("[data-plain-question] [value=plain]")
    expect(page.locator("[name=text]")).to_have_value(re.compile(r"^plain bold\s*$"))
    page.click("[value=rich]")
    expect(page.locator(EDITOR)).to_contain_text("plain bold")
    page.click("[data-plain]")
    expect(page.locator("[name=text]")).to_be_visible()


def test_a_rich_draft_comes_back_as_it_was(page: Page) -> None:
    compose(page, "Rich and kept")
    press(page, "bold")
    page.keyboard.type("kept")
    expect(page.locator("[data-saved]")).to_be_visible()
    page.reload()
    expect(page.locator(f"{EDITOR} b")).to_have_text("kept")
    page.keyboard.press("Control+z")
    expect(page.locator(f"{EDITOR} b")).to_have_text("kept")


def test_without_scripts_the_text_can_be_changed_and_says_what_it_costs(windows: Windows) -> None:
    page = windows.open("dana")
    compose(page, "Rich without scripts")
    press(page, "bold")
    page.keyboard.type("strong")
    expect(page.locator("[data-saved]")).to_be_visible()
    plain = windows.open("dana", java_script_enabled=False)
    plain.goto(page.url)
    expect(plain.locator("[name=text]")).to_have_value(re.compile("strong"))
    expect(plain.locator(".compose__without")).to_be_visible()
    plain.click("button:text-is('Save')")
    page.reload()
    expect(page.locator(f"{EDITOR} b")).to_have_text("strong")
    plain.fill("[name=text]", "weak")
    plain.click("button:text-is('Save')")
    page.reload()
    expect(page.locator("[name=text]")).to_have_value("weak")


def test_the_editor_is_loaded_when_a_plain_message_first_gets_formatting(windows: Windows) -> None:
    bob = windows.open("bob")
    editors: list[str] = []
    bob.on("request", lambda request: editors.append(request.url) if "/bundles/rich" in request.url else None)
    bob.goto("/compose/")
    bob.wait_for_load_state("networkidle")
    before = list(editors)
    fill(bob, {"subject": "Formatting, wanted late", "text": "Come soon."})
    bob.click("[value=rich]")
    expect(bob.locator(f"{EDITOR}[contenteditable]")).to_contain_text("Come soon.")
    assert (before, len(editors)) == ([], 1)
    bob.click("[value=plain]")
    expect(bob.locator("[data-rich]")).to_have_count(0)
    expect(bob.locator("[name=text]")).to_have_value("Come soon.\n")
