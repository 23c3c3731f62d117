import socket
import threading
import time
from functools import partial

import pytest

from mailbox.smtp import Arrival, Envelope, MailboxFull, Status
from tests.smtp.offices import LIMIT, dialogue, post_office, wait_for
from tests.smtp.sessions import connect, envelope


def test_takes_a_message_for_those_it_knows() -> None:
    with post_office() as office, connect(office.port, local_hostname="client.test") as client:
        outcomes = client.submit(envelope("bob@home.test", "eve@elsewhere.test", "Charlie@Home.test"))
    assert [(outcome.code, outcome.reply) for outcome in outcomes] == [
        (250, "2.0.0 Stored"),
        (550, "5.1.1 No such mailbox here"),
        (250, "2.0.0 Stored"),
    ]
    assert office.arrivals == [
        Arrival(
            reverse_path="alice@home.test",
            recipients=("bob", "charlie"),
            addresses=("bob@home.test", "Charlie@Home.test"),
            octets=envelope().octets,
            peer="127.0.0.1",
            helo="client.test",
            is_esmtp=True,
            tls=None,
        )
    ]


def test_announces_what_it_does() -> None:
    with post_office() as office, connect(office.port) as client:
        assert client.greeting == "mail.home.test ESMTP"
        assert client.capabilities == {"SIZE": str(LIMIT), "8BITMIME": "", "SMTPUTF8": "", "PIPELINING": ""}


def test_asks_for_the_postmaster_without_a_domain() -> None:
    with post_office(find=lambda address: address or None) as office:
        replies = dialogue(
            office.port, b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\nDATA\r\nHi\r\n.\r\nQUIT\r\n"
        )
    assert replies[-2].startswith("250")
    assert [arrival.recipients for arrival in office.arrivals] == [("Postmaster",)]


def test_is_no_open_relay() -> None:
    tricks = ["eve@elsewhere.test", "eve%elsewhere.test@x.test", "@home.test:eve@elsewhere.test", '"eve@x"@else.test']
    with post_office() as office:
        for trick in tricks:
            replies = dialogue(
                office.port,
                b"EHLO x\r\nMAIL FROM:<alice@home.test>\r\n",
                f"RCPT TO:<{trick}>\r\nDATA\r\nQUIT\r\n".encode(),
            )
            assert [reply[:1] for reply in replies[-3:]] == ["5", "5", "2"]
    assert office.arrivals == []


@pytest.mark.parametrize(
    "octets",
    [
        b"Subject: x\r\n\r\n.\r\n..\r\n.hidden\r\n\r\n",
        b"\r\n",
        b"no header\r\n",
        b"Subject: \xe9\x00\r\n\r\n" + bytes(range(32, 256)) + b"\r\n",
        b"Subject: long\r\n\r\n" + b"x" * 65_535 + b"\r\n." + b"y" * 131_072 + b"\r\n." + b"z" * 200_000 + b"\r\n",
        b"".join(b"." * count + b"\r\n" for count in range(300)),
    ],
)
def test_keeps_the_octets_that_were_sent(octets: bytes) -> None:
    with post_office() as office, connect(office.port) as client:
        [outcome] = client.submit(envelope(octets=octets))
    assert outcome.status is Status.ACCEPTED
    assert office.octets == [octets]


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\n\n.\r\r\n", b"\r\n\x00.\r\n"]
)
def test_nothing_but_crlf_dot_crlf_ends_a_message(end: bytes) -> None:
    """CVE-2023-51764 and CVE-2024-27305: what follows such an end would pass for commands of the sending server."""
    smuggled = b"MAIL FROM:<evil@home.test>\r\nRCPT TO:<bob@home.test>\r\nDATA\r\nFrom: evil\r\n"
    with post_office() as office:
        replies = dialogue(
            office.port,
            b"EHLO x\r\nMAIL FROM:<alice@home.test>\r\nRCPT TO:<bob@home.test>\r\nDATA\r\n",
            b"Subject: x\r\n\r\nx" + end + smuggled + b"\r\n.\r\nQUIT\r\n",
        )
    assert [reply[:3] for reply in replies[-5:]] == ["250", "250", "354", "250", "221"]
    [arrival] = office.arrivals
    assert arrival.reverse_path == "alice@home.test"
    assert b"MAIL FROM:<evil@home.test>" in arrival.octets
    assert arrival.octets.count(b"\n") == arrival.octets.count(b"\r") == arrival.octets.count(b"\r\n")


