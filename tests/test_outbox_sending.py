"""From the queue to real servers: each recipient gets one outcome, and nothing leaves twice without a person's word."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import LocalMaildrop, MailAccount, SubmissionServer
from accounts.troubles import Trouble
from mailbox import maildrop, outbox
from mailbox.models import Deposit, Outgoing, Recipient
from tests.generated import messages
from tests.misbehaving_smtp import Drop, MisbehavingSmtp
from tests.outgoing import (
    FAR,
    draft_of,
    in_thread,
    is_finished,
    make_due,
    point_to,
    queued,
    statuses,
)
from tests.servers import free_port
from tests.smtp.offices import post_office
from tests.smtpsink import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
Status = Recipient.Status
THREE = "dana@far.test, erin@far.test, frank@far.test"


@pytest.fixture
def sink(smtp_sink: SmtpSink) -> Iterator[SmtpSink]:
    """An smtp-sink of the test's own; the shared one decides what happens where none is installed."""
    with SmtpSink() as fresh:
        yield fresh


def minutes_until_due(outgoing: Outgoing) -> float:
    outgoing.refresh_from_db()
    return (outgoing.due_at - timezone.now()) / timedelta(minutes=1)


# What arrives


def test_what_arrives_is_the_copy_in_sent(account: MailAccount, sink: SmtpSink) -> None:
    point_to(account, sink.port)
    outgoing = queued(account, to=THREE, bcc="grace@far.test", text=".\n..\nGröße 日本語\n" + "x" * 2_000)
    assert outbox.send(outgoing)
    [transaction] = sink.transactions()
    assert outgoing.sent_copy
    assert transaction.octets == outgoing.sent_copy.octets
    assert transaction.mail.startswith("<alice@home.test>")
    paths = [each.partition(" ")[0] for each in transaction.recipients]
    assert paths == ["<dana@far.test>", "<erin@far.test>", "<frank@far.test>", "<grace@far.test>"]
    assert set(statuses(outgoing).values()) == {Status.ACCEPTED}
    assert is_finished(outgoing)


def test_whatever_octets_are_queued_arrive(account: MailAccount, sink: SmtpSink) -> None:
    point_to(account, sink.port)
    for octets in messages(50):
        outgoing = outbox.queue_octets(account, account.owner, octets, reverse_path="alice@home.test", recipients=[FAR])
        outbox.send(outgoing)
    stored = [each.original.octets for each in Outgoing.objects.select_related("original")]
    assert sorted(sink.messages()) == sorted(stored)
    assert not Recipient.objects.exclude(status=Status.ACCEPTED).exists()


def test_logs_in_with_the_stored_password(account: MailAccount) -> None:
    with MisbehavingSmtp(capabilities=("PIPELINING", "AUTH PLAIN")) as server:
        point_to(account, server.port, login="alice", password="correct horse")
        outbox.send(queued(account))
    assert server.logins == [("alice", "correct horse")]


@pytest.mark.django_db(transaction=True)
def test_our_own_server_takes_some_recipients_and_refuses_others(
    account: MailAccount, local_maildrop: LocalMaildrop
) -> None:
    with post_office(find=in_thread(maildrop.find), receive=in_thread(maildrop.receive)) as office:
        point_to(account, office.port)
        outgoing = queued(account, to="alice@home.test, nobody@home.test, dana@far.test")
        outbox.send(outgoing)
    assert statuses(outgoing) == {"alice": Status.ACCEPTED, "nobody": Status.REFUSED, "dana": Status.REFUSED}
    assert outgoing.recipients.get(address=FAR).reply == "550 5.1.1 No such mailbox here"
    assert is_finished(outgoing)
    assert Deposit.objects.get().original.octets.endswith(outgoing.original.octets)


# What is tried again


def test_a_server_that_is_down_is_tried_again_later_and_later_until_it_is_up(
    account: MailAccount, smtp_sink: SmtpSink
) -> None:
    point_to(account, free_port())
    outgoing = queued(account)
    for minutes in (1, 5, 15, 60, 60):
        assert outbox.send(outgoing)
        assert statuses(outgoing) == {"dana": Status.DEFERRED}
        assert not is_finished(outgoing)
        assert minutes_until_due(outgoing) == pytest.approx(minutes, rel=0.12)
        assert "does not accept connections" in outgoing.last_error
        outgoing = make_due(outgoing)
    with SmtpSink() as sink:
        point_to(account, sink.port)
        assert outbox.send(outgoing)
        assert sink.messages() == [outgoing.original.octets]
    assert statuses(outgoing) == {"dana": Status.ACCEPTED}
    assert is_finished(outgoing)
    assert outgoing.last_error == ""


def test_only_who_was_put_off_is_tried_again(account: MailAccount) -> None:
    with MisbehavingSmtp({"RCPT": ["250 Ok", "550 5.1.1 Who?", "451 4.2.0 Not now"]}) as server:
        point_to(account, server.port)
        outgoing = queued(account, to=THREE)
        outbox.send(outgoing)
        assert statuses(outgoing) == {"dana": Status.ACCEPTED, "erin": Status.REFUSED, "frank": Status.DEFERRED}
        assert outgoing.recipients.get(address="erin@far.test").reply == "550 5.1.1 Who?"
        assert not is_finished(outgoing)
        server.commands.clear()
        outbox.send(make_due(outgoing))
        assert [each for each in server.commands if "RCPT" in each] == ["RCPT TO:<frank@far.test>"]
    assert statuses(outgoing) == {"dana": Status.ACCEPTED, "erin": Status.REFUSED, "frank": Status.ACCEPTED}
    assert is_finished(outgoing)
    assert server.messages == [outgoing.original.octets] * 2


