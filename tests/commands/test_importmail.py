"""The operator brings somebody's old mail in."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import MailAccount, User
from mailbox.management.commands.importmail import _Bar
from mailbox.models import Message
from mailbox.transfer import Tally

MBOX = b"From a Mon Nov  3 09:14:00 2025\nSubject: one\n\nOne\n\nFrom a Mon Nov  3 09:15:00 2025\nSubject: two\n\n\n"


@pytest.fixture(autouse=True)
def account(db) -> MailAccount:
    alice = User.objects.create_user("alice")
    User.objects.create_user("charlie")
    return MailAccount.objects.create(owner=alice, address="alice@example.org", name="Home")


@pytest.fixture
def mbox(tmp_path):
    path = tmp_path / "old.mbox"
    path.write_bytes(MBOX)
    return path


def importmail(*arguments: object, user: str = "alice") -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("importmail", user, "alice@example.org", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def places() -> set[tuple[str, bool]]:
    return set(Message.objects.values_list("folder", "is_read"))


def test_imports_and_says_how_many(mbox):
    assert importmail(mbox) == ("Imported 2 of 2 messages into alice@example.org.\n", "")
    assert places() == {("archive", True)}


def test_a_second_import_says_that_nothing_is_new(mbox):
    importmail(mbox)
    assert importmail(mbox)[0] == "Imported 0 of 2 messages into alice@example.org; 2 were there already.\n"


@pytest.mark.parametrize(("option", "folder"), [("--inbox", "inbox"), ("--sent", "sent")])
def test_mail_goes_into_the_folder_that_is_named(mbox, option, folder):
    importmail(option, mbox)
    assert places() == {(folder, True)}


def test_mail_can_stay_unread(mbox):
    importmail("--unread", "--inbox", mbox)
    assert places() == {("inbox", False)}


def test_what_is_no_mail_is_named_and_the_rest_imported(mbox, tmp_path):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    out, err = importmail(tmp_path / "picture.png", mbox, tmp_path / "missing")
    assert out == "Imported 2 of 2 messages into alice@example.org.\n"
    assert "picture.png is no mail" in err
    assert "missing does not exist" in err


@pytest.mark.parametrize("content", [b"\x89PNG", b""])
def test_fails_when_no_mail_could_be_read(tmp_path, content):
    (tmp_path / "picture.mbox").write_bytes(content)
    with pytest.raises(CommandError, match="No mail could be read"):
        importmail(tmp_path / "picture.mbox")
    assert not Message.objects.exists()


def test_nobody_imports_into_the_account_of_somebody_else(mbox):
    with pytest.raises(CommandError, match="charlie owns no account"):
        importmail(mbox, user="charlie")
    assert not Message.objects.exists()


def test_draws_a_bar_on_a_terminal_and_wipes_it(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stderr", terminal)
    bar = _Bar(200)
    bar.advance(100, Tally(found=7))
    bar.end()
    assert terminal.getvalue() == f"\r[{'#' * 15}{' ' * 15}]  50%  7 messages \r\033[K"


def test_draws_nothing_into_a_file(monkeypatch):
    log = io.StringIO()
    monkeypatch.setattr("sys.stderr", log)
    bar = _Bar(200)
    bar.advance(100, Tally(found=7))
    bar.end()
    assert log.getvalue() == ""
