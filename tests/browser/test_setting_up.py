"""A new account in Chromium: the search is seen step by step, and ends in a form that works."""

import pytest
from playwright.sync_api import expect

from tests.browser.windows import PASSWORD, Windows, fill
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_account_is_looked_for_tested_and_added(windows: Windows, letterbox: Site) -> None:
    page = windows.open("dana")
    page.goto("/accounts/new/")
    page.fill("[name=address]", "dana@looked-for.test")
    page.click("text=Continue")
    # Nobody knows this domain: every step is done, and the fields stand open.
    expect(page.locator("[name='pop3-host']")).to_be_visible(timeout=120_000)
    expect(page.locator(".finding__line")).to_have_count(6)
    expect(page.locator(".finding__line--now")).to_have_count(0)
    fill(page, {"pop3-host": "127.0.0.1", "pop3-port": letterbox.pop3_port, "pop3-login": "dana@home.test"})
    fill(page, {"pop3-password": PASSWORD, "smtp-host": "127.0.0.1", "smtp-port": letterbox.smtp_port})
    page.select_option("[name='pop3-security']", "none")
    page.select_option("[name='smtp-security']", "none")
    page.uncheck("[name='smtp-same_login']")
    page.click("text=Test connection")
    expect(page.locator("#checkup .notice--good")).to_have_count(2, timeout=120_000)
    page.click("text=Add this account")
    expect(page.locator(".account", has_text="dana@looked-for.test")).to_be_visible(timeout=60_000)
