"""Settings and accounts in Chromium: what is changed shows at once, what is stored stays, and deleting asks first."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.windows import PASSWORD, Windows, fill_account
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REFUSED = "status of 422"


@pytest.fixture
def page(windows: Windows) -> Page:
    """Dana's window on a desk."""
    return windows.open("dana")


@pytest.fixture
def plain_page(windows: Windows) -> Page:
    """Dana's window in a browser that runs no scripts."""
    return windows.open("dana", java_script_enabled=False)


def save(page: Page) -> None:
    page.click("button.button--primary:text-is('Save')")


def account(page: Page, address: str) -> Locator:
    """The line of an account in the list of them."""
    return page.locator(".account", has_text=address)


def add_account(page: Page, site: Site, address: str) -> None:
    fill_account(page, site, {"address": address, "pop3-login": "dana@home.test"})
    save(page)
    expect(account(page, address)).to_be_visible()


def change_account(page: Page, address: str) -> None:
    page.goto("/accounts/")
    account(page, address).locator("text=Change").click()


def delete_account(page: Page, address: str) -> None:
    """Delete an account, with a slip at the confirmation."""
    change_account(page, address)
    page.click("text=Delete this account")
    expect(page.locator(".prose")).to_contain_text("This cannot be undone.")
    page.fill("[name=address]", "dana@home.test")
    page.click("text=Delete the account and its mail")
    expect(page.locator(".errorlist")).to_contain_text("Nothing was deleted.")
    page.fill("[name=address]", address)
    page.click("text=Delete the account and its mail")
    expect(page.locator(".notice--good")).to_contain_text("and its mail are deleted.")
    expect(account(page, address)).to_have_count(0)


# With scripts ---------------------------------------------------------------------------------------------------------


def test_language_and_time_zone_change_at_once(page: Page) -> None:
    page.goto("/settings/")
    page.select_option("[name=language]", "ja")
    page.select_option("[name=time_zone]", "Asia/Tokyo")
    page.click("main button.button--primary")
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.locator("h1")).to_have_text("設定")
    expect(page.locator(".notice--good")).to_be_visible()
    page.goto("/accounts/")
    expect(page.locator(".health [title*=JST]").first).to_be_visible()
    page.goto("/settings/")
    page.select_option("[name=language]", "en")
    page.click("main button.button--primary")
    expect(page.locator("h1")).to_have_text("Settings")
    expect(page.locator("[name=time_zone]")).to_have_value("Asia/Tokyo")


def test_an_account_is_renamed_and_keeps_its_passwords(page: Page, letterbox: Site) -> None:
    add_account(page, letterbox, "dana@renamed.test")
    change_account(page, "dana@renamed.test")
    expect(page.locator("[name='pop3-password']")).to_have_value("")
    expect(page.locator("form")).to_contain_text(["Stored. Leave this empty to keep it."])
    assert PASSWORD not in page.content()
    page.fill("[name=name]", "Garden club")
    page.click("text=Test connection")
    expect(page.locator("#checkup .notice--good")).to_have_count(2)
    save(page)
    expect(page.locator(".notice--good")).to_contain_text("dana@renamed.test is saved.")
    line = account(page, "dana@renamed.test")
    expect(line).to_contain_text("Garden club")
    line.locator("text=Check now").click()
    expect(line.locator(".health")).to_contain_text("Everything is collected.")


def test_a_stored_password_goes_to_no_other_server(windows: Windows, page: Page, letterbox: Site) -> None:
    windows.tolerated.append(REFUSED)
    add_account(page, letterbox, "dana@moved.test")
    change_account(page, "dana@moved.test")
    page.fill("[name='pop3-host']", "localhost")
    save(page)
    expect(page.locator(".errorlist")).to_contain_text("Type the password again: it goes to another server now.")
    page.fill("[name='pop3-password']", PASSWORD)
    save(page)
    expect(page.locator(".notice--good")).to_contain_text("is saved.")


def test_deleting_an_account_wants_its_address(windows: Windows, page: Page, letterbox: Site) -> None:
    windows.tolerated.append(REFUSED)
    add_account(page, letterbox, "dana@gone.test")
    delete_account(page, "dana@gone.test")


def test_a_signature_stands_below_the_next_message(page: Page) -> None:
    page.goto("/settings/identities/")
    page.locator("fieldset", has_text="dana@home.test").locator("textarea").fill("Dana, with ink on her hands")
    save(page)
    expect(page.locator(".notice--good")).to_contain_text("saved")
    page.goto("/compose/")
    assert page.input_value("[name=text]").rstrip("\n").endswith("-- \nDana, with ink on her hands")


def test_signing_out_closes_the_door(windows: Windows, letterbox: Site) -> None:
    page = windows.open("dana", signs_in=True)
    page.goto("/settings/")
    page.click("text=Sign out")
    page.click("main form button")
    page.goto("/")
    expect(page).to_have_url(f"{letterbox.url}/account/login/?next=/")


# Without scripts ------------------------------------------------------------------------------------------------------


def test_accounts_work_without_scripts(windows: Windows, plain_page: Page, letterbox: Site) -> None:
    windows.tolerated.append(REFUSED)
    page, address = plain_page, "dana@plain.test"
    fill_account(page, letterbox, {"address": address, "pop3-login": "dana@home.test"})
    page.click("text=Test connection")
    expect(page.locator("#checkup .notice--good")).to_have_count(2)
    # What was typed is still there after the test, the password too.
    save(page)
    expect(page.locator(".notice--good")).to_contain_text(f"{address} is saved.")
    change_account(page, address)
    page.fill("[name=name]", "Plain name")
    save(page)
    expect(account(page, address)).to_contain_text("Plain name")
    account(page, address).locator("text=Check now").click()
    expect(account(page, address)).to_be_visible()
    delete_account(page, address)


def test_settings_work_without_scripts(plain_page: Page) -> None:
    page = plain_page
    page.goto("/settings/")
    page.fill("[name=first_name]", "Dana Maria")
    save(page)
    expect(page.locator(".notice--good")).to_contain_text("Your settings are saved.")
    expect(page.locator("[name=first_name]")).to_have_value("Dana Maria")
