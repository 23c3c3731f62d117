"""The broker of one machine: files that appear whole and are taken once."""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from webmail.broker import Channel, Transport

EXPIRED_IN_MS, MINUTE_IN_MS = "-1", "60000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "broker" / "queue"


@pytest.fixture
def open_channel(folder: Path) -> Iterator[Callable[[], Channel]]:
    """Open one more channel on the same folders, as another process would."""
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder.parent / "control"),
    }
    connections: list[Connection] = []

    def open_one() -> Channel:
        connections.append(
            Connection("filesystem://localhost", transport="webmail.broker:Transport", transport_options=options)
        )
        return connections[-1].channel()

    yield open_one
    for connection in connections:
        connection.close()


@pytest.fixture
def channel(open_channel: Callable[[], Channel]) -> Channel:
    return open_channel()


def message(number: int, expiration: str | None = None) -> dict[str, object]:
    return {"number": number, "properties": {"expiration": expiration} if expiration else {}}


def taken(channel: Channel, queue: str = "celery") -> list[object]:
    """Take everything; return the numbers."""
    numbers: list[object] = []
    while True:
        try:
            numbers.append(channel._get(queue)["number"])
        except Empty:
            return numbers


def in_threads(*works: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_is_what_celery_uses_without_redis():
    from webmail.celery import app

    with app.connection_for_write() as write, app.connection_for_read() as read, app.connection() as control:
        assert {type(each.transport) for each in (write, read, control)} == {Transport}


def test_messages_come_in_the_order_in_which_they_were_put(channel: Channel):
    for number in range(30):
        channel._put("celery", message(number))

    assert taken(channel) == list(range(30))


def test_queues_do_not_mix_even_where_names_end_alike(channel: Channel):
    channel._put("celery", message(1))
    channel._put("other.celery", message(2))

    assert taken(channel, "other.celery") == [2]
    assert taken(channel, "celery") == [1]


def test_of_several_readers_one_gets_each_message_and_gets_it_whole(open_channel: Callable[[], Channel]):
    filling = "x" * 200_000
    found: list[Any] = []

    def write(first: int) -> None:
        channel = open_channel()
        for number in range(first, first + 100):
            channel._put("celery", message(number) | {"filling": filling})

    def read() -> None:
        channel = open_channel()
        deadline = time.monotonic() + 30
        while len(found) < 300 and time.monotonic() < deadline:
            found.extend(taken(channel))

    in_threads(*[lambda first=first: write(first) for first in (0, 100, 200)], read, read, read)

    assert sorted(found) == list(range(300))


def test_a_file_that_is_still_being_written_is_no_message(channel: Channel, folder: Path):
    channel._put("celery", message(1))
    (whole,) = folder.iterdir()
    whole.rename(folder / f".{whole.name}")

    assert taken(channel) == []
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("octets", [b"", b'{"number": 1, "prop', b"\xff", b"[1]"])
def test_a_damaged_message_is_removed_and_the_next_one_comes(
    channel: Channel, folder: Path, octets: bytes, caplog: pytest.LogCaptureFixture
):
    channel._put("celery", message(1))
    (first,) = folder.iterdir()
    first.write_bytes(octets)
    channel._put("celery", message(2))

    with caplog.at_level(logging.WARNING):
        assert taken(channel) == [2]

    assert first.name in caplog.text
    assert list(folder.iterdir()) == []


def test_a_message_that_another_process_took_after_the_listing_is_passed_over(open_channel: Callable[[], Channel]):
    one, other = open_channel(), open_channel()
    for number in range(3):
        one._put("celery", message(number))

    assert one._get("celery")["number"] == 0
    assert taken(other) == [1, 2]
    assert taken(one) == []


def test_an_expired_message_is_not_delivered(channel: Channel, folder: Path):
    channel._put("celery", message(1, MINUTE_IN_MS))
    channel._put("celery", message(2, EXPIRED_IN_MS))
    channel._put("celery", message(3))

    assert taken(channel) == [1, 3]
    assert list(folder.iterdir()) == []


def test_ticks_do_not_pile_up_while_nobody_takes_them(open_channel: Callable[[], Channel], folder: Path):
    for _ in range(10):
        open_channel()._put("celery", message(1, EXPIRED_IN_MS))

    assert len(list(folder.iterdir())) == 1


def test_a_queue_that_is_purged_loses_its_messages_only(channel: Channel):
    for number in range(3):
        channel._put("celery", message(number))
    channel._put("other", message(4))

    assert channel._size("celery") == 3
    assert channel._purge("celery") == 3
    assert (taken(channel), taken(channel, "other")) == ([], [4])


def test_sweeping_keeps_what_has_not_expired_and_what_is_no_message(open_channel: Callable[[], Channel], folder: Path):
    channel = open_channel()
    channel._put("celery", message(1))
    channel._put("celery", message(2, MINUTE_IN_MS))
    (folder / "notes.msg").write_text("kept")

    open_channel()._put("celery", message(3))

    assert taken(channel) == [1, 2, 3]
    assert [path.name for path in folder.iterdir()] == ["notes.msg"]


def test_what_a_dead_writer_left_unfinished_is_swept_out_after_a_minute(
    open_channel: Callable[[], Channel], folder: Path, monkeypatch: pytest.MonkeyPatch
):
    open_channel()._put("celery", message(1))
    (whole,) = folder.iterdir()
    unfinished = whole.rename(folder / f".{whole.name}")

    open_channel()._put("celery", message(2))
    assert unfinished.exists()

    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 61 * 10**9)
    open_channel()._put("celery", message(3))
    assert not unfinished.exists()


