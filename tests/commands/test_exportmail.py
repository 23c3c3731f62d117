"""The operator takes somebody's mail out."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import MailAccount, User
from mailbox.delivery import deliver, prepare

OCTETS = b"Subject: nul and no final line end\r\n\r\n\0From here"


@pytest.fixture(autouse=True)
def accounts(db) -> None:
    for name in ("alice", "bob"):
        user = User.objects.create_user(name)
        account = MailAccount.objects.create(owner=user, address=f"{name}@example.org", name="Home")
        with transaction.atomic():
            deliver(account, [prepare(account, OCTETS)])
    User.objects.create_user("charlie")


def exportmail(*arguments: object, user: str = "alice") -> str:
    out = io.StringIO()
    call_command("exportmail", user, *map(str, arguments), stdout=out)
    return out.getvalue()


def test_writes_an_mbox_for_each_folder_of_ones_own_accounts(tmp_path):
    out = exportmail(tmp_path / "out")
    assert out == f"       1  {tmp_path}/out/alice@example.org/inbox.mbox\nExported 1 messages.\n"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["alice@example.org"]


@pytest.mark.parametrize(("form", "files"), [("eml", "inbox/*.eml"), ("maildir", "inbox/new/*")])
def test_single_files_hold_the_octets_as_received(tmp_path, form, files):
    exportmail(tmp_path, "--format", form)
    [path] = (tmp_path / "alice@example.org").glob(files)
    assert path.read_bytes() == OCTETS


def test_one_account_can_be_chosen(tmp_path):
    assert "Exported 1" in exportmail(tmp_path, "--address", "Alice@example.org")
    with pytest.raises(CommandError, match=r"alice owns no account bob@example\.org"):
        exportmail(tmp_path, "--address", "bob@example.org")


def test_nothing_is_overwritten_unless_forced(tmp_path):
    exportmail(tmp_path)
    path = tmp_path / "alice@example.org" / "inbox.mbox"
    path.write_bytes(b"precious")
    with pytest.raises(CommandError, match=r"inbox\.mbox exists already; --force"):
        exportmail(tmp_path)
    assert path.read_bytes() == b"precious"

    exportmail(tmp_path, "--force")
    assert path.read_bytes().startswith(b"From ")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CommandError, match="file"):
        exportmail(tmp_path / "file" / "out")


@pytest.mark.parametrize(("user", "words"), [("nobody", "nobody named nobody"), ("charlie", "charlie owns no account")])
def test_says_when_there_is_nothing_to_export(tmp_path, user, words):
    with pytest.raises(CommandError, match=words):
        exportmail(tmp_path, user=user)
