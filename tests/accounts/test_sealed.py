"""What was typed and not saved goes through the page sealed."""

import time

import pytest

from accounts import sealed
from accounts.fields import keyring
from accounts.sealed import seal, unseal


def test_opens_for_the_same_person():
    assert unseal(seal("pässword", user_pk=7), user_pk=7) == "pässword"


def test_shows_nothing():
    assert "password" not in seal("password", user_pk=7)


@pytest.mark.parametrize("token", ["", "rubbish", "é", "gAAAA"])
def test_rubbish_opens_to_nothing(token):
    assert unseal(token, user_pk=7) == ""


def test_does_not_open_for_somebody_else():
    assert unseal(seal("password", user_pk=7), user_pk=70) == ""


def test_does_not_open_what_was_stored_and_not_sealed():
    assert unseal(keyring().encrypt(b"password").decode(), user_pk=7) == ""


def test_opens_for_an_hour_only():
    token = keyring().encrypt_at_time(b"form of 7:password", int(time.time()) - sealed.SECONDS - 5).decode()
    assert unseal(token, user_pk=7) == ""
