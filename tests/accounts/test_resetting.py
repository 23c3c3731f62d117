"""A new password by letter or by the operator's link, a new address that proves itself, and what strangers learn."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import post
from accounts.models import AuditEvent, User
from tests.cast import PASSWORD
from webmail.mailers import mailers

NEW = "sails-and-lighthouses"


@pytest.fixture(autouse=True)
def _letters(db, settings, monkeypatch):
    """Letters are written, and sent before the next line."""
    cache.clear()
    settings.WRITES_LETTERS = True
    monkeypatch.setattr(post, "send_soon", post._send)


def ask(address: str, client: Client | None = None):
    return (client or Client()).post(reverse("account_reset_password"), {"email": address})


def link_in(letter: mail.EmailMessage) -> str:
    [link] = re.findall(r"http://testserver(\S+)", str(letter.body))
    return link


def choose(link: str, client: Client | None = None):
    client = client or Client()
    form = client.get(link, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})


def test_the_link_of_a_letter_sets_a_new_password_and_ends_every_session(alice):
    there = Client()
    there.force_login(alice)
    ask("alice@home.test")
    assert mail.outbox[0].to == ["alice@home.test"]
    assert choose(link_in(mail.outbox[0])).url == reverse("account_reset_password_from_key_done")
    assert User.objects.get(pk=alice.pk).check_password(NEW)
    assert there.get(reverse("settings")).status_code == 302


def test_the_link_works_once(alice):
    ask("alice@home.test")
    link = link_in(mail.outbox[0])
    choose(link)
    assert "does not work any more" in Client().get(link, follow=True).content.decode()


def test_an_unknown_address_reads_like_a_known_one_and_gets_no_letter(alice):
    known, unknown = ask("alice@home.test"), ask("eve@far.test")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [letter.to for letter in mail.outbox] == [["alice@home.test"]]


def test_asking_too_often_is_refused_for_known_and_unknown_alike(alice):
    for address in ("alice@home.test", "eve@far.test"):
        answers = [ask(address).status_code for _ in range(4)]
        assert answers == [302, 302, 302, 429]


def test_a_letter_that_cannot_be_sent_changes_no_answer(alice, monkeypatch):
    monkeypatch.setattr(mail.EmailMessage, "send", lambda *_, **__: 1 / 0)
    assert ask("alice@home.test").status_code == 302


def test_without_a_server_the_page_says_whom_to_ask(alice, settings):
    settings.WRITES_LETTERS = False
    for answer in (Client().get(reverse("account_reset_password")), ask("alice@home.test")):
        assert "manage.py resetlink" in answer.content.decode()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("login", "password"), [("alice", "wrong"), ("alice@home.test", "wrong"), ("nobody", "wrong"), ("no@far.test", "x")]
)
def test_as_much_is_computed_for_a_name_that_nobody_has(alice, monkeypatch, login, password):
    """What takes long is the hash of the password: it is made as often, whoever is asked for."""
    made = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *each: made.append(1) or encode(*each))
    Client().post(reverse("account_login"), {"login": login, "password": password})
    assert len(made) == 2


def test_the_operators_link_does_the_same(alice, capsys, settings):
    settings.SITE_URL = "http://testserver"
    settings.WRITES_LETTERS = False
    call_command("resetlink", "alice")
    choose(capsys.readouterr().out.strip().removeprefix("http://testserver"))
    assert User.objects.get(pk=alice.pk).check_password(NEW)


@pytest.mark.parametrize("command", ["resetlink", "resetfactors"])
def test_the_commands_know_nobody_else(db, command):
    with pytest.raises(CommandError):
        call_command(command, "nobody")


def test_lost_factors_are_taken_away_and_every_session_ends(alice, capsys):
    there = Client()
    there.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    call_command("resetfactors", "alice")
    assert not Authenticator.objects.exists()
    assert there.get(reverse("settings")).status_code == 302
    assert "Removed 1 factors" in capsys.readouterr().out
    assert AuditEvent.of(alice).filter(what=AuditEvent.What.FACTOR_REMOVED).exists()


def test_a_new_address_counts_when_its_letter_is_answered(client, alice):
    client.force_login(alice)
    client.post(reverse("account_email"), {"email": "new@far.test", "action_add": "1"})
    assert User.objects.get(pk=alice.pk).email == "alice@home.test"
    assert "new@far.test waits" in client.get(reverse("security")).content.decode()
    letter = next(each for each in mail.outbox if each.to == ["new@far.test"])
    link = link_in(letter)
    assert "new@far.test" in client.get(link).content.decode()
    assert User.objects.get(pk=alice.pk).email == "alice@home.test"
    client.post(link)
    assert User.objects.get(pk=alice.pk).email == "new@far.test"


def test_a_new_password_is_told_to_its_person(client, alice):
    client.force_login(alice)
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert [letter.to for letter in mail.outbox] == [["alice@home.test"]]
    assert "The password was changed." in mail.outbox[0].body
    assert NEW not in mail.outbox[0].body


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("smtps://a%40b:p%2Fw@mail.test", {"port": 465, "use_ssl": True, "username": "a@b", "password": "p/w"}),
        ("smtp+starttls://mail.test:2587", {"port": 2587, "use_tls": True, "username": ""}),
        ("smtp://mail.test", {"port": 587}),
    ],
)
def test_reads_the_server_from_its_url(url, options):
    read = mailers(url)["default"]["OPTIONS"]
    assert read["host"] == "mail.test"
    assert options.items() <= read.items()


def test_refuses_a_url_that_names_no_server_without_the_password():
    with pytest.raises(Exception, match="EMAIL_URL") as refused:
        mailers("imap://alice:geheim@mail.test")
    assert "geheim" not in str(refused.value)
