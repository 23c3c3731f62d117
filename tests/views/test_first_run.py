"""The first run: from an empty inbox to the first mail, seen arriving."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import MailAccount, User
from tests.cast import deliver, octets_of, remote_maildrop

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def arriving(account: MailAccount) -> str:
    """The address of the page on which the account's first mail arrives."""
    remote_maildrop(account, port=9, login="alice", password="x")
    return f"/accounts/{account.key}/arriving/"


def test_an_inbox_without_accounts_asks_for_an_address(web):
    page = web.get("/").content.decode()
    assert 'name="address"' in page
    assert 'action="/accounts/new/find/"' in page


def test_the_form_begins_with_the_address(web):
    assert 'value="alice@home.test"' in web.get("/accounts/new/", {"address": "alice@home.test"}).content.decode()


def test_shows_how_far_the_pull_is_and_what_has_come(web, account, arriving):
    deliver(account, octets_of("Boats"))
    account.remote_maildrop.claim(timezone.now())
    account.remote_maildrop.renew_claim(timezone.now(), came_count=1, wanted_count=40)
    page = web.get(arriving).content.decode()
    assert "1 of 40" in page
    assert "Boats" in page
    assert "Here already" in page


def test_shows_the_newest_and_no_more(web, account, arriving):
    deliver(account, *(octets_of(f"No. {hour}", date=f"Mon, 24 Nov 2025 {hour}:00:00 +0000") for hour in range(10, 20)))
    page = web.get(arriving).content.decode()
    assert page.index("No. 19") < page.index("No. 12")
    assert "No. 11" not in page


def test_says_that_a_mailbox_was_empty(web, account, arriving):
    account.remote_maildrop.claim(timezone.now())
    account.remote_maildrop.pull_succeeded(timezone.now(), not_before=timezone.now(), is_due_again=False)
    assert "The mailbox is empty." in web.get(arriving).content.decode()


def test_htmx_gets_what_has_come_alone(web, arriving):
    page = web.get(arriving, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<section id="arrived"')


def test_only_the_owner_sees_it(client, arriving, bob, charlie):
    for person in (bob, charlie):
        client.force_login(person)
        assert client.get(arriving).status_code == 404


def test_an_account_that_collects_nothing_has_no_such_page(web, account):
    assert web.get(f"/accounts/{account.key}/arriving/").status_code == 404


def test_refuses_another_verb(web, arriving):
    assert web.post(arriving).status_code == 405


@pytest.mark.parametrize("count", [1, 30])
def test_costs_the_same_whatever_has_come(web, account, arriving, count, django_assert_max_num_queries):
    deliver(account, *(octets_of(f"No. {number}") for number in range(count)))
    with django_assert_max_num_queries(7):
        web.get(arriving)
