"""The main job in Chromium, with every process running: add an account, read what comes, answer, be read."""

import re
import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.windows import Windows, fill_account, row
from tests.dovecot import Dovecot
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MAP = bytes(range(256)) * 300


def send_from_outside(site: Site, subject: str, text: str) -> None:
    """Hand a message from Bob's other computer to the embedded SMTP server, as any mail server would."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Bob <bob@home.test>", "Alice <alice@home.test>", subject
    message["Message-ID"] = f"<{subject.replace(' ', '-')}@far.test>"
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", site.smtp_port) as server:
        server.send_message(message)


def source(page: Page) -> bytes:
    """The octets of the message that is open, as they were received."""
    page.click(".message >> nth=-1 >> details.menu > summary")
    with page.expect_download() as download:
        page.click(".message >> nth=-1 >> text=Download .eml")
    return Path(download.value.path()).read_bytes()


def test_pulls_reads_answers_and_is_read(windows: Windows, letterbox: Site, tmp_path: Path) -> None:
    # 1. Alice has no account yet: the empty inbox leads to the form.
    alice = windows.open("alice", signs_in=True)
    expect(alice).to_have_url(f"{letterbox.url}/")
    expect(alice.locator(".empty h2")).to_have_text("Bring your mail in")
    alice.fill(".guide [name=address]", "alice@home.test")
    alice.click(".guide >> text=Continue")
    expect(alice.locator("[name=address]")).to_have_value("alice@home.test")

    # 2. Both servers are tried, then the account is saved and looked after at once.
    fill_account(alice, letterbox, {"address": "alice@home.test", "name": "Home", "full_name": "Alice"})
    alice.click("text=Test connection")
    expect(alice.locator("#checkup .notice--good")).to_have_count(2)
    expect(alice.locator("#checkup")).to_contain_text("Logged in. 0 messages wait there.")
    alice.click("button:text-is('Save')")
    expect(alice.locator(".health")).to_contain_text("Everything is collected.")

    # 3. Mail comes, and appears in the open inbox by itself.
    alice.goto("/")
    alice.evaluate("window.isTheSamePage = true")
    send_from_outside(letterbox, "Rowing on Sunday", "Shall we take the blue boat?")
    other = alice.context.new_page()
    other.goto("/accounts/")
    other.click("text=Check now")
    alice.bring_to_front()
    expect(alice.locator(row("Rowing on Sunday"))).to_have_class(re.compile("row--unread"))
    assert alice.evaluate("window.isTheSamePage")

    # 4. She opens it and answers with a file.
    alice.click(f"{row('Rowing on Sunday')} .row__link")
    expect(alice.locator(".plain-text")).to_have_text("Shall we take the blue boat?")
    alice.click(".answer__box")
    expect(alice.locator("[name=to]")).to_have_value(re.compile("bob@home.test"))
    alice.locator("[name=text]").press_sequentially("Yes. The map is attached.")
    (tmp_path / "lake map.bin").write_bytes(MAP)
    alice.set_input_files("[name=files]", tmp_path / "lake map.bin")
    expect(alice.locator(".file__name")).to_have_text("lake map.bin")
    alice.click("[data-send]")
    expect(alice.locator(".notice--good")).to_contain_text("Your message is on its way.")

    # 5. The outbox tells what became of it, Sent keeps it.
    alice.click(".notice--good >> text=Outbox")
    expect(alice.locator(".delivery-log__chips")).to_contain_text("Accepted")
    alice.goto("/sent/")
    alice.click(f"{row('Rowing on Sunday')} .row__link")
    expect(alice.locator(".message >> nth=-1 >> .file__name")).to_have_text("lake map.bin")
    sent = source(alice)

    # 6. Bob has the same octets, below the traces of the way.
    bob = windows.open("bob", signs_in=True)
    bob.goto("/accounts/")
    bob.click("text=Check now")
    bob.goto("/")
    bob.click(f"{row('Rowing on Sunday')} .row__link")
    expect(bob.locator(".plain-text").first).to_contain_text("Yes. The map is attached.")
    with bob.expect_download() as download:
        bob.click(".files__others .file__name")
    assert Path(download.value.path()).read_bytes() == MAP
    assert source(bob).endswith(sent)


def test_collects_from_a_provider_over_tls(windows: Windows, letterbox: Site, dovecot: Dovecot) -> None:
    dovecot.add("bob", b"From: Dana <dana@far.test>\r\nSubject: From the provider\r\n\r\nIt came by TLS.\r\n")
    page = windows.open("bob")
    place = {"pop3-host": "localhost", "pop3-port": dovecot.tls_port}
    login = {"pop3-login": "bob", "pop3-password": dovecot.users["bob"]}
    fill_account(page, letterbox, {"address": "bob@provider.test"} | place | login, security="tls")
    page.click("text=Test connection")
    expect(page.locator("#checkup .notice--good").first).to_contain_text("TLSv1.3")
    waiting = len(dovecot.messages("bob"))
    page.click("button:text-is('Save')")
    page.goto("/")
    expect(page.locator(row("From the provider"))).to_be_visible(timeout=15_000)
    page.click(f"{row('From the provider')} .row__link")
    expect(page.locator(".plain-text")).to_have_text("It came by TLS.")
    assert len(dovecot.messages("bob")) == waiting
