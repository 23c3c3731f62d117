"""The whole way over real sockets: SMTP client, server, maildrop, POP3 server, client, and a pull into an inbox."""

import time
from collections.abc import Iterator
from unittest import mock

import pytest
from django.db import DatabaseError

from accounts.models import LocalMaildrop, MailAccount, RemoteMaildrop
from mailbox import maildrop, pop3, pull, smtp
from mailbox.management.commands.pop3d import _PostOffice
from mailbox.models import Deposit, Message, Original
from mailbox.pop3 import PopServer
from tests.cast import PASSWORD, octets_of, remote_maildrop
from tests.generated import messages
from tests.outgoing import in_thread
from tests.smtp.offices import post_office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def smtp_port() -> Iterator[int]:
    with post_office(find=in_thread(maildrop.find), receive=in_thread(maildrop.receive)) as office:
        yield office.port


@pytest.fixture
def pop3_port() -> Iterator[int]:
    server = PopServer("127.0.0.1", 0, post_office=_PostOffice(), hostname="mail.home.test", login_delay_seconds=0)
    server.start()
    yield server.port
    server.stop()


def submit(port: int, octets: bytes, *recipients: str) -> list[smtp.Outcome]:
    server = smtp.Server("127.0.0.1", port, smtp.Security.NONE)
    with smtp.Client.connect(server) as client:
        return list(client.submit(smtp.Envelope("dana@far.test", recipients, octets)))


def visit(port: int, password: str = PASSWORD) -> pop3.Client:
    """Log in, once the session before has ended: a server hears of a broken line a moment later."""
    deadline = time.monotonic() + 30
    while True:
        client = pop3.Client.connect(pop3.Server("127.0.0.1", port, pop3.Security.NONE))
        try:
            client.login("alice@home.test", password)
        except pop3.Refused as refusal:
            client.close()
            if refusal.code != "IN-USE" or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return client


def test_what_is_submitted_is_what_is_collected(local_maildrop: LocalMaildrop, smtp_port: int, pop3_port: int) -> None:
    sent = [smtp.canonical(octets) for octets in messages(30)]
    server = smtp.Server("127.0.0.1", smtp_port, smtp.Security.NONE)
    with smtp.Client.connect(server) as client:
        for octets in sent:
            [outcome] = client.submit(smtp.Envelope("dana@far.test", ("Alice@home.test",), octets))
            assert outcome.status == smtp.Status.ACCEPTED
    with visit(pop3_port) as client:
        listing = client.listing()
        came = [each.octets for each in client.retrieve(listing) if isinstance(each, pop3.Retrieved)]
        client.quit()
    assert [len(octets) for octets in came] == [listed.octets for listed in listing]
    assert [octets[-len(each) :] for octets, each in zip(came, sent, strict=True)] == sent
    assert all(octets.startswith(b"Return-Path: <dana@far.test>\r\nReceived: from [127.0.0.1]") for octets in came)


def test_a_deletion_counts_at_quit_and_not_before(
    local_maildrop: LocalMaildrop, smtp_port: int, pop3_port: int
) -> None:
    for subject in ("one", "two"):
        submit(smtp_port, octets_of(subject), "alice@home.test")
    with visit(pop3_port) as client:
        ids = [listed.uidl for listed in client.listing()]
        client.delete_many(client.listing())
    with visit(pop3_port) as client:
        listing = client.listing()
        assert [listed.uidl for listed in listing] == ids
        client.delete(listing[0])
        client.quit()
    with visit(pop3_port) as client:
        assert [listed.uidl for listed in client.listing()] == ids[1:]


def test_one_session_at_a_time(local_maildrop: LocalMaildrop, pop3_port: int) -> None:
    with visit(pop3_port) as first:
        with pytest.raises(pop3.Refused) as refused:
            visit(pop3_port)
        assert refused.value.is_locked
        first.quit()
    with visit(pop3_port) as second:
        second.quit()


def test_a_wrong_password_opens_nothing(local_maildrop: LocalMaildrop, pop3_port: int) -> None:
    with pytest.raises(pop3.Refused) as refused:
        visit(pop3_port, "guess")
    assert refused.value.is_password_wrong


@pytest.mark.parametrize("moment", ["mailbox.delivery.deliver", "mailbox.maildrop.deposit"])
def test_what_could_not_be_stored_is_not_accepted(
    account: MailAccount, local_maildrop: LocalMaildrop, smtp_port: int, moment: str
) -> None:
    local_maildrop.account = account
    local_maildrop.save()
    with mock.patch(moment, side_effect=DatabaseError("disk full")):
        [outcome] = submit(smtp_port, octets_of(), "alice@home.test")
    assert (outcome.status, outcome.code) == (smtp.Status.DEFERRED, 451)
    assert not Deposit.objects.exists()
    assert not Message.objects.exists()
    assert not Original.objects.exists()
    [outcome] = submit(smtp_port, octets_of(), "alice@home.test")
    assert outcome.status == smtp.Status.ACCEPTED
    assert Message.objects.get().subject == "Hello"


def test_a_pull_brings_it_into_the_inbox_and_empties_the_maildrop(
    account: MailAccount, local_maildrop: LocalMaildrop, smtp_port: int, pop3_port: int
) -> None:
    sent = list(messages(40))
    for octets in sent:
        submit(smtp_port, octets, "alice@home.test")
    remote = remote_maildrop(account, port=pop3_port, login="alice@home.test", password=PASSWORD)
    report = pull.pull(remote)
    assert (report.status, report.retrieved) == (pull.Status.OK, 40)
    assert pull.pull(remote).known == 40
    remote.mode = RemoteMaildrop.Mode.DELETE
    remote.save()
    assert pull.pull(remote).deleted == 40
    assert not Deposit.objects.exists()
    stored = [each.octets for each in Message.objects.select_related("original")]
    # The time of the Received field ends what our server has put on top.
    below = [octets.partition(b" +0000\r\n")[2] for octets in stored]
    assert sorted(below) == sorted(map(smtp.canonical, sent))
