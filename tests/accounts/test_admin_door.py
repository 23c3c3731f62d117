"""The operator's pages have no door of their own, and show nothing of what guards people."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from tests.cast import PASSWORD


@pytest.fixture
def operator(alice) -> User:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    return alice


def test_the_second_factor_is_asked_for_before_the_admin_pages(operator):
    Authenticator.objects.create(user=operator, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = Client()
    asked = client.post(reverse("admin:login"), {"username": "alice", "password": PASSWORD})
    assert asked["Location"].startswith(reverse("account_login"))
    client.post(asked["Location"], {"login": "alice", "password": PASSWORD})
    assert client.get(reverse("admin:index")).status_code == 302


def test_a_person_who_is_no_operator_stays_outside(client, bob):
    client.force_login(bob)
    assert client.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "mfa_authenticator",
        "usersessions_usersession",
        "socialaccount_socialtoken",
        "socialaccount_socialapp",
        "accounts_invitation",
        "account_emailaddress",
    ],
)
def test_what_guards_people_has_no_page_there(name):
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{name}_changelist")
