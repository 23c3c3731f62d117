"""Secrets are unreadable in the database, keys rotate, and a lost key breaks nothing."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from accounts.fields import UnreadableSecret
from accounts.models import MailAccount, RemoteMaildrop, User

pytestmark = pytest.mark.django_db
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def maildrop(settings):
    settings.FIELD_KEYS = [OLD]
    account = MailAccount.objects.create(owner=User.objects.create_user("alice"), address="alice@example.org")
    return RemoteMaildrop.objects.create(account=account, host="pop.example.org", port=995, password="pässword")


def stored(maildrop: RemoteMaildrop) -> str:
    """What the column holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM accounts_remotemaildrop WHERE id = %s", [maildrop.pk])
        return cursor.fetchone()[0]


def test_the_database_holds_no_plain_password(maildrop):
    assert "pässword" not in stored(maildrop)
    assert Fernet(OLD).decrypt(stored(maildrop)).decode() == "pässword"
    assert RemoteMaildrop.objects.get().password == "pässword"


def test_equal_passwords_are_stored_differently(maildrop):
    first = stored(maildrop)
    maildrop.save()
    assert stored(maildrop) != first


def test_no_password_is_stored_as_none(maildrop):
    maildrop.password = ""
    maildrop.save()
    assert stored(maildrop) == ""
    assert RemoteMaildrop.objects.get().password == ""


def test_the_first_key_encrypts_and_every_key_decrypts(maildrop, settings):
    settings.FIELD_KEYS = [NEW, OLD]
    found = RemoteMaildrop.objects.get()
    assert found.password == "pässword"
    found.save()
    settings.FIELD_KEYS = [NEW]
    assert RemoteMaildrop.objects.get().password == "pässword"


def test_a_lost_key_reads_as_an_empty_password(maildrop, settings):
    settings.FIELD_KEYS = [NEW]
    password = RemoteMaildrop.objects.get().password
    assert isinstance(password, UnreadableSecret)
    assert password == ""


def test_saving_under_a_lost_key_keeps_the_token(maildrop, settings):
    before = stored(maildrop)
    settings.FIELD_KEYS = [NEW]
    found = RemoteMaildrop.objects.get()
    found.every_minutes = 60
    found.save()
    assert stored(maildrop) == before
    settings.FIELD_KEYS = [NEW, OLD]
    assert RemoteMaildrop.objects.get().password == "pässword"


def test_an_altered_token_reads_as_an_empty_password(maildrop):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_remotemaildrop SET password = %s", ["not a token é"])
    assert RemoteMaildrop.objects.get().password == ""


def test_a_key_that_is_none_is_named_as_such(maildrop, settings):
    settings.FIELD_KEYS = ["secret"]
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        RemoteMaildrop.objects.get()
