"""What holds off people who guess, push, flood or mislead: each from the outside, as they would try it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import MailAccount, User
from mailbox.models import Draft, Label, Message
from tests.cast import PASSWORD, deliver, octets_of

ROOT = Path(__file__).parents[2]
ELSEWHERE = ["https://evil.test/", "//evil.test/", "/\\evil.test/", "javascript:alert(1)", "http:///evil.test"]


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    client.force_login(alice)
    return client


def sign_in(name: str, password: str, address: str) -> bool:
    """Try to sign in from an address with a browser that was never here."""
    client = Client()
    client.post(reverse("account_login"), {"login": name, "password": password}, REMOTE_ADDR=address)
    return "_auth_user_id" in client.session


# Guessing


@pytest.mark.parametrize("name", ["alice", "alice@home.test", "ALICE"])
def test_guesses_at_one_name_from_everywhere_end(alice, name):
    for number in range(6):
        sign_in(name, "wrong", f"198.51.100.{number}")
    assert not sign_in(name, PASSWORD, "203.0.113.1")


def test_guesses_at_one_name_lock_nobody_else_out(alice, bob):
    for number in range(6):
        sign_in("alice", "wrong", f"198.51.100.{number}")
    assert sign_in("bob", PASSWORD, "203.0.113.1")


def test_guesses_from_one_address_at_many_names_end(alice, bob):
    for number in range(11):
        sign_in(f"name{number}", "wrong", "198.51.100.1")
    assert not sign_in("bob", PASSWORD, "198.51.100.1")
    assert sign_in("bob", PASSWORD, "203.0.113.1")


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(alice):
    answers = []
    for name in ("alice", "nobody"):
        client = Client()
        page = client.post(reverse("account_login"), {"login": name, "password": "wrong"})
        token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
        answers.append((page.status_code, len(page.content.replace(name.encode(), b"")), bool(token)))
    assert answers[0] == answers[1]


# Sessions


def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(alice):
    planted, victim = Client(), Client()
    planted.get(reverse("account_login"))
    session = planted.session
    session["planted"] = True
    session.save()
    key = session.session_key
    assert key
    victim.cookies["sessionid"] = planted.cookies["sessionid"] = key
    victim.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    assert victim.get(reverse("settings")).status_code == 200
    assert victim.cookies["sessionid"].value != key
    assert planted.get(reverse("settings")).status_code == 302


def test_a_new_password_ends_every_other_session(alice):
    here, there = Client(), Client()
    for each in (here, there):
        each.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    fresh = "sails-and-lighthouses"
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh})
    assert here.get(reverse("settings")).status_code == 200
    assert there.get(reverse("settings")).status_code == 302


# Leading elsewhere


@pytest.mark.parametrize("place", ELSEWHERE)
def test_an_act_leads_to_no_other_site(web, account, place):
    [message] = deliver(account, octets_of())
    for url in (reverse("act", args=[message.key, "star"]), reverse("selection")):
        answer = web.post(url, {"next": place, "verb": "star", "key": message.key})
        assert answer.status_code == 302
        assert "evil" not in answer["Location"]
        assert answer["Location"].startswith("/")


@pytest.mark.parametrize("place", ELSEWHERE)
def test_signing_in_and_out_leads_to_no_other_site(alice, place):
    client = Client()
    form = {"login": "alice", "password": PASSWORD, "next": place}
    answer = client.post(f"{reverse('account_login')}?next={place}", form)
    assert answer["Location"] == reverse("inbox")
    assert client.post(reverse("account_logout"), {"next": place})["Location"] == reverse("account_login")


# Flooding


def test_a_form_of_more_octets_than_memory_is_for_is_refused(web, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    form = {"name": "x" * 20_000, "colour": "0"}
    assert web.post(reverse("labels"), form).status_code == 400
    assert not Label.objects.exists()


def test_the_bound_of_memory_is_small(settings):
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE <= 5 * 2**20
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS <= 1000
    assert settings.DATA_UPLOAD_MAX_NUMBER_FILES <= 100


def test_a_form_of_too_many_fields_is_refused(web, account):
    [message] = deliver(account, octets_of())
    keys = {f"field{number}": "x" for number in range(1001)}
    assert web.post(reverse("selection"), {"verb": "star", "key": message.key, **keys}).status_code == 400
    assert not Message.objects.get().is_starred


def test_a_form_of_too_many_files_is_refused(web, account):
    files = {f"file{number}": SimpleUploadedFile("a", b"x") for number in range(101)}
    assert web.post(reverse("compose"), {"do": "save", "account": account.key, **files}).status_code == 400
    assert not Draft.objects.exists()


# Settings


def test_what_django_checks_before_going_live_finds_nothing(tmp_path):
    """With the settings of a place that others reach by HTTPS."""
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
        "DJANGO_SETTINGS_MODULE": "webmail.settings",
        "DATA_DIR": str(tmp_path),
        "HTTPS": "on",
        "ALLOWED_HOSTS": "mail.example.org",
        "SECRET_KEY": "a-secret-of-fifty-letters-and-more-that-nobody-knows-1234567890",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    found = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "no issues" in found.stdout
