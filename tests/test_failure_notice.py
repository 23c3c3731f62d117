"""After two days nothing more is tried, and the sender finds that in the inbox, in plain words, beside the message."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import MailAccount
from mailbox.mime.parse import parse
from mailbox.models import Folder, Message, Outgoing, Recipient
from mailbox.sending import rounds
from tests.misbehaving_smtp import MisbehavingSmtp
from tests.outgoing import point_to, queued, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
Status = Recipient.Status


def grow_old(outgoing: Outgoing, **columns: object) -> None:
    long_ago = timezone.now() - timedelta(hours=49)
    Outgoing.objects.filter(pk=outgoing.pk).update(queued_at=long_ago, attempt_count=50, **columns)


def notices() -> list[Message]:
    return list(Message.objects.filter(folder=Folder.INBOX))


def test_tells_the_sender_whom_it_did_not_reach_and_why(account: MailAccount) -> None:
    with MisbehavingSmtp({"RCPT": ["250 Ok", "450 4.2.0 Greylisted", "451 4.3.0 Full"]}) as server:
        point_to(account, server.port)
        outgoing = queued(account, to="dana@far.test, erin@far.test, frank@far.test", subject="Tee für zwei")
        grow_old(outgoing)
        rounds.send_from(account.pk)
    assert statuses(outgoing) == {"dana": Status.ACCEPTED, "erin": Status.REFUSED, "frank": Status.REFUSED}
    [message] = notices()
    parsed = parse(message.octets)
    assert (message.account, message.is_read) == (account, False)
    assert parsed.header.subject == "Not delivered: Tee für zwei"
    assert [each.address for each in parsed.header.to] == [account.address]
    text = parsed.text()
    assert "erin@far.test" in text
    assert "450 4.2.0 Greylisted" in text
    assert "frank@far.test" in text
    assert "451 4.3.0 Full" in text
    assert "dana@far.test" not in text


def test_stands_beside_the_message_and_is_answered_by_no_program(account: MailAccount) -> None:
    with MisbehavingSmtp({"RCPT": "450 4.2.0 Greylisted"}) as server:
        point_to(account, server.port)
        outgoing = queued(account)
        grow_old(outgoing)
        rounds.send_from(account.pk)
    [message] = notices()
    assert outgoing.sent_copy
    assert message.thread_id == outgoing.sent_copy.thread_id
    assert message.octets.startswith(b"Return-Path: <>\r\nAuto-Submitted: auto-replied\r\n")


def test_comes_in_the_language_of_the_writer(account: MailAccount) -> None:
    account.owner.language = "ja"
    account.owner.save()
    with MisbehavingSmtp({"CONNECT": "421 4.3.2 Busy"}) as server:
        point_to(account, server.port)
        outgoing = queued(account, subject="")
        grow_old(outgoing)
        rounds.send_from(account.pk)
    assert statuses(outgoing) == {"dana": Status.REFUSED}
    [message] = notices()
    assert "421 4.3.2 Busy" in parse(message.octets).text()


def test_names_the_time_by_the_clock_of_the_writer(account: MailAccount) -> None:
    account.owner.time_zone = "Asia/Tokyo"
    account.owner.save()
    with MisbehavingSmtp({"RCPT": "550 5.1.1 Who?"}) as server:
        point_to(account, server.port)
        queued(account)
        rounds.send_from(account.pk)
    [message] = notices()
    assert parse(message.octets).header.field("Date").endswith(" +0900")


def test_comes_once_and_not_before_its_time(account: MailAccount) -> None:
    with MisbehavingSmtp({"RCPT": "450 4.2.0 Greylisted"}) as server:
        point_to(account, server.port)
        outgoing = queued(account)
        rounds.send_from(account.pk)
        assert notices() == []
        grow_old(outgoing, due_at=timezone.now())
        rounds.send_from(account.pk)
        rounds.send_from(account.pk)
    assert len(notices()) == 1


@pytest.mark.parametrize("subject", ["a\x07b", "x" * 3000, "=?utf-8?q?=0A?="])
def test_no_subject_keeps_it_back(account: MailAccount, subject: str) -> None:
    with MisbehavingSmtp({"RCPT": "450 4.2.0 Greylisted"}) as server:
        point_to(account, server.port)
        outgoing = queued(account)
        grow_old(outgoing, subject=subject)
        rounds.send_from(account.pk)
    assert len(notices()) == 1
