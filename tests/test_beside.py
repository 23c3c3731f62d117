"""Batches that are written while the next is retrieved: in order, none lost, and nothing left open."""

import threading
from collections.abc import Callable
from typing import NoReturn

import pytest
from django.db import connection

from accounts.models import User
from mailbox.beside import Writer
from tests.servers import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def connections_count() -> int:
    """Return how many connections the database has, this one among them."""
    if connection.vendor == "sqlite":
        return 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query <> ''")
        [(count,)] = cursor.fetchall()
    return int(count)


def written(store: Callable[[str], str], *names: str) -> list[str]:
    with Writer(store) as writer:
        done = [each for name in names for each in writer.write(name)]
        return [*done, *writer.finish()]


def store_user(name: str) -> str:
    return User.objects.create_user(name).username


def test_stores_every_batch_in_its_order() -> None:
    assert written(store_user, "alice", "bob", "charlie") == ["alice", "bob", "charlie"]
    assert list(User.objects.order_by("pk").values_list("username", flat=True)) == ["alice", "bob", "charlie"]


def test_leaves_no_connection_open() -> None:
    before = connections_count()
    written(store_user, "alice", "bob")
    # The server takes a moment to notice that one is closed.
    wait_until(lambda: connections_count() == before, what="the end of the writer's connection")


def test_what_fails_is_raised_and_ends_the_writing() -> None:
    stored: list[str] = []

    def fail(name: str) -> NoReturn:
        stored.append(name)
        raise LookupError(name)

    with pytest.raises(LookupError, match="alice"):
        written(fail, "alice", "bob")
    assert stored == ["alice"]


def test_nothing_after_a_batch_that_fails_is_stored_and_what_was_before_it_is_told() -> None:
    def store(name: str) -> str:
        if name == "bob":
            raise LookupError(name)
        return store_user(name)

    told: list[str] = []

    def write_and_finish() -> None:
        with Writer(store) as writer:
            try:
                for name in ("alice", "bob", "charlie", "dora"):
                    told.extend(writer.write(name))
            finally:
                told.extend(writer.finish())

    with pytest.raises(LookupError, match="bob"):
        write_and_finish()
    assert told == ["alice"]
    assert User.objects.get().username == "alice"


def test_batches_that_are_on_their_way_are_stored_though_retrieving_has_failed() -> None:
    def retrieve_and_fail() -> NoReturn:
        with Writer(store_user) as writer:
            writer.write("alice")
            writer.write("bob")
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        retrieve_and_fail()
    assert set(User.objects.values_list("username", flat=True)) == {"alice", "bob"}


def test_sqlite_is_written_by_the_thread_that_retrieves() -> None:
    writers = written(lambda _: threading.current_thread().name, "alice", "bob")
    is_own = threading.current_thread().name in writers
    assert is_own == (connection.vendor == "sqlite")
