"""Lines, bodies and dot-stuffing, however the octets are cut."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbox.pop3 import Garbled
from mailbox.pop3.wire import LongBody, ReceiveBuffer, command, stuff, top_lines, unstuff

# Octets that are mostly what matters to the wire.
OCTETS = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"a", b"\0", b"\xff"])).map(b"".join)


def ended(octets: bytes) -> bytes:
    """What arrives: a message that does not end in CRLF gets one."""
    return octets if not octets or octets.endswith(b"\r\n") else octets + b"\r\n"


def pour(buffer: ReceiveBuffer, octets: bytes) -> int:
    room = buffer.room()
    count = min(len(room), len(octets))
    room[:count] = octets[:count]
    buffer.received(count)
    return count


def read_reply(wire: bytes, *, capacity: int, step: int) -> tuple[bytes, bytes]:
    """Read one body and the line behind it through a buffer of that size, `step` octets at a time."""
    buffer = ReceiveBuffer(capacity)
    kept = BytesIO()
    long, is_long, body, line = LongBody(10**6, kept), False, None, None
    while line is None:
        assert wire or len(buffer), "An end was overlooked"
        wire = wire[pour(buffer, wire[:step]) :]
        if body is None and not is_long:
            body = buffer.body()
            is_long = body is None and buffer.is_full
        if body is None and is_long:
            body = kept.getvalue() if buffer.drain_body(long) else None
        if body is not None:
            line = buffer.line(capacity + 1)
    assert not wire
    return body or b"", line


@given(octets=OCTETS)
def test_unstuffing_undoes_stuffing(octets: bytes) -> None:
    wire = stuff(octets)
    assert wire.endswith(b".\r\n")
    assert unstuff(wire[:-3]) == ended(octets)


@given(octets=OCTETS)
def test_the_end_line_comes_once_and_last(octets: bytes) -> None:
    assert (b"\r\n" + stuff(octets)).find(b"\r\n.\r\n") == len(stuff(octets)) - 3


@settings(max_examples=300, deadline=None)
@given(octets=OCTETS, capacity=st.integers(8, 40), step=st.integers(1, 12))
def test_a_body_arrives_in_any_pieces_and_any_buffer(octets: bytes, capacity: int, step: int) -> None:
    wire = stuff(octets) + b"+OK\r\n"
    assert read_reply(wire, capacity=capacity, step=step) == (ended(octets), b"+OK")


@pytest.mark.parametrize("step", range(1, 40))
def test_what_follows_a_body_stays_in_the_buffer(step: int) -> None:
    octets = b"one\r\n.two\r\n\r\n.\r\n"
    assert read_reply(stuff(octets) + b"+OK next\r\n", capacity=64, step=step) == (octets, b"+OK next")


def test_a_first_dot_goes_whatever_follows_it() -> None:
    assert unstuff(b".a\r\n..b\r\n.\xff") == b"a\r\n.b\r\n\xff"


def test_bare_line_ends_are_not_stuffed() -> None:
    assert stuff(b"a\n.b\r.c") == b"a\n.b\r.c\r\n.\r\n"


def test_an_empty_message_has_no_line() -> None:
    assert stuff(b"") == b".\r\n"


def test_a_line_may_reach_its_limit_and_no_more() -> None:
    buffer = ReceiveBuffer(64)
    pour(buffer, b"12345678\r\n123456789\r\n")
    assert buffer.line(10) == b"12345678"
    with pytest.raises(Garbled):
        buffer.line(10)


def test_a_line_waits_for_its_line_feed() -> None:
    buffer = ReceiveBuffer(64)
    pour(buffer, b"+OK\r")
    assert buffer.line(10) is None
    pour(buffer, b"\n")
    assert buffer.line(10) == b"+OK"


def test_a_long_body_keeps_nothing_over_its_limit() -> None:
    kept = BytesIO()
    body = LongBody(11, kept)
    for _ in range(100):
        body.add(b"12345")
    assert body.is_over_limit
    assert body.octet_count == 500
    assert kept.getvalue() == b"12345123451"


@pytest.mark.parametrize("word", ["a\rb", "a\nb", "a\0b", "a\udcffb"])
def test_a_command_holds_no_second_command(word: str) -> None:
    with pytest.raises(ValueError, match="line break") as caught:
        command("USER", word)
    assert word not in repr(caught.value)


@pytest.mark.parametrize(
    ("octets", "lines", "top"),
    [
        (b"a: b\r\n\r\n1\r\n2\r\n", 0, b"a: b\r\n\r\n"),
        (b"a: b\r\n\r\n1\r\n2\r\n", 1, b"a: b\r\n\r\n1\r\n"),
        (b"a: b\r\n\r\n1\r\n2", 2, b"a: b\r\n\r\n1\r\n2"),
        (b"\r\n1\r\n2\r\n", 1, b"\r\n1\r\n"),
        (b"a: b\r\n", 5, b"a: b\r\n"),
        (b"", 5, b""),
    ],
)
def test_top_is_the_header_and_so_many_lines(octets: bytes, lines: int, top: bytes) -> None:
    assert top_lines(octets, lines) == top
