"""`manage.py sendmail`, as programs call sendmail(8)."""

import io
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from accounts.models import MailAccount, Membership, SubmissionServer, User
from mailbox import outbox
from mailbox.mime.parse import parse
from mailbox.models import Outgoing, Recipient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
Header = Recipient.Header
TEXT = (
    b"To: Dana <dana@far.test>\nCc: erin@far.test\nBcc: grace@far.test,\n frank@far.test\n"
    b"Subject: Report\n\nAll well.\n"
)


@pytest.fixture
def sendmail(monkeypatch: pytest.MonkeyPatch):
    """sendmail(arguments, text) queues a message; return what was printed."""

    def run(*arguments: str, text: bytes = TEXT) -> str:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text)))
        out = io.StringIO()
        call_command("sendmail", *arguments, stdout=out)
        return out.getvalue()

    return run


def recipients() -> list[tuple[str, str]]:
    return list(Outgoing.objects.get().recipients.values_list("header", "address"))


def test_queues_for_the_recipients_that_are_named(sendmail, account: MailAccount, alice: User):
    printed = sendmail("alice", "dana@far.test", "heidi@far.test")
    outgoing = Outgoing.objects.get()
    assert printed == f"{outgoing.message_id}\n"
    assert recipients() == [(Header.TO, "dana@far.test"), (Header.BCC, "heidi@far.test")]
    assert (outgoing.writer, outgoing.account, outgoing.reverse_path) == (alice, account, "alice@home.test")
    assert set(outgoing.recipients.values_list("status", flat=True)) == {Recipient.Status.QUEUED}


def test_completes_the_message(sendmail, account: MailAccount):
    sendmail("alice", "dana@far.test", text=b"Subject: x\n\nHello\n")
    outgoing = Outgoing.objects.get()
    header = parse(outgoing.original.octets).header
    assert [each.address for each in header.from_] == ["alice@home.test"]
    assert header.message_id == outgoing.message_id
    assert header.message_id.endswith("@home.test")
    assert header.date


def test_the_date_is_by_the_clock_of_the_person(sendmail, account: MailAccount, alice: User):
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    sendmail("alice", "dana@far.test", text=b"Subject: x\n\nHello\n")
    assert parse(Outgoing.objects.get().original.octets).header.field("Date").endswith(" +0900")


def test_with_t_the_header_names_the_recipients_and_shows_no_blind_ones(sendmail, account: MailAccount):
    sendmail("-t", "-i", "alice")
    assert recipients() == [
        (Header.TO, "dana@far.test"),
        (Header.CC, "erin@far.test"),
        (Header.BCC, "grace@far.test"),
        (Header.BCC, "frank@far.test"),
    ]
    octets = Outgoing.objects.get().original.octets
    assert b"grace" not in octets
    assert b"frank" not in octets
    assert octets.endswith(b"Cc: erin@far.test\r\nSubject: Report\r\n\r\nAll well.\r\n")


def test_blind_copies_stay_blind_when_it_is_taken_back(sendmail, account: MailAccount):
    sendmail("-t", "alice")
    draft = outbox.cancel(Outgoing.objects.get())
    assert (draft.to, draft.cc) == ('"Dana" <dana@far.test>', "erin@far.test")
    assert draft.bcc == "grace@far.test, frank@far.test"


def test_with_t_further_recipients_may_be_named(sendmail, account: MailAccount):
    sendmail("-t", "alice", "heidi@far.test")
    assert len(recipients()) == 5


def test_f_chooses_the_account(sendmail, account: MailAccount, alice: User):
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    SubmissionServer.objects.create(account=work, host="127.0.0.1", port=9)
    sendmail("-f", "Alice@work.test", "alice", "dana@far.test")
    assert Outgoing.objects.get().account == work
    assert Outgoing.objects.get().reverse_path == "alice@work.test"


def test_a_member_who_may_send_is_the_writer(sendmail, account: MailAccount, bob: User):
    Membership.objects.update(role=Membership.Role.SEND)
    sendmail("bob", "dana@far.test")
    assert Outgoing.objects.get().writer == bob


@pytest.mark.parametrize(
    ("arguments", "text", "says"),
    [
        (["nobody", "dana@far.test"], TEXT, "nobody named nobody"),
        (["bob", "dana@far.test"], TEXT, "bob can send from no account"),
        (["-f", "alice@far.test", "alice", "dana@far.test"], TEXT, "no account named alice@far.test"),
        (["alice"], TEXT, "no recipient"),
        (["-t", "alice"], b"Subject: for whom?\n\n", "no recipient"),
        (["-t", "alice"], b"To: dana\n\n", "not an address"),
        (["alice", "dana"], TEXT, "not an address"),
        (["alice", "dana@far.test\r\nRCPT TO:<grace@far.test>"], TEXT, "line break"),
        (["alice", "dana@far.test>\x00"], TEXT, "line break"),
        (["-f", "alice@home.test\nBcc: x@far.test", "alice", "dana@far.test"], TEXT, "no account named"),
    ],
)
def test_says_what_is_wrong_and_queues_nothing(sendmail, account: MailAccount, arguments, text, says):
    with pytest.raises(CommandError, match=says):
        sendmail(*arguments, text=text)
    assert not Outgoing.objects.exists()


def test_a_message_over_the_limit_is_refused(sendmail, account: MailAccount, settings):
    settings.MESSAGE_OCTETS_LIMIT = 1_000
    with pytest.raises(CommandError, match="larger"):
        sendmail("alice", "dana@far.test", text=TEXT + b"x" * 1_000)


def test_an_account_without_a_server_cannot_send(sendmail, account: MailAccount):
    SubmissionServer.objects.all().delete()
    with pytest.raises(CommandError, match="can send from no account"):
        sendmail("alice", "dana@far.test")
