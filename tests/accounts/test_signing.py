"""Signing in and out, in our own dress, with sign-up closed."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import PASSWORD

NEW = "sails-and-lighthouses"


def sign_in(client: Client, login: str = "alice", password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": login, "password": password})


@pytest.mark.parametrize("login", ["alice", "alice@home.test"])
def test_signs_in_by_name_or_address(client, alice, login):
    assert sign_in(client, login).url == reverse("inbox")
    assert client.session["_auth_user_id"] == str(alice.pk)


@pytest.mark.parametrize(("login", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_password_and_an_unknown_name_read_alike(client, alice, login, password):
    answer = sign_in(client, login, password)
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session
    assert PASSWORD not in answer.content.decode()


def test_comes_back_to_where_it_was_asked(client, alice):
    asked = client.get(reverse("accounts"))
    assert client.post(asked.url, {"login": "alice", "password": PASSWORD}).url == reverse("accounts")


def test_guessing_ends_after_some_tries(client, alice):
    for _ in range(12):
        sign_in(client, password="wrong")
    sign_in(client)
    assert "_auth_user_id" not in client.session


def test_signing_out_takes_a_post(client, alice):
    client.force_login(alice)
    assert "Sign out?" in client.get(reverse("account_logout")).content.decode()
    assert "_auth_user_id" in client.session
    assert client.post(reverse("account_logout")).url == reverse("account_login")
    assert "_auth_user_id" not in client.session


def change(client: Client, old: str = PASSWORD, new: str = NEW, again: str = NEW):
    return client.post(reverse("account_change_password"), {"oldpassword": old, "password1": new, "password2": again})


def test_changes_the_password_and_stays_signed_in(client, alice):
    client.force_login(alice)
    assert change(client).url == reverse("security")
    assert User.objects.get(pk=alice.pk).check_password(NEW)
    assert client.get(reverse("settings")).status_code == 200


@pytest.mark.parametrize(
    ("passwords", "says"),
    [
        ({"old": "wrong"}, "current password"),
        ({"new": "short", "again": "short"}, "too short"),
        ({"again": "another-one-altogether"}, "same password"),
    ],
)
def test_a_change_that_is_not_right_changes_nothing(client, alice, passwords, says):
    client.force_login(alice)
    answer = change(client, **passwords)
    assert says in answer.content.decode()
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


@pytest.mark.parametrize("verb", ["get", "post"])
def test_sign_up_is_closed(client, db, verb):
    answer = getattr(client, verb)(
        reverse("account_signup"), {"username": "eve", "password1": NEW, "password2": NEW, "email": "eve@far.test"}
    )
    assert "Sign-up is closed" in answer.content.decode()
    assert not User.objects.exists()


def test_the_sign_in_page_offers_no_sign_up(client, db):
    assert reverse("account_signup") not in client.get(reverse("account_login")).content.decode()


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_inactive", "account_reset_password"])
def test_the_pages_before_the_door_wear_our_dress(client, db, name):
    page = client.get(reverse(name)).content.decode()
    assert '<main class="plain__sheet">' in page
    assert "<script>" not in page
    assert " style=" not in page


def test_a_person_who_is_switched_off_cannot_sign_in(client, alice):
    User.objects.update(is_active=False)
    sign_in(client)
    assert "_auth_user_id" not in client.session
