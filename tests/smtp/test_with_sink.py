"""The client against Postfix's smtp-sink: what arrives is what was sent."""

import random

import pytest

from mailbox.smtp import Envelope, Status
from tests.smtp.sessions import connect, envelope
from tests.smtpsink import SmtpSink

MESSAGES = [
    b"Subject: plain\r\n\r\nHello\r\n",
    b".\r\n..\r\n.dot\r\n\r\n\r\n",
    b'Subject: =?iso-2022-jp?B?GyRCJCIbKEI=?=\r\n\r\n\x1b$B$"\x1b(B\r\n',
    b"Subject: 8bit\r\n\r\n\xe3\x81\x82\xff\x00\r\n",
    b"Subject: long line\r\n\r\n" + b"x" * 20_000 + b"\r\n." + b"y" * 70_000 + b"\r\n",
    b"Subject: many lines\r\n\r\n" + b".\r\nab\r\n" * 50_000,
]


def test_what_arrives_is_what_was_sent(sink: SmtpSink) -> None:
    with connect(sink.port) as client:
        for octets in MESSAGES:
            [outcome] = client.submit(envelope(octets=octets))
            assert outcome.status is Status.ACCEPTED
    assert sorted(sink.messages()) == sorted(MESSAGES)


def test_whatever_octets_arrive_with_canonical_line_ends(sink: SmtpSink) -> None:
    dice = random.Random(5321)
    alphabet = [b"\r\n", b"\r\n.", b"\r\n..", b"a", b"\x80", b"\t"]
    messages = [b"X: 1\r\n\r\n" + b"".join(dice.choices(alphabet, k=60)) + b"\r\n" for _ in range(50)]
    with connect(sink.port) as client:
        for octets in messages:
            client.submit(envelope(octets=octets))
    assert sorted(sink.messages()) == sorted(messages)


def test_the_envelope_arrives_apart_from_the_message(sink: SmtpSink) -> None:
    with connect(sink.port) as client:
        client.submit(Envelope("alice@home.test", ("bob@home.test", "hidden@home.test"), MESSAGES[0]))
    [transaction] = sink.transactions()
    assert transaction.mail == "<alice@home.test>"
    assert transaction.recipients == ("<bob@home.test>", "<hidden@home.test>")
    assert b"hidden" not in transaction.octets


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (("-f", "MAIL"), Status.REFUSED),
        (("-f", "RCPT"), Status.REFUSED),
        (("-f", "DATA"), Status.REFUSED),
        (("-f", "."), Status.REFUSED),
        (("-r", "RCPT"), Status.DEFERRED),
        (("-r", "."), Status.DEFERRED),
        (("-q", "MAIL"), Status.DEFERRED),
        (("-q", "DATA"), Status.DEFERRED),
        (("-q", "."), Status.UNCERTAIN),
        (("-Q", "RCPT"), Status.DEFERRED),
        (("-Q", "."), Status.DEFERRED),
    ],
)
def test_a_sink_that_fails_on_purpose(smtp_sink: SmtpSink, options: tuple[str, str], status: Status) -> None:
    with SmtpSink(*options) as failing, connect(failing.port) as client:
        assert client.submit(envelope())[0].status is status


@pytest.mark.parametrize("options", [("-p",), ("-e",), ("-8",)])
def test_a_sink_that_knows_less(smtp_sink: SmtpSink, options: tuple[str]) -> None:
    with SmtpSink(*options) as plain, connect(plain.port) as client:
        assert client.submit(envelope())[0].status is Status.ACCEPTED
        assert plain.messages() == [envelope().octets]