def test_bare_line_ends_are_stored_as_crlf() -> None:
    with post_office() as office:
        dialogue(
            office.port,
            b"HELO x\r\nMAIL FROM:<alice@home.test>\r\nRCPT TO:<bob@home.test>\r\nDATA\r\n",
            b"Subject: x\n\na\rb\r\n.\r\nQUIT\r\n",
        )
    assert office.octets == [b"Subject: x\r\n\r\na\r\nb\r\n"]
    assert not office.arrivals[0].is_esmtp


def test_answers_451_when_storing_fails_and_takes_the_next() -> None:
    failures = [RuntimeError("disk full")]

    def receive(arrival: Arrival) -> None:
        if failures:
            raise failures.pop()

    with post_office(receive=receive) as office, connect(office.port) as client:
        [failed], [stored] = client.submit(envelope()), client.submit(envelope())
    assert (failed.status, failed.code) == (Status.DEFERRED, 451)
    assert "disk" not in failed.reply
    assert stored.status is Status.ACCEPTED


def test_answers_451_when_looking_up_fails() -> None:
    def find(address: str) -> None:
        raise RuntimeError("database locked")

    with post_office(find=find) as office, connect(office.port) as client:
        [outcome] = client.submit(envelope())
    assert (outcome.status, outcome.code) == (Status.DEFERRED, 451)
    assert "database" not in outcome.reply


def test_250_comes_only_after_the_message_was_stored() -> None:
    is_stored = threading.Event()

    def receive(arrival: Arrival) -> None:
        time.sleep(0.2)
        is_stored.set()

    with post_office(receive=receive) as office, connect(office.port) as client:
        client.submit(envelope())
        assert is_stored.is_set()


