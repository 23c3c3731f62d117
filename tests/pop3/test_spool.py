"""Messages too long for memory: received into a temporary file, octet for octet."""

import gc
import hashlib
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import pytest

from mailbox.pop3 import Limits, Listed, Missed, Retrieved, Unreachable, spool
from tests.pop3.misbehaving import Line
from tests.pop3.test_faults import LIMITS, PIPELINING, client_of, then

# 64 KiB without any line end in its middle, 8-bit, with dots to be unstuffed at both ends.
PIECE = b"." + bytes(octet for octet in range(256) if octet not in b"\r\n") * 258 + b"\r\n"
STUFFED = b"." + PIECE


@contextmanager
def memory_peak() -> Iterator[list[int]]:
    """The octets that were allocated at most, in the list once it is over."""
    peak: list[int] = []
    gc.collect()
    tracemalloc.start()
    try:
        yield peak
    finally:
        peak.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()


def serve(*counts: int) -> Callable[[Line], None]:
    """A script: answer each RETR with so many pieces."""

    def script(line: Line) -> None:
        then(capabilities=PIPELINING)(line)
        for count in counts:
            line.answer(b"+OK\r\n")
            for _ in range(count):
                line.say(STUFFED)
            line.say(b".\r\n")
        line.answer(b"+OK\r\n")

    return script


def listed(*counts: int) -> list[Listed]:
    return [Listed(number, count * len(PIECE), "") for number, count in enumerate(counts, 1)]


def test_fifty_megabytes_are_received_in_four() -> None:
    count = 50 * 2**20 // len(PIECE) + 1
    with client_of(serve(count), limits=LIMITS) as client, memory_peak() as peak:
        (long,) = client.retrieve(listed(count))
        client.quit()
    assert isinstance(long, Retrieved)
    assert long.octets_count == count * len(PIECE) > 50 * 2**20
    assert hashlib.sha256(long.octets).digest() == hashlib.sha256(PIECE * count).digest()
    assert peak[0] < 4 * 2**20


def test_messages_that_wait_are_not_in_memory() -> None:
    counts = [40] * 6
    with client_of(serve(*counts), limits=LIMITS) as client, memory_peak() as peak:
        waiting = list(client.retrieve(listed(*counts)))
    assert [one.octets for one in waiting if isinstance(one, Retrieved)] == [PIECE * 40] * 6
    assert peak[0] < 4 * 2**20


@pytest.mark.parametrize("less", [0, 1])
def test_the_limit_counts_spooled_octets_exactly(less: int) -> None:
    octets_count = 3 * len(PIECE) - less
    limits = Limits(message_octets=octets_count, spool_octets=2**16)
    # The listing says too little, as some do.
    with client_of(serve(3, 1), limits=limits) as client:
        first, second = client.retrieve([Listed(1, 1, ""), Listed(2, 1, "")])
    assert isinstance(first, Missed if less else Retrieved)
    assert isinstance(second, Retrieved)
    assert second.octets == PIECE


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[BinaryIO]:
    """Every temporary file of the test."""
    opened: list[BinaryIO] = []

    def open_one() -> BinaryIO:
        opened.append(tempfile.TemporaryFile())  # noqa: SIM115 - the test looks at it
        return opened[-1]

    monkeypatch.setattr(spool, "TemporaryFile", open_one)
    return opened


def test_the_file_goes_with_the_message(files: list[BinaryIO]) -> None:
    with client_of(serve(40, 40), limits=LIMITS) as client:
        messages = list(client.retrieve(listed(40, 40)))
    assert [file.closed for file in files] == [False, False]
    messages.pop()
    assert [file.closed for file in files] == [False, True]
    assert [one.octets == PIECE * 40 for one in messages if isinstance(one, Retrieved)] == [True]
    messages.clear()
    assert [file.closed for file in files] == [True, True]


def test_no_file_stays_of_a_message_that_was_cut(files: list[BinaryIO]) -> None:
    def cut(line: Line) -> None:
        then(capabilities=PIPELINING)(line)
        line.answer(b"+OK\r\n" + STUFFED * 40)

    with client_of(cut, limits=LIMITS) as client, suppress(Unreachable):
        list(client.retrieve(listed(40)))
    gc.collect()
    assert [file.closed for file in files] == [True]


def test_no_file_stays_of_a_message_that_was_too_long(files: list[BinaryIO]) -> None:
    limits = Limits(message_octets=2**17, spool_octets=2**16)
    with client_of(serve(40), limits=limits) as client:
        (missed,) = client.retrieve([Listed(1, 1, "")])
        assert isinstance(missed, Missed)
        assert [file.closed for file in files] == [True]
