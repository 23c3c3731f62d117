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
        return [done for name in names for done in writer.write(name)] + writer.finish()


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


def test_a_batch_that_is_on_its_way_is_stored_though_retrieving_has_failed() -> None:
    def retrieve_and_fail() -> NoReturn:
        with Writer(store_user) as writer:
            writer.write("alice")
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        retrieve_and_fail()
    assert User.objects.get().username == "alice"


def test_sqlite_is_written_by_the_thread_that_retrieves() -> None:
    writers = written(lambda _: threading.current_thread().name, "alice", "bob")
    is_own = threading.current_thread().name in writers
    assert is_own == (connection.vendor == "sqlite")
