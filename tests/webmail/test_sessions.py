"""Being signed in: two questions a page, and an end that is an end at once."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import MailAccount, User
from tests.cast import PASSWORD
from webmail.sessions import SessionStore

OTHER = "another long and quiet password"


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def is_in(web: Client) -> bool:
    return web.get("/").status_code == 200


@pytest.mark.parametrize("name", ["alice", "alice@home.test"])
def test_people_sign_in_by_name_or_address(client, alice, account, name):
    response = client.post("/account/login/", {"login": name, "password": PASSWORD})
    assert response.status_code == 302, response.content
    assert is_in(client)


def test_signing_out_ends_a_session_whoever_holds_its_key(web, client):
    other = Client()
    other.cookies["sessionid"] = web.cookies["sessionid"].value
    assert is_in(other)
    web.logout()
    assert not is_in(other)


def test_a_new_password_ends_every_other_session(web, alice):
    other = Client()
    other.force_login(alice)
    alice.set_password(OTHER)
    alice.save()
    assert not is_in(other)


def test_who_may_not_sign_in_any_more_is_out(web, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert not is_in(web)


def test_who_is_gone_is_out(web, alice, account):
    account.delete()
    User.objects.filter(pk=alice.pk).delete()
    assert not is_in(web)


def test_a_session_that_has_run_out_is_none(web):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_in(web)


def test_a_key_that_names_no_session_starts_a_new_one(db):
    store = SessionStore("a" * 32)
    assert store.load() == {}
    assert store.session_key is None
    store["seen"] = True
    store.save()
    assert SessionStore(store.session_key)["seen"] is True


def test_a_session_that_was_tampered_with_is_empty(web):
    Session.objects.update(session_data="x:y:z")
    assert not is_in(web)


def test_being_signed_in_costs_a_page_two_queries(web, django_assert_num_queries):
    is_in(web)
    # The third is the page's own.
    with django_assert_num_queries(3):
        assert web.get("/m/nothing/").status_code == 404
