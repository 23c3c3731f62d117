"""To a server without 8BITMIME leaves the same message in 7-bit octets, and those stand in Sent."""

import pytest

from accounts.models import MailAccount
from mailbox import outbox
from mailbox.mime.parse import parse
from mailbox.models import Folder, Message, Original, Outgoing, Recipient
from tests.misbehaving_smtp import MisbehavingSmtp
from tests.outgoing import FAR, make_due, point_to, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
Status = Recipient.Status
POOR = ("PIPELINING", "SIZE 10000000")
GERMAN = (
    "From: Alice <alice@home.test>\r\nTo: dana@far.test\r\nSubject: Grüße\r\nMessage-ID: <g.1@home.test>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "Schöne Grüße aus Köln, wo es heute regnet.\r\n"
).encode()
SIGNED = GERMAN.replace(
    b"text/plain; charset=utf-8", b"multipart/signed; boundary=b; protocol=application/pgp-signature"
).replace(b"\r\n\r\n", b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n") + (
    b"--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n"
)


def queued_octets(account: MailAccount, octets: bytes = GERMAN) -> Outgoing:
    return outbox.queue_octets(account, account.owner, octets, reverse_path=account.address, recipients=[FAR])


def test_what_left_is_what_stands_in_sent(account: MailAccount) -> None:
    outgoing = queued_octets(account)
    assert outgoing.sent_copy
    with MisbehavingSmtp(capabilities=POOR) as server:
        point_to(account, server.port)
        assert outbox.send(outgoing)
    [message] = server.messages
    copy = Message.objects.get(folder=Folder.SENT)
    outgoing.refresh_from_db()
    assert message.isascii()
    assert message == copy.octets == outgoing.original.octets
    assert (copy.pk, copy.key) == (outgoing.sent_copy.pk, outgoing.sent_copy.key)
    assert (copy.subject, copy.message_id) == ("Grüße", "g.1@home.test")
    assert parse(message).text() == parse(GERMAN).text()
    assert statuses(outgoing) == {"dana": Status.ACCEPTED}


def test_the_octets_that_nobody_needs_any_more_go(account: MailAccount) -> None:
    outgoing = queued_octets(account)
    with MisbehavingSmtp(capabilities=POOR) as server:
        point_to(account, server.port)
        outbox.send(outgoing)
    assert Original.objects.count() == 1


def test_they_leave_also_when_the_copy_was_deleted(account: MailAccount) -> None:
    outgoing = queued_octets(account)
    Message.objects.all().delete()
    with MisbehavingSmtp(capabilities=POOR) as server:
        point_to(account, server.port)
        outbox.send(Outgoing.objects.get())
    outgoing.refresh_from_db()
    assert server.messages == [outgoing.original.octets]
    assert not Message.objects.filter(folder=Folder.SENT).exists()


def test_a_second_try_sends_the_same_octets(account: MailAccount) -> None:
    outgoing = queued_octets(account)
    with MisbehavingSmtp({".": ["451 4.3.0 Later", "250 2.0.0 Taken"]}, capabilities=POOR) as server:
        point_to(account, server.port)
        outbox.send(outgoing)
        outbox.send(make_due(outgoing))
    assert server.messages[0] == server.messages[1]


def test_where_8_bit_is_taken_nothing_changes(account: MailAccount) -> None:
    outgoing = queued_octets(account)
    with MisbehavingSmtp() as server:
        point_to(account, server.port)
        outbox.send(outgoing)
    assert server.messages == [GERMAN]
    assert Message.objects.get().octets == GERMAN


def test_a_raw_header_needs_smtputf8_and_becomes_encoded_words_without(account: MailAccount) -> None:
    outgoing = queued_octets(account)
    with MisbehavingSmtp(capabilities=(*POOR, "8BITMIME")) as server:
        point_to(account, server.port)
        outbox.send(outgoing)
    [message] = server.messages
    assert message.partition(b"\r\n\r\n")[0].isascii()
    assert parse(message).header.subject == "Grüße"


def test_what_was_signed_is_refused_in_plain_words_and_not_changed(account: MailAccount) -> None:
    outgoing = queued_octets(account, SIGNED)
    with MisbehavingSmtp(capabilities=POOR) as server:
        point_to(account, server.port)
        outbox.send(outgoing)
    assert server.messages == []
    assert "DATA" not in server.verbs
    [recipient] = outgoing.recipients.all()
    assert recipient.status == Status.REFUSED
    assert "signed" in recipient.reply
    assert Message.objects.get(folder=Folder.SENT).octets == SIGNED


def test_what_was_signed_leaves_as_it_is_where_8_bit_is_taken(account: MailAccount) -> None:
    outgoing = queued_octets(account, SIGNED)
    with MisbehavingSmtp(capabilities=(*POOR, "8BITMIME")) as server:
        point_to(account, server.port)
        outbox.send(outgoing)
    assert server.messages == [SIGNED]
