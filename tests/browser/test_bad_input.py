"""What people and their servers get wrong: a plain word on the screen each time, and nothing that was typed is lost."""

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.windows import PASSWORD, Windows, fill, fill_account, sign_in
from tests.dovecot import Dovecot
from tests.servers import free_port
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Chromium tells the console about every answer that is no success, also where the screen explains it.
REFUSED = "status of 422"
LETTER = {"to": "input@home.test", "subject": "Kept", "text": "Every word of this."}


def answers_to(page: Page, fields: Mapping[str, object], *, security: str = "none") -> str:
    """What Test connection says about the server that collects mail, once the sending one was found well."""
    fill(page, fields)
    page.select_option("[name='pop3-security']", security)
    # The answers of an earlier test stand until the new ones replace them, and must not be taken for those.
    page.locator("#checkup").evaluate("checkup => checkup.replaceChildren()")
    page.click("text=Test connection")
    expect(page.locator("#checkup .notice--good")).to_contain_text("Sending: Connected")
    return page.locator("#checkup .notice--bad").inner_text()


def open_draft(page: Page, subject: str) -> None:
    page.goto("/drafts/")
    page.click(f".draft:has-text('{subject}') .draft__link")


def test_each_trouble_with_a_server_has_its_sentence(windows: Windows, letterbox: Site, dovecot: Dovecot) -> None:
    page, closed = windows.open("dana"), free_port()
    fill_account(page, letterbox, {"address": "dana@second.test", "pop3-login": "dana@home.test"})
    wrong = answers_to(page, {"pop3-password": "not this one"})
    assert "The server does not accept this login and password." in wrong
    assert "In its own words:" in wrong
    assert "cannot be reached on port" in answers_to(page, {"pop3-port": closed, "pop3-password": PASSWORD})
    assert "cannot be trusted, so no password was sent" in answers_to(
        page, {"pop3-port": dovecot.tls_port}, security="tls"
    )
    expect(page.locator("[name=address]")).to_have_value("dana@second.test")
    expect(page.locator("[name='pop3-password']")).to_have_value(PASSWORD)


def test_an_address_that_is_none_keeps_the_rest_of_the_account(windows: Windows, letterbox: Site) -> None:
    windows.tolerated.append(REFUSED)
    page = windows.open("dana")
    fill_account(page, letterbox, {"address": "dana@nowhere", "pop3-login": "dana@home.test"})
    page.click("button:text-is('Save')")
    expect(page.locator(".errorlist")).to_contain_text("valid email address")
    expect(page.locator("main")).to_contain_text("What you typed is kept.")
    expect(page.locator("[name='pop3-port']")).to_have_value(str(letterbox.pop3_port))
    expect(page.locator("[name='pop3-password']")).to_have_value("")
    # The password was typed once, and once is enough.
    page.fill("[name=address]", "dana@third.test")
    page.click("button:text-is('Save')")
    expect(page.locator(".notice--good")).to_contain_text("dana@third.test is saved.")
    health = page.locator(".account:has-text('dana@third.test') .health")
    expect(health).to_contain_text("Everything is collected.")


def test_a_private_server_is_refused_where_none_is_allowed(browser: Browser, start_site: Callable[..., Site]) -> None:
    site = start_site("web", environment={"PRIVATE_HOSTS": ""})
    site.manage("adduser", "erin", "--password-stdin", stdin=f"{PASSWORD}\n")
    with closing(Windows(browser, site)) as windows:
        windows.tolerated.append(REFUSED)
        page = windows.open("erin")
        fill_account(page, site, {"address": "erin@home.test"})
        page.click("text=Test connection")
        expect(page.locator("#checkup .notice--bad")).to_contain_text("Nothing was tried yet.")
        expect(page.locator("#checkup")).to_contain_text("This server may not be used.")
        page.click("button:text-is('Save')")
        expect(page.locator(".errorlist").first).to_contain_text("This server may not be used.")
        expect(page.locator("[name=address]")).to_have_value("erin@home.test")