@pytest.mark.parametrize(
    "script",
    [
        {"CONNECT": "421 4.3.2 Too busy"},
        {"CONNECT": "554 5.7.1 Go away"},
        {"CONNECT": Drop()},
        {"EHLO": Drop(is_reset=True)},
        {"MAIL": "451 4.3.0 Not now"},
        {"RCPT": "450 4.2.0 Greylisted"},
        {"DATA": "451 4.3.0 Not now"},
        {"DATA": Drop()},
        {".": "452 4.3.1 Disk full"},
        {".": "421 4.3.0 Going down"},
    ],
    ids=str,
)
def test_what_the_server_does_not_have_is_put_off(account: MailAccount, script: dict[str, Any]) -> None:
    with MisbehavingSmtp(script) as server:
        point_to(account, server.port)
        outgoing = queued(account)
        outbox.send(outgoing)
    assert statuses(outgoing) == {"dana": Status.DEFERRED}
    assert not is_finished(outgoing)
    assert outgoing.last_error
    with MisbehavingSmtp() as server:
        point_to(account, server.port)
        outbox.send(make_due(outgoing))
    assert server.messages == [outgoing.original.octets]


def test_a_line_cut_amid_the_content_is_put_off(account: MailAccount) -> None:
    with MisbehavingSmtp({"CONTENT": Drop(octets=1_000, is_reset=True)}) as server:
        point_to(account, server.port)
        outgoing = queued(account, text=f"{'more than the buffers between both ends hold ' * 20}\n" * 8_000)
        outbox.send(outgoing)
    assert statuses(outgoing) == {"dana": Status.DEFERRED}


def test_a_refused_login_is_not_tried_every_minute(account: MailAccount) -> None:
    with MisbehavingSmtp({"AUTH": "535 5.7.8 Wrong"}) as server:
        point_to(account, server.port, login="alice", password="guess me")
        outgoing = queued(account)
        outbox.send(outgoing)
    assert statuses(outgoing) == {"dana": Status.DEFERRED}
    assert minutes_until_due(outgoing) == pytest.approx(60, rel=0.12)
    assert "5.7.8 Wrong" in outgoing.last_error
    assert "guess me" not in outgoing.last_error
    assert server.verbs[-1] != "DATA"


def test_a_password_that_cannot_be_read_is_said_in_words(account: MailAccount, settings: Any) -> None:
    point_to(account, free_port(), login="alice", password="correct horse")
    settings.FIELD_KEYS = ["lgpKAqjAhNiNz-dkGSHNSVT3nB5Xh1b9YLVkTQkDNzE="]
    outgoing = queued(account)
    outbox.send(outgoing)
    assert statuses(outgoing) == {"dana": Status.DEFERRED}
    assert outgoing.recipients.get().reply == Trouble.PASSWORD_LOST.label


def test_a_server_that_was_removed_is_waited_for(account: MailAccount) -> None:
    outgoing = queued(account)
    SubmissionServer.objects.all().delete()
    outbox.send(outgoing)
    assert statuses(outgoing) == {"dana": Status.DEFERRED}
    assert "no server" in outgoing.recipients.get().reply


def test_a_server_in_a_private_network_needs_the_operators_word(account: MailAccount, sink: SmtpSink) -> None:
    point_to(account, sink.port, may_be_private=False)
    outgoing = queued(account)
    outbox.send(outgoing)
    assert statuses(outgoing) == {"dana": Status.DEFERRED}
    assert sink.messages() == []


def test_gives_up_after_two_days_and_says_what_the_server_said_last(account: MailAccount) -> None:
    with MisbehavingSmtp({"RCPT": "450 4.2.0 Greylisted"}) as server:
        point_to(account, server.port)
        outgoing = queued(account)
        Outgoing.objects.update(queued_at=timezone.now() - timedelta(hours=49), attempt_count=50)
        outbox.send(outgoing)
    recipient = outgoing.recipients.get()
    assert recipient.status == Status.REFUSED
    assert "450 4.2.0 Greylisted" in recipient.reply
    assert is_finished(outgoing)


def test_does_not_give_up_at_once_after_two_days_without_a_worker(account: MailAccount) -> None:
    point_to(account, free_port())
    outgoing = queued(account)
    Outgoing.objects.update(queued_at=timezone.now() - timedelta(hours=49))
    outbox.send(outgoing)
    assert statuses(outgoing) == {"dana": Status.DEFERRED}


# When


def test_nothing_leaves_before_its_time(account: MailAccount, sink: SmtpSink) -> None:
    point_to(account, sink.port)
    outgoing = outbox.queue(draft_of(account), send_at=timezone.now() + timedelta(days=3))
    assert not outbox.send(outgoing)
    assert sink.messages() == []
    assert outbox.send(make_due(outgoing))
    assert len(sink.messages()) == 1


def test_what_was_sent_is_not_sent_again(account: MailAccount, sink: SmtpSink) -> None:
    point_to(account, sink.port)
    outgoing = queued(account)
    assert outbox.send(outgoing)
    assert not outbox.send(Outgoing.objects.get())
    assert len(sink.messages()) == 1
