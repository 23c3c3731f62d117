"""Signing in at a provider in Chromium: its page lies elsewhere, and the policy of ours lets people go there."""

import pytest
from playwright.sync_api import Browser, expect

from accounts.oauth import ending
from mailbox.checkup import Checkup, Finding
from tests.cast import PASSWORD
from tests.oauth.conftest import provider  # noqa: F401  # a fixture
from tests.oauth_server import OAuthServer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("alice")]


@pytest.fixture
def no_pulls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is called for the mail of an account that is only set up."""
    good = Finding(True, "Logged in.")
    monkeypatch.setattr(ending.checkup, "check", lambda *_, **__: Checkup(good, good))
    monkeypatch.setattr(ending, "wake", lambda *_: None)


@pytest.mark.usefixtures("no_pulls")
def test_the_button_leads_there_and_back_to_an_account(
    browser: Browser,
    live_server,
    provider: OAuthServer,  # noqa: F811
) -> None:
    # Its other name, so that the provider's page is a stranger's to the policy.
    page = browser.new_context(base_url=live_server.url.replace("127.0.0.1", "localhost")).new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation(url=lambda url: "/account/login/" not in url):
        page.click("main form button")
    page.goto("/accounts/new/")
    page.fill("[name=address]", "alice@gmail.com")
    page.click("text=Continue")
    page.click("text=Sign in with Google")
    expect(page.locator("h1")).to_have_text("Let Letterbox in?")
    assert page.url.startswith(provider.url)
    page.click("text=Allow")
    expect(page.locator("h1")).not_to_have_text("Let Letterbox in?")
    page.goto("/accounts/")
    expect(page.locator(".account", has_text="alice@gmail.com")).to_be_visible()
    page.context.close()