def test_a_recipient_that_is_none_keeps_text_and_files(windows: Windows, tmp_path: Path) -> None:
    windows.tolerated.append(REFUSED)
    page = windows.open("charlie")
    page.goto("/compose/")
    fill(page, LETTER | {"to": "input@home.test, nobody at all", "subject": "Half right"})
    (tmp_path / "list.txt").write_text("bread, lemons")
    page.set_input_files("[name=files]", tmp_path / "list.txt")
    expect(page.locator(".file__name")).to_have_text("list.txt")
    page.click("[data-send]")
    expect(page.locator("#compose-to-error")).to_contain_text("nobody at all")
    expect(page.locator(".notice--bad")).to_contain_text("Nothing was sent. What you typed is kept as a draft")
    open_draft(page, "Half right")
    expect(page.locator("[name=to]")).to_have_value("input@home.test, nobody at all")
    expect(page.locator("[name=text]")).to_have_value("Every word of this.")
    expect(page.locator(".file__name")).to_have_text("list.txt")


@pytest.mark.parametrize("field", ["subject", "to", "cc"])
def test_a_line_end_smuggles_no_header_in(windows: Windows, field: str) -> None:
    page = windows.open("charlie")
    page.goto("/compose/")
    hidden = {name: page.input_value(f"[name={name}]") for name in ("csrfmiddlewaretoken", "account", "key", "kind")}
    smuggled = LETTER | {"subject": f"Smuggled by {field}"}
    smuggled[field] = smuggled.get(field, "") + "\r\nX-Smuggled: yes"
    answer = page.request.post("/compose/", form={**hidden, **smuggled, "do": "send"})
    assert answer.status == 422
    assert f'aria-describedby="compose-{field}-error"' in answer.text()
    page.goto("/outbox/")
    expect(page.locator(f".dispatch:has-text('Smuggled by {field}')")).to_have_count(0)
    open_draft(page, f"Smuggled by {field}")
    expect(page.locator("[name=text]")).to_have_value("Every word of this.")


def test_a_file_that_is_too_large_costs_nothing_else(windows: Windows, tmp_path: Path) -> None:
    windows.tolerated.append(REFUSED)
    page = windows.open("charlie")
    page.goto("/compose/")
    fill(page, LETTER | {"subject": "With a film"})
    (tmp_path / "small.txt").write_text("small")
    with (tmp_path / "film.mp4").open("wb") as film:
        film.truncate(60 * 2**20)
    page.set_input_files("[name=files]", [tmp_path / "small.txt", tmp_path / "film.mp4"])
    expect(page.locator(".upload", has_text="film.mp4")).to_contain_text("Larger than 25.0 MB")
    expect(page.locator(".file__name")).to_have_text("small.txt")
    expect(page.locator("[name=text]")).to_have_value("Every word of this.")
    page.click("[data-send]")
    expect(page.locator(".notice--good")).to_contain_text("on its way")


def test_a_session_that_ends_while_somebody_types_costs_no_word(windows: Windows) -> None:
    page = windows.open("charlie")
    page.goto("/compose/")
    fill(page, LETTER | {"subject": "Interrupted"})
    page.context.clear_cookies(name="sessionid")
    page.locator("[name=text]").press_sequentially(" And more.")
    expect(page.locator("[data-autosave]")).to_contain_text("You are signed out.")
    page.click("button:text-is('Save')")
    expect(page.locator("[name=text]")).to_have_value("Every word of this. And more.")
    sign_in(page.context.new_page(), "charlie")
    page.locator("[name=text]").press_sequentially(" The end.")
    expect(page.locator("[data-saved]")).to_be_visible()
    open_draft(page, "Interrupted")
    expect(page.locator("[name=text]")).to_have_value("Every word of this. And more. The end.")


def test_a_wrong_password_says_no_more_than_that(windows: Windows, browser: Browser, letterbox: Site) -> None:
    page = browser.new_context(base_url=letterbox.url).new_page()
    said = []
    for name in ("alice", "nobody"):
        page.goto("/account/login/")
        fill(page, {"login": name, "password": "not this one"})
        page.click("main form button")
        said.append(page.locator(".notice--bad").inner_text())
        expect(page.locator("[name=login]")).to_have_value(name)
    assert said[0] == said[1] != ""
    page.context.close()


def test_an_mbox_that_is_none_imports_nothing(letterbox: Site, tmp_path: Path) -> None:
    (tmp_path / "holiday.mbox").write_bytes(bytes(range(256)) * 20)
    done = letterbox.manage("importmail", "bob", "bob@home.test", str(tmp_path / "holiday.mbox"), check=False)
    assert done.returncode == 1
    assert "holiday.mbox" in done.stderr
    assert "Nothing was imported." in done.stderr
    assert "Traceback" not in done.stderr
