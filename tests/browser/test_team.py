"""Two people of one team at the same mail: each sees that the other is answering."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.windows import PASSWORD, Windows, row
from tests.site import Site

pytestmark = pytest.mark.browser

# A site of its own: a shared account would show in everybody's lists elsewhere.
TEAM = """
import sys
from django.db import transaction
from accounts.models import Identity, MailAccount, Membership, SubmissionServer, User
from mailbox import delivery
password = sys.stdin.read()
alice, bob = (User.objects.create_user(name, "", password, first_name=name.title()) for name in ("alice", "bob"))
account = MailAccount.objects.create(owner=alice, address="team@home.test", name="Team", is_team=True)
Identity.objects.create(account=account, name="Team", address=account.address, is_default=True)
SubmissionServer.objects.create(account=account, host="127.0.0.1", port=9, security="none")
Membership.objects.create(account=account, user=bob, role="send")
octets = b"From: Dana <dana@far.test>\\r\\nTo: team@home.test\\r\\nSubject: Who answers?\\r\\n\\r\\nPlease.\\r\\n"
with transaction.atomic():
    delivery.deliver(account, [delivery.prepare(account, octets)])
"""


@pytest.fixture
def windows(browser: Browser, start_site: Callable[..., Site]) -> Iterator[Windows]:
    site = start_site("web")
    site.manage("shell", "--verbosity", "0", "--command", TEAM, stdin=PASSWORD)
    opened = Windows(browser, site)
    yield opened
    opened.close()


def test_who_opens_an_answer_is_seen_by_the_other_until_he_throws_it_away(windows: Windows) -> None:
    alice, bob = windows.open("alice"), windows.open("bob")
    for page in (alice, bob):
        page.goto("/")
        page.click(f"{row('Who answers?')} .row__link")
        expect(page.locator("#team-now")).to_be_attached()
    expect(alice.locator(".answering")).to_have_count(0)

    bob.click(".answer__box")
    expect(bob.locator("[data-compose]")).to_be_visible()
    expect(alice.locator(".answering")).to_contain_text("Bob is answering")

    bob.click("button[value=discard]")
    expect(alice.locator(".answering")).to_have_count(0)