def test_a_message_that_cannot_be_written_leaves_nothing_behind(channel: Channel, folder: Path):
    with pytest.raises(OSError, match="too long"):
        channel._put("q" * 250, message(1))

    assert list(folder.iterdir()) == []


def test_many_waiting_messages_are_listed_once(channel: Channel, monkeypatch: pytest.MonkeyPatch):
    for number in range(200):
        channel._put("celery", message(number))
    listings: list[list[str]] = []
    names = channel._names

    def counted() -> list[str]:
        listings.append(names())
        return listings[-1]

    monkeypatch.setattr(channel, "_names", counted)

    assert len(taken(channel)) == 200

    assert [len(listing) for listing in listings] == [200, 0]


def test_a_broadcast_reaches_each_queue_once(open_channel: Callable[[], Channel]):
    sender, reader = open_channel(), open_channel()
    for queue in ("one", "two"):
        reader.exchange_declare("all", "fanout")
        reader.queue_bind(queue, "all")

    sender.basic_publish(sender.prepare_message("ping"), "all", "")

    assert [sender._size(queue) for queue in ("one", "two")] == [1, 1]


def test_processes_that_declare_their_queues_at_once_all_stay_bound(open_channel: Callable[[], Channel]):
    def bind(number: int) -> None:
        open_channel()._queue_bind("exchange", "", "", f"queue-{number}")

    in_threads(*[lambda number=number: bind(number) for number in range(20)])

    assert {binding.queue for binding in open_channel().get_table("exchange")} == {f"queue-{n}" for n in range(20)}


@pytest.mark.parametrize("text", ["", "[[", "[[1]]", "7"])
def test_damaged_bindings_are_written_anew(channel: Channel, folder: Path, text: str):
    table = folder.parent / "control" / "exchange.exchange"
    table.parent.mkdir(parents=True)
    table.write_text(text)

    channel._queue_bind("exchange", "key", "", "queue")

    assert [tuple(binding) for binding in channel.get_table("exchange")] == [("key", "", "queue")]


def test_a_deleted_queue_leaves_neither_messages_nor_binding(channel: Channel, folder: Path):
    channel._queue_bind("exchange", "key", "", "queue")
    channel._put("queue", message(1))
    channel._put("celery", message(2))

    channel._delete("queue", "exchange", "key", "")

    assert channel.get_table("exchange") == []
    assert taken(channel, "queue") == []
    assert taken(channel, "celery") == [2]


def test_a_broker_that_is_emptied_while_it_runs_goes_on(open_channel: Callable[[], Channel], folder: Path):
    sender, reader = open_channel(), open_channel()
    for channel in (sender, reader):
        channel.exchange_declare("exchange", "direct")
        channel.queue_bind("celery", "exchange", "key")
    shutil.rmtree(folder.parent)

    assert taken(reader) == []
    sender.basic_publish(sender.prepare_message("one"), "exchange", "key")

    assert reader._get("celery")["properties"]["delivery_info"]["exchange"] == "exchange"
