"""What is asked of a server that offers more: reports by DSN, UTF-8 in headers; and RSET between two messages."""

import socket
import threading
import time
from dataclasses import replace

import pytest

from mailbox.smtp import Status
from mailbox.smtp.envelope import xtext
from mailbox.smtp.wire import Wire
from tests.misbehaving_smtp import CAPABILITIES, MisbehavingSmtp, Silence
from tests.smtp.sessions import HURRIED, connect, envelope

WITH_DSN = (*CAPABILITIES, "DSN")


@pytest.mark.parametrize(
    ("text", "expected"), [("abc", "abc"), ("a+b=c", "a+2Bb+3Dc"), ("a b", "a+20b"), ("k-é", "k-+E9")]
)
def test_parameters_are_written_as_xtext(text: str, expected: str) -> None:
    assert xtext(text) == expected


def test_asks_for_reports_that_can_be_told_apart() -> None:
    with MisbehavingSmtp(capabilities=WITH_DSN) as server, connect(server.port) as client:
        client.submit(replace(envelope("bob+x@home.test", octets=b"x\r\n"), envelope_id="k=1"))
    assert server.commands[1:3] == [
        "MAIL FROM:<alice@home.test> SIZE=3 RET=HDRS ENVID=k+3D1",
        "RCPT TO:<bob+x@home.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bob+2Bx@home.test",
    ]


@pytest.mark.parametrize(("capabilities", "envelope_id"), [(CAPABILITIES, "k"), (WITH_DSN, "")])
def test_asks_for_no_reports_where_nobody_would_understand(capabilities: tuple[str, ...], envelope_id: str) -> None:
    with MisbehavingSmtp(capabilities=capabilities) as server, connect(server.port) as client:
        client.submit(replace(envelope(octets=b"x\r\n"), envelope_id=envelope_id))
    assert server.commands[1:3] == ["MAIL FROM:<alice@home.test> SIZE=3", "RCPT TO:<bob@home.test>"]


def test_utf_8_in_the_header_is_announced() -> None:
    octets = "To: 用户@例子.test\r\n\r\nx\r\n".encode()
    with MisbehavingSmtp() as server, connect(server.port) as client:
        client.submit(envelope(octets=octets))
    assert server.commands[1] == f"MAIL FROM:<alice@home.test> SIZE={len(octets)} BODY=8BITMIME SMTPUTF8"


@pytest.mark.parametrize("octets", [b"To: \xe9\r\n\r\nx\r\n", "To: x\r\n\r\né\r\n".encode()])
def test_other_8_bit_octets_are_no_utf_8_headers(octets: bytes) -> None:
    with MisbehavingSmtp() as server, connect(server.port) as client:
        client.submit(envelope(octets=octets))
    assert server.commands[1].endswith("BODY=8BITMIME")


def test_begins_anew_between_two_messages() -> None:
    with MisbehavingSmtp() as server, connect(server.port) as client:
        client.submit(envelope())
        client.submit(envelope())
    assert server.verbs == ["EHLO", "MAIL", "RCPT", "DATA", "RSET", "MAIL", "RCPT", "DATA", "QUIT"]


def test_says_when_the_server_takes_its_time_over_the_envelope() -> None:
    waited = threading.Event()
    with MisbehavingSmtp({"MAIL": Silence()}) as server, connect(server.port, limits=HURRIED) as client:
        [outcome] = client.submit(envelope(), on_wait=waited.set)
    assert waited.is_set()
    assert outcome.status == Status.DEFERRED


def test_an_answer_that_is_there_is_no_wait() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire = Wire(ours, ends_at=time.monotonic() + 10)
        assert not wire.is_answered(seconds=0)
        theirs.sendall(b"250 one\r\n250 two\r\n")
        assert wire.is_answered(seconds=5)
        wire.read_reply(seconds=5)
        assert wire.is_answered(seconds=0)
