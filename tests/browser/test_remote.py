"""Images from elsewhere and the way out of a list in Chromium, with a real worker and a server of the wide world."""

import ssl
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.windows import PASSWORD, Windows
from tests.dovecot import write_certificate
from tests.pop3.misbehaving import Line
from tests.site import Site, running_site
from tests.web.odd_web import OddWeb, hear_request, png, response

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("remote")]

SUBJECTS = ("Boats", "Oars", "Sails", "Knots", "Paper", "Planks")
# What the server of the account says of a letter that its sender has signed.
TRACE = b"""Authentication-Results: mx.home.test; dkim=pass header.d=far.test
Received: from mail.far.test by mx.home.test with ESMTPS; Mon, 24 Nov 2025 09:00:00 +0000
"""
TRUST = "from accounts.models import MailAccount; MailAccount.objects.update(trusted_servers=['mx.home.test'])"


class World:
    """The server of a list: images in the clear, the way out by TLS."""

    def __init__(self, certificate: Path, key: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.images = OddWeb(_draw)
        self.exit = OddWeb(lambda line: _let_go(line, context))


def _draw(line: Line) -> None:
    """Send an image; some come later than a browser's first question may wait."""
    hear_request(line)
    if b"/11.png" in line.heard[0] or b"/paper" in line.heard[0]:
        time.sleep(2.5)
    line.say(response(png()))


def _let_go(line: Line, context: ssl.SSLContext) -> None:
    """Take somebody off the list, whoever asks."""
    line.start_tls(context)
    hear_request(line)
    line.say(response(b"bye", "text/plain"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    write_certificate(folder / "certificate.pem", folder / "key.pem", host="localhost")
    world = World(folder / "certificate.pem", folder / "key.pem")
    with world.images, world.exit:
        yield world


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_template: Path, world: World) -> Iterator[Site]:
    """A site whose operator allows the world on loopback, with a newsletter for each test."""
    folder = tmp_path_factory.mktemp("remote")
    certificate = next(tmp_path_factory.getbasetemp().glob("world*/certificate.pem"))
    environment = {"PRIVATE_WEB_HOSTS": "127.0.0.1,localhost", "SSL_CERT_FILE": str(certificate)}
    with running_site(folder, site_template, "web", "worker", environment=environment) as site:
        site.manage("adduser", "alice", "--password-stdin", stdin=PASSWORD + "\n")
        server = "pop3://alice:x@127.0.0.1:9", "--smtp", "smtp://alice:x@127.0.0.1:9"
        site.manage("addaccount", "alice", "alice@home.test", "--pop3", *server)
        letters = tmp_path_factory.mktemp("letters")
        for subject in SUBJECTS:
            (letters / f"{subject}.eml").write_bytes(TRACE + letter(subject, world))
        (letters / "forwarded.eml").write_bytes(forwarded("Rafts", world))
        site.manage("shell", "-c", TRUST)
        site.manage("importmail", "alice", "alice@home.test", str(letters), "--inbox")
        yield site


def letter(subject: str, world: World) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"{subject} <{subject}@far.test>", "alice@home.test", subject
    message["List-Unsubscribe"] = f"<https://localhost:{world.exit.port}/out?{subject}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    place = f"{world.images.url}/{subject}"
    images = "".join(f'<img src="{place}/{number}.png">' for number in range(12))
    tracker = f'<img src="{place}/open.gif" width="1" height="1">'
    papers = f"""<table background="{place}/paper-1.png"><tr><td>One</td></tr></table>
        <div style="background: #fff url({place}/paper-2.png) repeat-x">Two</div>"""
    message.set_content(papers if subject == "Paper" else f"<p>About {subject}</p>{images}{tracker}", subtype="html")
    return message.as_bytes()


def forwarded(subject: str, world: World) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Bob <bob@far.test>", "alice@home.test", f"Fwd: {subject}"
    message.set_content("Have a look.")
    message.add_attachment(message_from_bytes(letter(subject, world), policy=default))
    return message.as_bytes()


@pytest.fixture
def windows(browser: Browser, site: Site) -> Iterator[Windows]:
    opened = Windows(browser, site)
    yield opened
    opened.close()


def open_letter(page: Page, subject: str) -> None:
    page.click(f".row:has-text('{subject}') .row__link")
    expect(page.locator(".message__frame")).to_be_visible()


def asked_for(world: World, subject: str) -> set[bytes]:
    return {request.split()[1] for request in world.images.requests if subject.encode() in request}


def expect_images(page: Page, count: int) -> None:
    """Wait until so many images of the frame are really drawn."""
    page.wait_for_function(
        """count => [...document.querySelector(".message__frame").contentDocument.images]
            .filter((image) => image.naturalWidth === 48).length === count""",
        arg=count,
    )


def test_images_appear_when_they_are_asked_for(windows: Windows, world: World) -> None:
    page = windows.open("alice")
    open_letter(page, "Boats")
    expect(page.locator(".remote")).to_contain_text("12 images not loaded · 1 tracker blocked")
    assert asked_for(world, "Boats") == set()
    page.click("text=Show images")
    expect(page.locator(".remote")).to_contain_text("12 images shown · 1 tracker blocked")
    expect_images(page, 12)
    assert asked_for(world, "Boats") == {b"/Boats/%d.png" % number for number in range(12)}


def test_the_keyboard_keeps_its_place(windows: Windows) -> None:
    page = windows.open("alice")
    open_letter(page, "Planks")
    page.locator(".remote__what summary").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".remote")).to_contain_text("12 images shown")
    expect(page.locator(".remote__what summary")).to_be_focused()


