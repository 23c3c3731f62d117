"""The broker is an alarm clock: wiped, stopped or its folder emptied, what was queued still leaves, and once."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Self

import pytest
from redis import Redis

from tests.conftest import started
from tests.servers import answers, free_port, program, wait_until
from tests.site import Site
from tests.smtpsink import SmtpSink

pytestmark = pytest.mark.slow
TICKS_SECONDS = 3


class Broker:
    """A Redis that can be stopped and started again on the same port."""

    def __enter__(self) -> Self:
        self._program = program("redis-server", package="redis-server")
        self._folder = tempfile.TemporaryDirectory(prefix="letterbox-redis-")
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._folder.cleanup()

    def start(self) -> None:
        command = [self._program, "--bind", "127.0.0.1", "--port", str(self._port), "--save", ""]
        self._process = subprocess.Popen([*command, "--dir", self._folder.name], stdout=subprocess.DEVNULL)
        wait_until(lambda: answers(self._port), what="Redis's start")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def wipe(self) -> int:
        """Forget everything; return how many tasks waited."""
        with Redis.from_url(self.url) as client:
            waited = int(client.llen("celery"))
            client.flushall()
        return waited


@pytest.fixture
def broker() -> Iterator[Broker]:
    yield from started(Broker)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    yield from started(SmtpSink)


def add_alice(site: Site, sink: SmtpSink) -> None:
    site.manage("adduser", "alice", "--password-stdin", stdin="a long and quiet password\n")
    servers = ["--pop3", "pop3://alice:x@127.0.0.1:9", "--smtp", f"smtp://127.0.0.1:{sink.port}"]
    site.manage("addaccount", "alice", "alice@home.test", *servers, "--every", "1440")


def queue(site: Site, subject: str) -> float:
    """Queue a message; return how many seconds that took."""
    begun = time.monotonic()
    site.manage("sendmail", "alice", "dana@far.test", stdin=f"Subject: {subject}\n\nHello\n")
    return time.monotonic() - begun


def arrived(sink: SmtpSink) -> list[bytes]:
    """The subjects that the sink has so far."""
    with suppress(StopIteration):
        # It begins a file before it has the message.
        return [octets.partition(b"Subject: ")[2].partition(b"\r\n")[0] for octets in sink.messages()]
    return []


def wait_for(sink: SmtpSink, *subjects: bytes) -> None:
    """Return once these have arrived; some ticks later there must be no second copy."""
    wait_until(lambda: set(subjects) <= set(arrived(sink)), what=f"the arrival of {subjects!r}")
    time.sleep(TICKS_SECONDS)
    assert sorted(arrived(sink)) == sorted(subjects)


def test_a_redis_that_is_wiped_or_stopped_costs_only_time(
    broker: Broker, sink: SmtpSink, postgres_url: str, start_site: Callable[..., Site]
) -> None:
    site = start_site("beat", redis_url=broker.url, database_url=postgres_url)
    add_alice(site, sink)
    queue(site, "wiped")
    assert broker.wipe() >= 1
    site.start("worker")
    wait_for(sink, b"wiped")

    broker.stop()
    assert queue(site, "stopped") < 20
    assert arrived(sink) == [b"wiped"]
    broker.start()
    wait_for(sink, b"wiped", b"stopped")


def test_a_broker_folder_that_is_emptied_costs_only_time(sink: SmtpSink, start_site: Callable[..., Site]) -> None:
    site = start_site("beat")
    add_alice(site, sink)
    queue(site, "emptied")
    waiting = [path for path in (site.folder / "broker").rglob("*") if path.is_file()]
    assert waiting
    for path in waiting:
        path.unlink(missing_ok=True)
    site.start("worker")
    wait_for(sink, b"emptied")
