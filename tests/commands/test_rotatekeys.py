"""Rotating keys: every secret moves, in any number of tries, and the old key goes only when nothing needs it."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from accounts import rotation
from accounts.fields import UnreadableSecret, current_keys
from accounts.models import RemoteMaildrop, SubmissionServer
from mailbox.models import VapidKey
from tests.cast import remote_maildrop
from webmail.keys import read_or_make

SECRET = "hush-hush-hush"


@pytest.fixture
def key_file(settings, tmp_path):
    path = tmp_path / "keys"
    read_or_make(path)
    settings.FIELD_KEYS_FILE = path
    return path


@pytest.fixture
def secrets(key_file, account, alice):
    remote_maildrop(account, port=110, login="a", password=SECRET)
    SubmissionServer.objects.create(account=account, host="h", port=465, password=SECRET)
    VapidKey.current()
    token = Fernet(current_keys()[0]).encrypt(b"JBSWY3DP").decode()
    return Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": token})


def rotate(*arguments: str) -> str:
    out = StringIO()
    call_command("rotatekeys", *arguments, stdout=out)
    return out.getvalue()


def test_every_secret_moves_to_the_new_key(secrets, key_file):
    old, secret_key = current_keys(), read_or_make(key_file)["SECRET_KEY"]
    vapid = VapidKey.current().private
    assert "4 secrets encrypted anew" in rotate()
    assert current_keys()[1:] == old
    rotate("--drop-old")
    assert (len(current_keys()), read_or_make(key_file)["SECRET_KEY"]) == (1, secret_key)
    assert current_keys() != old
    assert RemoteMaildrop.objects.get().password == SubmissionServer.objects.get().password == SECRET
    assert VapidKey.current().private == vapid
    token = Authenticator.objects.get().data["secret"]
    assert Fernet(current_keys()[0]).decrypt(token.encode()) == b"JBSWY3DP"


def test_the_file_is_for_its_owner_alone(secrets, key_file):
    rotate()
    assert key_file.stat().st_mode & 0o077 == 0


def test_goes_on_where_it_was_interrupted(secrets, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(rotation, "_reencrypt_factors", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rotate()
    keys = current_keys()
    with pytest.raises(CommandError, match="1 secrets still need an old key"):
        rotate("--drop-old")
    assert "1 secrets encrypted anew, 3 were already" in rotate()
    assert current_keys() == keys


def test_what_was_typed_meanwhile_stays(secrets, monkeypatch):
    replace = rotation._replace

    def typed(model, field, pk, token, renewed):
        if model is RemoteMaildrop:
            RemoteMaildrop.objects.update(password="fresh")
        replace(model, field, pk, token, renewed)

    monkeypatch.setattr(rotation, "_replace", typed)
    rotate()
    assert RemoteMaildrop.objects.get().password == "fresh"


def test_a_secret_that_no_key_opens_stays_for_its_key_to_come_back(secrets, key_file):
    kept = key_file.read_bytes()
    key_file.write_bytes(kept.replace(current_keys()[0].encode(), Fernet.generate_key()))
    assert "4 cannot be read by any key" in rotate()
    assert isinstance(RemoteMaildrop.objects.get().password, UnreadableSecret)
    key_file.write_bytes(kept)
    assert RemoteMaildrop.objects.get().password == SECRET


def test_prints_what_to_set_where_the_keys_come_from_the_environment(secrets, settings):
    settings.FIELD_KEYS, settings.FIELD_KEYS_FILE = list(current_keys()), None
    said = rotate()
    (line,) = [each for each in said.splitlines() if each.startswith("FIELD_KEYS=")]
    settings.FIELD_KEYS = line.partition("=")[2].split(",")
    assert "4 secrets encrypted anew" in rotate()
    assert "first of FIELD_KEYS alone" in rotate("--drop-old")