def test_always_holds_at_the_next_visit_and_can_be_taken_back(windows: Windows) -> None:
    page = windows.open("alice")
    open_letter(page, "Oars")
    page.click("text=Always for this sender")
    expect_images(page, 12)
    page = windows.open("alice", signs_in=True)
    open_letter(page, "Oars")
    expect_images(page, 12)
    page.goto("/settings/images/")
    page.click(".trusted__row button")
    expect(page.locator("main")).to_contain_text("No senders yet")
    page.goto("/")
    open_letter(page, "Oars")
    expect(page.locator(".remote")).to_contain_text("12 images not loaded")


def test_images_appear_without_scripts(windows: Windows) -> None:
    page = windows.open("alice", java_script_enabled=False)
    open_letter(page, "Sails")
    with page.expect_navigation():
        page.click("text=Show images")
    drawn = page.frame_locator(".message__frame").locator("img")
    assert [image.evaluate("image => image.naturalWidth") for image in drawn.all()] == [48] * 12 + [0]


def test_backgrounds_appear_when_they_come_late(windows: Windows, world: World) -> None:
    page = windows.open("alice")
    open_letter(page, "Paper")
    page.click("text=Show images")
    frame = page.frame_locator(".message__frame")
    expect(frame.locator("table[background$='?late']")).to_have_count(1)
    expect(frame.locator("div[style*='?late']")).to_have_count(1)
    assert asked_for(world, "Paper") == {b"/Paper/paper-1.png", b"/Paper/paper-2.png"}


def test_a_forwarded_message_shows_its_own_images_in_place(windows: Windows, world: World) -> None:
    page = windows.open("alice")
    page.click(".row:has-text('Fwd: Rafts') .row__link")
    page.click(".enclosed__line")
    inside = page.locator(".enclosed")
    expect(inside.locator(".remote")).to_contain_text("12 images not loaded · 1 tracker blocked")
    assert asked_for(world, "Rafts") == set()
    inside.get_by_text("Show images").click()
    expect(inside.locator(".remote")).to_contain_text("12 images shown · 1 tracker blocked")
    expect(inside.get_by_text("Always for this sender")).to_have_count(0)
    expect_images(page, 12)
    inside.get_by_text("Hide images").click()
    expect(inside.locator(".remote")).to_contain_text("12 images not loaded")


def test_leaves_a_list_after_saying_whom_it_asks(windows: Windows, world: World) -> None:
    page = windows.open("alice")
    open_letter(page, "Knots")
    page.click("text=Unsubscribe")
    expect(page.get_by_role("dialog")).to_contain_text("Letterbox asks the server localhost")
    assert world.exit.requests == []
    page.get_by_role("dialog").get_by_role("button", name="Unsubscribe").click()
    expect(page.locator(".list-line")).to_contain_text("Unsubscribed on")
    expect(page.locator(".list-line")).to_contain_text("Its server answered: 200 OK")
    assert world.exit.requests == [b"POST /out?Knots HTTP/1.1"]
    assert page.url.startswith(f"{windows.site.url}/m/")
