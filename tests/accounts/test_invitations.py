"""Invitations: made by the operator, used once, gone after a week."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation, User

NEW = "sails-and-lighthouses"
DANA = {"username": "dana", "first_name": "Dana", "password": NEW, "way": "password"}


@pytest.fixture
def operator(client, alice):
    alice.is_superuser = alice.is_staff = True
    alice.save()
    client.force_login(alice)
    return client


def open_page(token: str):
    return Client().get(reverse("invitation", args=[token]))


def arrive(token: str, **typed: str) -> tuple[Client, Any]:
    client = Client()
    return client, client.post(reverse("invitation", args=[token]), DANA | typed)


def test_the_link_is_shown_once_and_kept_as_a_hash(operator):
    page = operator.post(reverse("invitations"), {"address": ""}).content.decode()
    [token] = re.findall(r'value="http://testserver/invitation/([^/]+)/"', page)
    assert Invitation.of_token(token)
    assert token not in operator.get(reverse("invitations")).content.decode()
    assert token not in str(Invitation.objects.values().get())


def test_says_who_invites_and_lets_the_person_in(alice):
    _made, token = Invitation.make(alice, "dana@home.test")
    assert "Alice invites you" in open_page(token).content.decode()
    client, answer = arrive(token)
    assert answer.url == reverse("inbox")
    dana = User.objects.get(username="dana")
    assert (dana.email, dana.is_staff, dana.check_password(NEW)) == ("dana@home.test", False, True)
    assert client.session["_auth_user_id"] == str(dana.pk)
    assert reverse("account_new") in client.get(reverse("inbox")).content.decode()


def test_whoever_takes_a_passkey_makes_it_next_and_has_no_password(alice):
    _made, token = Invitation.make(alice)
    client, answer = arrive(token, way="passkey", password="")
    assert answer.url == reverse("mfa_add_webauthn")
    assert client.get(answer.url).status_code == 200
    assert not User.objects.get(username="dana").has_usable_password()


def test_works_once(alice):
    _made, token = Invitation.make(alice)
    arrive(token)
    assert open_page(token).status_code == 404
    assert arrive(token, username="eve")[1].status_code == 404
    assert not User.objects.filter(username="eve").exists()


def test_of_two_at_the_same_moment_one_comes_in(alice, monkeypatch):
    made, token = Invitation.make(alice)
    monkeypatch.setattr(Invitation, "of_token", lambda _token: made)
    arrive(token)
    assert "Somebody was faster" in arrive(token, username="eve")[1].content.decode()
    assert not User.objects.filter(username="eve").exists()


@pytest.mark.parametrize("change", [{"expires_at": timezone.now() - timedelta(1)}, {"used_at": timezone.now()}])
def test_an_old_or_used_one_reads_like_one_that_never_was(alice, change):
    _made, token = Invitation.make(alice)
    Invitation.objects.update(**change)
    never = open_page("never")
    assert open_page(token).status_code == never.status_code == 404
    assert open_page(token).content == never.content


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"username": "Alice"}, "called that already"),
        ({"username": ""}, "required"),
        ({"username": "da na"}, "valid username"),
        ({"password": "short"}, "too short"),
        ({"password": ""}, "too short"),
    ],
)
def test_what_is_not_right_uses_nothing_up(alice, typed, says):
    _made, token = Invitation.make(alice)
    answer = arrive(token, **typed)[1]
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Invitation.of_token(token)


def test_an_address_that_was_taken_meanwhile_stays_with_its_owner(alice, bob):
    _made, token = Invitation.make(alice, "bob@home.test")
    assert arrive(token)[1].status_code == 422
    assert not User.objects.filter(username="dana").exists()


def test_whoever_is_signed_in_uses_nothing_up(operator, alice):
    _made, token = Invitation.make(alice)
    assert "here already" in operator.post(reverse("invitation", args=[token]), DANA).content.decode()
    assert Invitation.of_token(token)


def test_takes_an_invitation_back(operator, alice):
    made, token = Invitation.make(alice)
    operator.post(reverse("invitation_take_back"), {"invitation": made.key})
    assert open_page(token).status_code == 404


@pytest.mark.parametrize(
    ("name", "verb"), [("invitations", "get"), ("invitations", "post"), ("invitation_take_back", "post")]
)
def test_for_others_there_is_no_such_page(client, bob, name, verb):
    client.force_login(bob)
    assert getattr(client, verb)(reverse(name)).status_code == 404
    assert reverse("invitations") not in client.get(reverse("settings")).content.decode()


def test_the_command_prints_a_link_that_works(alice, capsys, settings):
    settings.SITE_URL = "https://mail.home.test"
    call_command("invite", "--email", "dana@home.test", "--by", "alice")
    link = capsys.readouterr().out.strip()
    assert link.startswith("https://mail.home.test/invitation/")
    assert Invitation.of_token(link.split("/")[-2]).address == "dana@home.test"


@pytest.mark.parametrize("arguments", [["--by", "nobody"], ["--email", "alice@home.test"], ["--email", "no address"]])
def test_the_command_refuses(alice, arguments):
    with pytest.raises(CommandError):
        call_command("invite", *arguments)
    assert not Invitation.objects.exists()
