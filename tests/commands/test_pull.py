"""`manage.py pull`: what it prints, and how it ends."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import MailAccount, RemoteMaildrop, User
from mailbox import maildrop
from mailbox import pull as pull_flow
from mailbox.management.commands.pop3d import _PostOffice
from mailbox.management.commands.pull import Command
from mailbox.models import Message
from mailbox.pop3 import PopServer
from tests.cast import PASSWORD, octets_of, remote_maildrop
from tests.servers import free_port

pytestmark = pytest.mark.django_db(transaction=True)
FIELDS = ["address", "status", "retrieved", "known", "deleted", "oversize", "octets", "seconds", "error"]


@pytest.fixture
def port():
    """A POP3 server with the local maildrops."""
    server = PopServer("127.0.0.1", 0, post_office=_PostOffice(), hostname="mail.home.test", login_delay_seconds=0)
    server.start()
    yield server.port
    server.stop()


@pytest.fixture
def remote(account: MailAccount, local_maildrop, port: int) -> RemoteMaildrop:
    """Alice's account pulls her local maildrop, in which two messages wait."""
    for subject in ("one", "two"):
        maildrop.deposit(local_maildrop, octets_of(subject))
    return remote_maildrop(account, port=port, login="alice@home.test", password=PASSWORD)


@pytest.fixture
def broken(alice: User) -> RemoteMaildrop:
    """An account whose server is down."""
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    return remote_maildrop(work, port=free_port(), login="alice", password="x")


def pull(*arguments: str) -> tuple[str, int]:
    """Run the command; return what it printed and its exit status."""
    out = io.StringIO()
    try:
        call_command("pull", *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


def pull_json(*arguments: str) -> tuple[list[dict[str, Any]], int]:
    printed, status = pull("--json", *arguments)
    answer = json.loads(printed)
    assert list(answer) == ["accounts"]
    assert all(list(row) == FIELDS for row in answer["accounts"])
    return answer["accounts"], status


def test_tells_in_json_what_was_done(remote: RemoteMaildrop):
    [row], status = pull_json()
    assert row.pop("seconds") > 0
    assert row == {
        "address": "alice@home.test",
        "status": "ok",
        "retrieved": 2,
        "known": 0,
        "deleted": 0,
        "oversize": 0,
        "octets": len(octets_of("one")) + len(octets_of("two")),
        "error": "",
    }
    assert status == 0
    assert Message.objects.count() == 2


def test_counts_what_is_known_and_what_was_deleted(remote: RemoteMaildrop):
    pull()
    remote.mode = RemoteMaildrop.Mode.DELETE
    remote.save()
    [row], _status = pull_json()
    assert (row["retrieved"], row["known"], row["deleted"]) == (0, 2, 2)


def test_counts_what_is_too_large(remote: RemoteMaildrop, local_maildrop, settings):
    settings.MESSAGE_OCTETS_LIMIT = 5_000
    maildrop.deposit(local_maildrop, octets_of("large", text="x" * 6_000))
    [row], status = pull_json()
    assert (row["status"], row["retrieved"], row["oversize"], status) == ("ok", 2, 1, 0)


def test_a_failed_account_makes_status_1_and_keeps_no_other_from_its_mail(
    broken: RemoteMaildrop, remote: RemoteMaildrop
):
    rows, status = pull_json()
    assert {row["address"]: row["status"] for row in rows} == {"alice@work.test": "failed", "alice@home.test": "ok"}
    assert [bool(row["error"]) for row in rows] == [row["status"] == "failed" for row in rows]
    assert status == 1
    assert Message.objects.count() == 2


def test_pulls_only_who_is_named(broken: RemoteMaildrop, remote: RemoteMaildrop):
    rows, status = pull_json("alice@home.test")
    assert [row["address"] for row in rows] == ["alice@home.test"]
    assert status == 0


def test_a_paused_account_is_left_alone_unless_it_is_named(remote: RemoteMaildrop):
    RemoteMaildrop.objects.update(is_paused=True, trouble="password", last_error="Authentication failed")
    [row], status = pull_json()
    assert (row["status"], row["retrieved"], status) == ("paused", 0, 0)
    assert "Authentication failed" in row["error"]
    [row], status = pull_json("alice@home.test")
    assert (row["status"], row["retrieved"], status) == ("ok", 2, 0)


def test_an_account_that_is_being_pulled_is_busy(remote: RemoteMaildrop):
    assert remote.claim(timezone.now())
    [row], status = pull_json()
    assert (row["status"], row["retrieved"], status) == ("busy", 0, 0)


def test_without_accounts_there_is_nothing_to_say(db):
    assert pull_json() == ([], 0)
    assert pull() == ("", 0)


def test_an_address_that_is_no_account_is_named(remote: RemoteMaildrop):
    with pytest.raises(CommandError, match=r"No account pulls mail for nobody@home\.test"):
        pull("alice@home.test", "nobody@home.test")
    assert not Message.objects.exists()


def test_says_it_in_words(broken: RemoteMaildrop, remote: RemoteMaildrop):
    printed, status = pull()
    down, up = sorted(printed.splitlines(), reverse=True)
    assert up.startswith("alice@home.test: 2 new, 0 known, 0 deleted there; ")
    assert down.startswith("alice@work.test: ")
    assert "cannot be reached" in down
    assert status == 1


def test_says_in_words_who_is_paused_and_who_is_busy(broken: RemoteMaildrop, remote: RemoteMaildrop):
    RemoteMaildrop.objects.filter(pk=broken.pk).update(is_paused=True)
    assert remote.claim(timezone.now())
    assert sorted(pull()[0].splitlines()) == ["alice@home.test: another pull is at work", "alice@work.test: paused."]


def test_a_terminal_shows_a_progress_bar(remote: RemoteMaildrop):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    call_command("pull", stdout=io.StringIO(), stderr=screen)
    assert f"\r\033[Kalice@home.test: [{'#' * 30}] 2 of 2, newest first" in screen.getvalue()
    assert screen.getvalue().endswith("\r\033[K")


def test_the_bar_goes_on_through_the_sessions_of_a_first_pull(remote: RemoteMaildrop, monkeypatch):
    seen = []
    monkeypatch.setattr(pull_flow, "SESSION_COUNT", 1)
    monkeypatch.setattr(Command, "_show_progress", lambda _command, *shown: seen.append(shown))

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    call_command("pull", stdout=io.StringIO(), stderr=Terminal())
    assert seen[-1] == ("alice@home.test", 2, 2)
    assert {wanted for _address, _done, wanted in seen} == {2}
    assert [done for _address, done, _wanted in seen] == sorted(done for _address, done, _wanted in seen)
    assert list(Message.objects.order_by("pk").values_list("subject", flat=True)) == ["two", "one"]
