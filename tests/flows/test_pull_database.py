"""The database is locked or full in the middle of a pull: nothing is deleted there that is not stored here."""

import base64
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from unittest import mock

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import MailAccount, RemoteMaildrop
from mailbox import pull
from mailbox.models import Message, RetrievedUidl
from tests.cast import octets_of, remote_maildrop
from tests.flows.killing import database_url
from tests.flows.odd_server import OddServer
from tests.pop3.misbehaving import Misbehaving
from webmail.claims import STALE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
_chance = random.Random(3)
# What no compression makes smaller.
SENT = [
    octets_of(str(number), text=base64.encodebytes(_chance.randbytes(300_000)).decode().replace("\n", "\r\n"))
    for number in range(3)
]


@pytest.fixture(autouse=True)
def a_message_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "BATCH_COUNT", 1)


@pytest.fixture
def odd() -> OddServer:
    return OddServer(*SENT)


@pytest.fixture
def maildrop(account: MailAccount, odd: OddServer) -> Iterator[RemoteMaildrop]:
    with Misbehaving(odd) as running:
        yield remote_maildrop(account, port=running.port, login="alice", password="secret", mode="delete")


def stored() -> Counter[bytes]:
    return Counter(each.original.octets for each in Message.objects.select_related("original"))


def left(odd: OddServer) -> Counter[bytes]:
    return Counter(odd.messages.values())


def prove_that_the_next_pull_ends_it(maildrop: RemoteMaildrop, odd: OddServer) -> None:
    odd.recover()
    assert pull.pull(RemoteMaildrop.objects.select_related("account").get(pk=maildrop.pk)).status == pull.Status.OK
    assert (stored(), left(odd)) == (Counter(SENT), Counter())
    assert not RemoteMaildrop.objects.exclude(claimed_at=None).exists()


# Locked -------------------------------------------------------------------------------------------------------------


class Lock:
    """Another connection, which keeps everybody from writing messages while it holds the lock."""

    def __init__(self) -> None:
        self.is_sqlite = connection.vendor == "sqlite"
        if self.is_sqlite:
            name = connection.settings_dict["NAME"]
            self._other: Any = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
            self._statements = ["BEGIN IMMEDIATE"]
        else:
            self._other = psycopg.connect(database_url(), autocommit=True)
            tables = f"{Message._meta.db_table}, {RetrievedUidl._meta.db_table}"
            self._statements = ["BEGIN", f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"]

    def hold(self) -> None:
        for statement in self._statements:
            self._other.execute(statement)

    def release(self) -> None:
        self._other.execute("ROLLBACK")

    def close(self) -> None:
        self._other.close()


@pytest.fixture
def lock() -> Iterator[Lock]:
    """A lock for which connections of this test wait a tenth of a second, also those of a thread that writes."""
    with closing(Lock()) as held:
        wait(held, "PRAGMA busy_timeout = 100", "SET lock_timeout = 100")
        yield held
    wait(held, "", "RESET lock_timeout")
    connection.close()


def wait(held: Lock, on_sqlite: str, on_postgres: str) -> None:
    """Tell this connection, and on PostgreSQL every new one, how long to wait for a lock."""
    with connection.cursor() as cursor:
        if held.is_sqlite:
            cursor.execute(on_sqlite)
        else:
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(on_postgres)
            cursor.execute(f"ALTER DATABASE {name} {on_postgres}")


@pytest.mark.parametrize("moment", [b"LIST", b"RETR 2", b"DELE 2", b"QUIT"])
def test_a_locked_database_loses_nothing(maildrop: RemoteMaildrop, odd: OddServer, lock: Lock, moment: bytes) -> None:
    odd.meanwhile[moment] = lock.hold
    with pytest.raises(OperationalError):
        pull.pull(maildrop)
    assert not Counter(SENT) - (stored() | left(odd))
    lock.release()
    # Where all of the database was locked the claim could not be given back, and goes stale.
    with mock.patch.object(pull.timezone, "now", return_value=timezone.now() + STALE + timedelta(seconds=1)):
        prove_that_the_next_pull_ends_it(maildrop, odd)


# Full ---------------------------------------------------------------------------------------------------------------


def fill_up() -> None:
    """Let the database grow no more."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Pages that earlier tests gave up would take another message or two.
            cursor.execute("VACUUM")
            [count] = cursor.execute("PRAGMA page_count").fetchone()
            cursor.execute(f"PRAGMA max_page_count = {count}")
        else:
            cursor.execute(_FULL)


def make_room() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA max_page_count = {2**30}")
        else:
            cursor.execute("DROP FUNCTION no_room() CASCADE")


_FULL = f"""
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE 'No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER no_room BEFORE INSERT ON {Message._meta.db_table} FOR EACH ROW EXECUTE FUNCTION no_room();
"""


def test_a_full_database_loses_nothing(maildrop: RemoteMaildrop, odd: OddServer) -> None:
    def fill_after_the_first(done: int, _wanted: int) -> None:
        if done == 1:
            fill_up()

    with pytest.raises(OperationalError, match=r"full|space"):
        pull.pull(maildrop, on_progress=fill_after_the_first)
    make_room()
    # The next one may be on its way into the database already when the first is told of.
    assert 1 <= stored().total() < len(SENT)
    assert not stored() - Counter(SENT)
    assert not Counter(SENT) - (stored() | left(odd))
    assert not RemoteMaildrop.objects.exclude(claimed_at=None).exists()
    prove_that_the_next_pull_ends_it(maildrop, odd)
