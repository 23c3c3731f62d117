"""Signing in through a server that speaks OpenID Connect."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import PASSWORD
from tests.oidc import OidcServer, oidc_server


@pytest.fixture
def server(db, settings) -> Iterator[OidcServer]:
    with oidc_server() as running:
        app: dict[str, object] = {"provider_id": "oidc", "name": "Home", "client_id": "letterbox", "secret": "s"}
        app["settings"] = {"server_url": running.url, "oauth_pkce_enabled": True}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        running.claims = {"sub": "7", "email": "alice@home.test", "email_verified": True, "preferred_username": "al"}
        yield running


def come_back(server: OidcServer, client: Client | None = None, state: str = "", **options: str):
    client = client or Client()
    asked = client.post(reverse("openid_connect_login", args=["oidc"]), options)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(asked["Location"]).query).items()}
    server.challenge = server.challenge or sent["code_challenge"]
    answer = client.get(
        reverse("openid_connect_callback", args=["oidc"]), {"code": "c", "state": state or sent["state"]}
    )
    return client, answer


def is_in(client: Client) -> bool:
    return client.get(reverse("settings")).status_code == 200


def test_the_door_has_a_button_for_it(server, client):
    assert "Sign in with Home" in client.get(reverse("account_login")).content.decode()


def test_without_a_server_there_is_no_button(client, db):
    assert "elsewhere" not in client.get(reverse("account_login")).content.decode()


def test_lets_in_whoever_has_the_address_and_leaves_his_password(server, alice):
    client, answer = come_back(server)
    assert answer.url == reverse("inbox")
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


def test_knows_the_person_again_by_his_account_there(server, alice):
    come_back(server)
    server.claims["email"], server.challenge = "other@far.test", ""
    assert is_in(come_back(server)[0])


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email": "eve@far.test"}, {"email": None}])
def test_lets_in_nobody_else(server, alice, claims):
    server.claims |= claims
    client, answer = come_back(server)
    assert "Sign-up is closed" in answer.content.decode()
    assert not is_in(client)
    assert User.objects.count() == 1


def test_adds_people_where_the_operator_wants_that(server, alice, settings):
    settings.OIDC_ADDS_PEOPLE = True
    server.claims |= {"sub": "8", "email": "dana@home.test", "preferred_username": "dana"}
    assert is_in(come_back(server)[0])
    dana = User.objects.get(username="dana")
    assert (dana.email, dana.is_staff, dana.has_usable_password()) == ("dana@home.test", False, False)


def test_does_not_add_whoever_has_not_proved_his_address(server, alice, settings):
    settings.OIDC_ADDS_PEOPLE = True
    server.claims |= {"sub": "8", "email_verified": False}
    assert not is_in(come_back(server)[0])
    assert User.objects.count() == 1


def test_the_second_factor_is_asked_for_all_the_same(server, alice):
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client, answer = come_back(server)
    assert answer.url == reverse("mfa_authenticate")
    assert not is_in(client)


@pytest.mark.parametrize("fault", [{"state": "forged"}, {"challenge": "of somebody else"}])
def test_a_forged_way_back_lets_nobody_in(server, alice, fault):
    server.challenge = fault.get("challenge", "")
    client, answer = come_back(server, state=fault.get("state", ""))
    assert "did not say who you are" in answer.content.decode()
    assert not is_in(client)


def test_sends_nobody_to_another_site_afterwards(server, alice):
    assert come_back(server, next="https://evil.test/")[1].url == reverse("inbox")


def test_joins_no_account_to_somebody_who_is_signed_in(server, alice, client):
    client.force_login(alice)
    address = reverse("openid_connect_login", args=["oidc"])
    assert client.post(f"{address}?process=connect").status_code == 400
    assert client.get(address).status_code == 405
