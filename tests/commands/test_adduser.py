"""The operator adds people."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User

pytestmark = pytest.mark.django_db
GOOD = "sails-and-lighthouses"


@pytest.fixture
def adduser(monkeypatch):
    def run(*arguments: str, stdin: str = f"{GOOD}\n", **options: Any) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        out = io.StringIO()
        call_command("adduser", *arguments, "--password-stdin", stdout=out, **options)
        return out.getvalue()

    return run


def test_adds_somebody_who_can_sign_in_but_not_administer(adduser):
    assert adduser("alice", "--email", "alice@example.org") == "Added alice.\n"
    alice = User.objects.get(username="alice")
    assert alice.check_password(GOOD)
    assert alice.email == "alice@example.org"
    assert not alice.is_staff
    assert not alice.is_superuser


def test_adds_an_administrator(adduser):
    assert "admin pages" in adduser("alice", "--admin")
    alice = User.objects.get(username="alice")
    assert alice.is_staff
    assert alice.is_superuser


def test_keeps_spaces_in_the_password_and_drops_the_line_end_only(adduser):
    adduser("alice", stdin=" sails and lighthouses \r\n")
    assert User.objects.get().check_password(" sails and lighthouses ")


def test_asks_twice_on_a_terminal(monkeypatch):
    answers = iter([GOOD, GOOD])
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    call_command("adduser", "alice", stdout=io.StringIO())
    assert User.objects.get().check_password(GOOD)


def test_adds_nobody_when_the_two_passwords_differ(monkeypatch):
    answers = iter([GOOD, "sails-and-lighthoses"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    with pytest.raises(CommandError, match="differ"):
        call_command("adduser", "alice")
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["alice", "Alice"])
def test_refuses_a_name_that_is_taken(adduser, name):
    User.objects.create_user("alice", password="first-of-all-passwords")
    with pytest.raises(CommandError, match="already"):
        adduser(name)
    assert User.objects.get().check_password("first-of-all-passwords")


def test_refuses_an_address_that_is_taken(adduser):
    User.objects.create_user("alice", email="alice@example.org")
    with pytest.raises(CommandError, match="already"):
        adduser("alicia", "--email", "Alice@example.org")


@pytest.mark.parametrize(
    ("arguments", "password", "says"),
    [
        (["alice"], "", "too short"),
        (["alice"], "short", "too short"),
        (["alice"], "password1234", "too common"),
        (["alice-anderson"], "alice-anderson", "too similar"),
        (["alice"], "12345678901234567890", "too common|numeric"),
        (["al ice"], GOOD, "valid username"),
        (["alice", "--email", "nowhere"], GOOD, "valid email"),
    ],
)
def test_refuses_what_is_not_valid(adduser, arguments, password, says):
    with pytest.raises(CommandError, match=says):
        adduser(*arguments, stdin=f"{password}\n")
    assert not User.objects.exists()
