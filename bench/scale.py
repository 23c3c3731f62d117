"""Whether a pull costs the same in a full mailbox as in an empty one, and what a look costs that finds nothing new.

    uv run python -m bench.scale [--messages 100000] [--database sqlite|postgresql]

The embedded POP3 server gives the messages out from a process of its own; the pull runs with the settings of
production into a fresh database. Printed: messages/s over the first and the last tenth and their ratio, then the
seconds, queries and peak RSS of a pull that finds all of them known.
"""

import argparse
import multiprocessing
import os
import tempfile
import time
from contextlib import ExitStack
from multiprocessing.synchronize import Event
from pathlib import Path

from bench.pull import peak_of
from tests.servers import free_port, postgres
from tests.shelf import PASSWORD, Shelf
from tests.site import Site, make_template


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="Pull a large maildrop.")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="letterbox-bench-")))
        url = stack.enter_context(postgres(is_durable=True)) if options.database == "postgresql" else ""
        site = Site(folder / "site", database_url=url, template=make_template(folder / "template"))
        site.manage("migrate", "--verbosity", "0")
        port, ready, done = free_port(), spawn.Event(), spawn.Event()
        server = spawn.Process(target=_serve, args=(port, options.messages, ready, done))
        server.start()
        stack.callback(server.join)
        stack.callback(done.set)
        ready.wait()
        os.environ |= site.environment | {"MAIL_LOG_LEVEL": "WARNING"}
        print(f"{options.messages} messages, {options.database}")
        _measure(port, options.messages)


def _serve(port: int, count: int, ready: Event, done: Event) -> None:
    with Shelf(port) as shelf:
        shelf.messages = {f"id{number}": _message(number) for number in range(count)}
        ready.set()
        done.wait()


def _message(number: int) -> bytes:
    """A message of about 2 KB; four make a conversation."""
    reference = f"References: <{number - number % 4}@made.test>\r\n" if number % 4 else ""
    lines = "".join(f"Line {line} of message {number} tells of lunch, boats and rain.\r\n" for line in range(30))
    return (
        f"From: Sender {number % 500} <sender{number % 500}@made.test>\r\nTo: alice@home.test\r\n"
        f"Subject: Message {number}\r\nMessage-ID: <{number}@made.test>\r\n{reference}"
        f"Date: Mon, 24 Nov 2025 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02} +0000\r\n\r\n{lines}"
    ).encode()


def _measure(port: int, count: int) -> None:
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.models import MailAccount, RemoteMaildrop, User
    from mailbox import pull

    account = MailAccount.objects.create(owner=User.objects.create_user("alice"), address="alice@home.test")
    server = {"host": "127.0.0.1", "port": port, "security": "none", "may_be_private": True}
    maildrop = RemoteMaildrop.objects.create(account=account, login="alice", password=PASSWORD, **server)
    marks = [(0, time.perf_counter())]
    pull.pull(maildrop, on_progress=lambda done, _: marks.append((done, time.perf_counter())))
    tenth = count // 10
    first, last = _rate(marks, 0, tenth), _rate(marks, count - tenth, count)
    whole = _rate(marks, 0, count)
    print(f"first tenth {first:.0f} messages/s, last tenth {last:.0f}, ratio {first / last:.2f}, whole {whole:.0f}")
    begun = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        report = pull.pull(maildrop)
    seconds = time.perf_counter() - begun
    print(f"nothing new: {report.known} known, {seconds:.2f} s, {len(queries)} queries")
    print(f"peak RSS {peak_of(os.getpid()) / 1e6:.0f} MB")


def _rate(marks: list[tuple[int, float]], begin: int, end: int) -> float:
    inside = [(done, at) for done, at in marks if begin <= done <= end]
    (first, began), (last, ended) = inside[0], inside[-1]
    return (last - first) / (ended - began)


if __name__ == "__main__":
    main()