@pytest.mark.parametrize(("beyond", "code"), [(b"", 250), (b"x\r\n", 552)])
def test_a_message_has_a_size_limit(beyond: bytes, code: int) -> None:
    with post_office() as office, connect(office.port) as client:
        del client.capabilities["SIZE"]
        [outcome] = client.submit(envelope(octets=(b"x" * 98 + b"\r\n") * (LIMIT // 100) + beyond))
        assert outcome.code == code
        assert client.submit(envelope())[0].status is Status.ACCEPTED
    assert len(office.arrivals) == (2 if code == 250 else 1)


def test_a_size_announced_too_large_is_refused_at_mail() -> None:
    with post_office() as office:
        replies = dialogue(office.port, b"EHLO x\r\nMAIL FROM:<alice@home.test> SIZE=9999999\r\nQUIT\r\n")
    assert replies[-2].startswith("552")


def test_recipients_beyond_the_limit_are_asked_to_come_again() -> None:
    recipients = [f"user{number}@home.test" for number in range(5)]
    with post_office(recipients_limit=3) as office, connect(office.port) as client:
        outcomes = client.submit(envelope(*recipients))
    assert [outcome.code for outcome in outcomes] == [250, 250, 250, 452, 452]
    assert {outcome.status for outcome in outcomes[3:]} == {Status.DEFERRED}


def test_the_same_recipient_twice_gets_one_copy() -> None:
    with post_office() as office, connect(office.port) as client:
        outcomes = client.submit(envelope("bob@home.test", "bob@home.test"))
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    assert office.arrivals[0].recipients == ("bob",)


def test_a_bounce_has_an_empty_reverse_path() -> None:
    with post_office() as office, connect(office.port) as client:
        client.submit(Envelope("", ("bob@home.test",), b"x\r\n"))
    assert office.arrivals[0].reverse_path == ""


def test_takes_international_addresses_only_with_smtputf8() -> None:
    with post_office() as office:
        with connect(office.port) as client:
            assert client.submit(envelope("用户@home.test"))[0].status is Status.ACCEPTED
        replies = dialogue(
            office.port, "EHLO x\r\nMAIL FROM:<a@home.test>\r\nRCPT TO:<用户@home.test>\r\nQUIT\r\n".encode()
        )
    assert replies[-2].startswith("553 5.6.7")
    assert office.arrivals[0].addresses == ("用户@home.test",)


@pytest.mark.parametrize(
    "address", [b"bob\xff@home.test", b'"b\x00b"@home.test', b'"b b"@home.test', b"bob\x1b@home.test"]
)
def test_refuses_addresses_that_no_mailbox_has(address: bytes) -> None:
    asked: list[str] = []
    with post_office(find=asked.append) as office:
        replies = dialogue(
            office.port, b"EHLO x\r\nMAIL FROM:<a@home.test> SMTPUTF8\r\nRCPT TO:<", address, b">\r\nQUIT\r\n"
        )
    assert replies[-2].startswith("5")
    assert asked == []


@pytest.mark.parametrize("path", ['"', "<", "<>>", "<[", "<@:>", ")"])
def test_a_path_that_is_none_is_the_clients_fault(path: str) -> None:
    with post_office() as office:
        replies = dialogue(office.port, f"EHLO x\r\nMAIL FROM:{path}\r\nQUIT\r\n".encode())
    assert replies[-2].startswith("5")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("VRFY bob@home.test", "252"),
        ("EXPN all", "502"),
        ("AUTH PLAIN AGFAYQ==", "502"),
        ("WHAT", "500"),
        ("DATA", "503"),
    ],
)
def test_answers_what_it_does_not_do(command: str, code: str) -> None:
    with post_office() as office:
        assert dialogue(office.port, f"EHLO x\r\n{command}\r\nQUIT\r\n".encode())[-2].startswith(code)


def test_rset_forgets_the_recipients() -> None:
    with post_office() as office:
        replies = dialogue(
            office.port,
            b"EHLO x\r\nMAIL FROM:<a@home.test>\r\nRCPT TO:<bob@home.test>\r\nRSET\r\n",
            b"MAIL FROM:<b@home.test>\r\nRCPT TO:<charlie@home.test>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n",
        )
    assert replies[-1].startswith("221")
    assert [(arrival.reverse_path, arrival.recipients) for arrival in office.arrivals] == [
        ("b@home.test", ("charlie",))
    ]


def test_keeps_nothing_of_a_message_that_was_cut_short() -> None:
    with post_office() as office:
        with socket.create_connection(("127.0.0.1", office.port), timeout=10) as sock:
            sock.sendall(b"EHLO x\r\nMAIL FROM:<a@home.test>\r\nRCPT TO:<bob@home.test>\r\nDATA\r\nSubject: x\r\n\r\n.")
            wait_for(sock, b"354 End data with <CR><LF>.<CR><LF>\r\n")
        with connect(office.port) as client:
            client.submit(envelope())
    assert office.octets == [envelope().octets]


def full(*_: object, is_for_ever: bool = False) -> None:
    raise MailboxFull(is_for_ever=is_for_ever)


def test_answers_452_for_a_mailbox_that_is_full() -> None:
    with post_office(find=full) as office, connect(office.port) as client:
        [outcome] = client.submit(envelope())
    assert (outcome.status, outcome.code) == (Status.DEFERRED, 452)
    assert outcome.reply.startswith("4.2.2 ")


def test_answers_552_for_what_no_mailbox_can_ever_hold() -> None:
    with post_office(receive=partial(full, is_for_ever=True)) as office, connect(office.port) as client:
        [outcome] = client.submit(envelope())
    assert (outcome.status, outcome.code) == (Status.REFUSED, 552)
    assert outcome.reply.startswith("5.2.2 ")
