"""The operator gives people their mail accounts."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import MailAccount, RemoteMaildrop, User
from mailbox.models import Original, Outgoing

pytestmark = pytest.mark.django_db
POP3 = "pop3s://alice%40example.org:se%2Fcret@pop.example.org"
FINGERPRINT = "0a1b" * 16
SMTP = "smtp+starttls://alice:other@smtp.example.org:2525"


@pytest.fixture
def alice():
    return User.objects.create_user("alice", first_name="Alice", last_name="Anderson")


def addaccount(*arguments: str, pop3: str = POP3, smtp: str = SMTP) -> str:
    out = io.StringIO()
    call_command("addaccount", "alice", "alice@example.org", "--pop3", pop3, "--smtp", smtp, *arguments, stdout=out)
    return out.getvalue()


def test_adds_an_account_with_both_servers(alice):
    assert addaccount() == "Added alice@example.org for alice.\n"
    account = MailAccount.objects.get(owner=alice)
    maildrop, submission = account.remote_maildrop, account.submission_server
    assert (maildrop.host, maildrop.port, maildrop.security) == ("pop.example.org", 995, "tls")
    assert (maildrop.login, maildrop.password) == ("alice@example.org", "se/cret")
    assert (submission.host, submission.port, submission.security) == ("smtp.example.org", 2525, "starttls")
    assert (submission.login, submission.password) == ("alice", "other")


def test_a_new_account_keeps_mail_on_the_server_and_is_due_at_once(alice):
    addaccount()
    maildrop = RemoteMaildrop.objects.get()
    assert (maildrop.mode, maildrop.every_minutes) == ("keep", 5)
    assert RemoteMaildrop.objects.due(timezone.now()).get() == maildrop


def test_what_waits_for_an_account_that_is_changed_is_tried_again(alice):
    addaccount()
    account = MailAccount.objects.get()
    original = Original.stored(alice.pk, b"Subject: Waits\r\n\r\nText\r\n")
    later = timezone.now() + timedelta(hours=1)
    Outgoing.objects.create(account=account, writer=alice, original=original, due_at=later)
    assert addaccount() == "Changed alice@example.org for alice.\n"
    assert Outgoing.objects.due(timezone.now()).exists()


def test_the_owner_writes_under_the_full_name(alice):
    addaccount()
    identity = MailAccount.objects.get().default_identity()
    assert str(identity) == "Alice Anderson <alice@example.org>"


def test_accounts_get_different_colours(alice):
    addaccount()
    call_command("addaccount", "alice", "a@example.org", pop3=POP3, smtp=SMTP, stdout=io.StringIO(), name="Second")
    assert sorted(MailAccount.objects.values_list("colour", "name")) == [(0, "alice@example.org"), (1, "Second")]


def test_the_operator_may_name_private_hosts(alice):
    addaccount(pop3="pop3://a:b@127.0.0.1:2110", smtp="smtp://a:b@127.0.0.1:2525")
    account = MailAccount.objects.get()
    assert account.remote_maildrop.may_be_private
    assert account.submission_server.may_be_private


@pytest.mark.parametrize(
    ("arguments", "mode", "days"),
    [(["--keep"], "keep", 14), (["--delete"], "delete", 14), (["--delete-after", "30"], "delete-after", 30)],
)
def test_what_happens_on_the_server(alice, arguments, mode, days):
    addaccount(*arguments)
    maildrop = RemoteMaildrop.objects.get()
    assert (maildrop.mode, maildrop.delete_after_days) == (mode, days)


def test_leaves_only_the_newest_there(alice):
    addaccount("--leave-newest", "20", "--preview-over", "7")
    maildrop = RemoteMaildrop.objects.get()
    assert (maildrop.mode, maildrop.leave_newest, maildrop.preview_over_mb) == ("leave-newest", 20, 7)


def test_recent_mode_goes_on_and_off_and_stays_when_nothing_is_said(alice):
    for argument, is_recent in ((["--recent"], True), ([], True), (["--no-recent"], False)):
        addaccount(*argument)
        assert RemoteMaildrop.objects.get().is_recent is is_recent


def test_recent_mode_does_not_begin_where_messages_are_deleted(alice):
    addaccount("--delete")
    with pytest.raises(CommandError, match="Recent mode leaves everything"):
        addaccount("--recent")
    assert not RemoteMaildrop.objects.get().is_recent


@pytest.mark.parametrize("typed", [FINGERPRINT, ":".join(["0A", "1B"] * 16)])
def test_a_certificate_is_accepted_by_its_fingerprint_however_it_is_printed(alice, typed):
    addaccount("--fingerprint", typed)
    assert RemoteMaildrop.objects.get().fingerprint == FINGERPRINT


@pytest.mark.parametrize(
    ("arguments", "pop3", "fingerprint"),
    [
        ([], POP3, FINGERPRINT),
        (["--fingerprint", ""], POP3, ""),
        ([], POP3.replace("pop.example", "pop2.example"), ""),
        ([], f"{POP3}:2110", ""),
        ([], POP3.replace("pop3s", "pop3+starttls"), ""),
        ([], POP3.replace("pop3s", "pop3+starttls") + ":995", ""),
    ],
)
def test_an_accepted_certificate_stays_until_it_is_forgotten_or_the_server_changes(alice, arguments, pop3, fingerprint):
    addaccount("--fingerprint", FINGERPRINT)
    addaccount(*arguments, pop3=pop3)
    assert RemoteMaildrop.objects.get().fingerprint == fingerprint


def test_a_second_time_changes_the_same_account(alice):
    addaccount("--delete", "--every", "10", "--name", "Home")
    MailAccount.objects.update(colour=5)
    RemoteMaildrop.objects.update(is_paused=True)
    again = POP3.replace("se%2Fcret", "changed")
    assert addaccount(pop3=again) == "Changed alice@example.org for alice.\n"
    account = MailAccount.objects.get()
    maildrop = account.remote_maildrop
    assert (account.name, account.colour, account.identities.count()) == ("Home", 5, 1)
    assert (maildrop.password, maildrop.mode, maildrop.every_minutes) == ("changed", "delete", 10)
    assert not maildrop.is_paused


def test_a_pull_under_way_is_left_alone(alice):
    addaccount()
    now = timezone.now()
    assert RemoteMaildrop.objects.get().claim(now)
    addaccount("--every", "10")
    maildrop = RemoteMaildrop.objects.get()
    assert (maildrop.every_minutes, maildrop.claimed_at) == (10, now)


@pytest.mark.parametrize(
    ("arguments", "pop3", "smtp", "says"),
    [
        ([], "imap://a:hush@h", SMTP, "--pop3: A server begins with"),
        ([], SMTP, SMTP, "--pop3: This is the URL of a server for SMTP"),
        ([], POP3, POP3, "--smtp: This is the URL of a server for POP3"),
        ([], "pop3s://pop.example.org", SMTP, "needs a login"),
        (["--every", "0"], POP3, SMTP, "every_minutes"),
        (["--delete-after", "0"], POP3, SMTP, "delete_after_days"),
        (["--leave-newest", "0"], POP3, SMTP, "leave_newest"),
        (["--preview-over", "0"], POP3, SMTP, "preview_over_mb"),
        (["--recent", "--delete"], POP3, SMTP, "Recent mode"),
        (["--fingerprint", "0a1b"], POP3, SMTP, "64 hexadecimal digits"),
    ],
)
def test_refuses_what_is_not_valid_and_adds_nothing(alice, arguments, pop3, smtp, says):
    with pytest.raises(CommandError, match=says):
        addaccount(*arguments, pop3=pop3, smtp=smtp)
    assert not MailAccount.objects.exists()


def test_refuses_an_address_that_is_none(alice):
    with pytest.raises(CommandError, match="valid email"):
        call_command("addaccount", "alice", "nowhere", pop3=POP3, smtp=SMTP)
    assert not MailAccount.objects.exists()


def test_says_how_to_add_a_person_who_is_missing():
    with pytest.raises(CommandError, match=r"manage\.py adduser"):
        call_command("addaccount", "nobody", "a@example.org", pop3=POP3, smtp=SMTP)


@pytest.mark.parametrize("arguments", [["--keep", "--delete"], ["--delete", "--leave-newest", "5"]])
def test_modes_exclude_each_other(alice, arguments):
    with pytest.raises(CommandError, match="not allowed with"):
        addaccount(*arguments)
