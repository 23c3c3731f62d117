"""The Celery worker as `serve` runs it: many pulls at once, in threads."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.pop3.misbehaving import Line, Misbehaving
from tests.servers import wait_until
from tests.site import ROOT, Site

ADD_ACCOUNTS = """
import sys
from accounts.models import MailAccount, RemoteMaildrop, User
alice = User.objects.create_user("alice")
for port in sys.stdin.read().split():
    account = MailAccount.objects.create(owner=alice, name=port, address=f"a{port}@far.test")
    RemoteMaildrop.objects.create(
        account=account, host="127.0.0.1", port=port, security="none", login="alice", password="x", may_be_private=True
    )
"""
NOTHING = b"+OK\r\n.\r\n"
EMPTY_MAILDROP = dict.fromkeys([b"USER", b"PASS", b"NOOP"], b"+OK\r\n")
EMPTY_MAILDROP |= dict.fromkeys([b"CAPA", b"LIST", b"UIDL"], NOTHING) | {b"STAT": b"+OK 0 0\r\n"}


class Held:
    """A server that keeps its clients waiting for the greeting until it is released."""

    def __init__(self) -> None:
        self._released = threading.Event()
        self.server = Misbehaving(self._play)

    def release(self) -> None:
        self._released.set()

    @property
    def is_asked(self) -> bool:
        return bool(self.server.lines)

    @property
    def is_done(self) -> bool:
        return b"QUIT" in self.server.heard

    def _play(self, line: Line) -> None:
        self._released.wait(60)
        line.say(b"+OK\r\n")
        line.serve_until_quit(EMPTY_MAILDROP)


@pytest.fixture
def held() -> Iterator[Callable[[], Held]]:
    """Make servers that hold their clients."""
    made: list[Held] = []

    def make() -> Held:
        made.append(Held())
        made[-1].server.__enter__()
        return made[-1]

    yield make
    for each in made:
        each.release()
        each.server.__exit__()


def add_accounts(site: Site, *servers: Held) -> None:
    ports = "\n".join(str(each.server.port) for each in servers)
    site.manage("shell", "--verbosity", "0", "--command", ADD_ACCOUNTS, stdin=ports)


def test_slow_servers_delay_nobody_and_a_worker_that_is_to_end_finishes_its_pulls(
    start_site: Callable[..., Site], held: Callable[[], Held]
):
    first, second, third = held(), held(), held()
    third.release()
    site = start_site("beat")
    add_accounts(site, first, second, third)
    site.start("worker")

    wait_until(lambda: third.is_done and first.is_asked and second.is_asked, what="the pull of the third account")
    assert not first.is_done
    assert not second.is_done

    worker = site.processes.pop("worker")
    os.killpg(worker.pid, signal.SIGTERM)
    time.sleep(0.5)
    assert worker.poll() is None
    first.release()
    second.release()
    assert worker.wait(10) == 0
    assert first.is_done
    assert second.is_done
    assert "Traceback" not in site.log("worker")


def test_an_idle_worker_answers_inspect_and_ends_within_seconds(start_site: Callable[..., Site]):
    site = start_site("worker")
    inspect = [sys.executable, "-m", "celery", "--app", "webmail", "inspect", "ping", "--timeout", "1"]

    def answers() -> bool:
        return subprocess.run(inspect, cwd=ROOT, env=site.environment, capture_output=True, check=False).returncode == 0

    wait_until(answers, what="the worker's answer")

    worker = site.processes.pop("worker")
    os.killpg(worker.pid, signal.SIGTERM)
    assert worker.wait(8) == 0
    assert list(Path(site.environment["DATA_DIR"], "broker", "queue").iterdir()) == []


@pytest.mark.database
def test_threads_give_their_database_connections_back(start_site: Callable[..., Site], postgres_url: str):
    site = start_site("beat", database_url=postgres_url)
    name = site.environment["DATABASE_URL"].rpartition("/")[2]

    with psycopg.connect(postgres_url, autocommit=True) as watching:

        def connections() -> int:
            row = watching.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [name]).fetchone()
            assert row
            return int(row[0])

        site.start("worker")
        wait_until(connections, what="the first task")
        # A thread that kept its connection after a tick would keep it for ever, and this would never be 0 again.
        wait_until(lambda: not connections(), what="the return of every connection", seconds=20)
