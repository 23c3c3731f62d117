"""Passkeys and codes in Chromium, with its virtual authenticator in place of a finger."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

from tests.browser.windows import PASSWORD, sign_in
from tests.site import Site

pytestmark = pytest.mark.browser

# Passkeys belong to a name; the sites of the tests are otherwise opened by their number.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def window(browser: Browser, start_site: Callable[..., Site]) -> Iterator[Page]:
    """A window of alice, who is signed in, in a browser that can make passkeys; it must not have complained."""
    site = start_site("web")
    site.manage("adduser", "alice", "--password-stdin", stdin=f"{PASSWORD}\n")
    context = browser.new_context(base_url=site.url.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    wire = context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    # The virtual finger would sign in from the field's menu as soon as the page asks.
    context.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    sign_in(page, "alice")
    yield page
    context.close()
    assert [each for each in complaints if "Transition was" not in each] == []


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/account/login/"))


def test_makes_a_passkey_and_signs_in_with_it_alone(window):
    window.goto("/settings/security/passkeys/new/")
    window.get_by_role("button", name="Add a passkey").click()
    expect(window.locator(".codes li")).to_have_count(10)
    window.goto("/settings/security/")
    expect(window.locator(".guard", has_text="Chrome, Linux").first).to_be_visible()
    sign_out(window)
    window.get_by_role("button", name="Sign in with a passkey").click()
    expect(window).not_to_have_url(re.compile("/account/"))


def test_a_passkey_stands_in_for_the_code_after_the_password(window):
    window.goto("/settings/security/app/")
    window.locator("summary", has_text="Type it instead").click()
    secret = window.locator(".secret").inner_text()
    window.fill("[name=code]", format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    window.get_by_role("button", name="Switch it on").click()
    expect(window.locator(".codes li")).to_have_count(10)
    window.goto("/settings/security/passkeys/new/")
    window.get_by_role("button", name="Add a passkey").click()
    expect(window).to_have_url(re.compile("/settings/security/$"))
    sign_out(window)
    sign_in(window, "alice")
    expect(window).to_have_url(re.compile("/account/code/"))
    window.get_by_role("button", name="Use a passkey").click()
    window.get_by_role("button", name="Yes, trust it").click()
    expect(window).not_to_have_url(re.compile("/account/"))
