"""The same pages as a browser asks for them, over HTTP, and Roundcube's beside them in the same run (`bench.pages`)."""

import gzip
import http.client
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from http import HTTPStatus

from bench.roundcube import Ask, missing, roundcube
from tests.site import Site

type Times = dict[str, tuple[list[float], int]]
"""By the name of a page, the milliseconds of each run, sorted, and the octets of the answer, compressed."""

# Dovecot is given a file for each message.
_MOST = 100_000
_UNTIMED = 5


def measured(site: Site, size: int, session: str, key: str, *, runs: int) -> Times:
    """Ask Letterbox's web server and, where it is installed, Roundcube for their pages in turns.

    `session` belongs to the owner of the mailbox of `size` messages in `site`; `key` opens its conversation of five.
    """
    with ExitStack() as stack:
        stack.callback(site.stop)
        site.start("web")
        asks = ours(site.port, session, key)
        if absent := missing():
            print(f"  Roundcube is not here to be measured: {absent}")
        elif size > _MOST:
            print(f"  Roundcube is measured up to {_MOST:,} messages")
        else:
            asks |= stack.enter_context(roundcube(_messages(size)))
        return _timed(asks, runs)


def ours(port: int, session: str, key: str) -> dict[str, Ask]:
    """Return by their names what asks for our pages over a kept connection."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        line.request("GET", path, headers={"Cookie": f"sessionid={session}", **headers})
        answer = line.getresponse()
        return answer.status, answer.read()

    return {
        "over HTTP: the inbox": lambda: ask("/", {}),
        "over HTTP: a conversation of 5": lambda: ask(f"/m/{key}/?in=inbox", {"HX-Request": "true"}),
    }


def _timed(asks: Mapping[str, Ask], runs: int) -> Times:
    times: dict[str, list[float]] = {name: [] for name in asks}
    octets: dict[str, int] = {}
    for run in range(runs + _UNTIMED):
        for name, ask in asks.items():
            begun = time.perf_counter()
            status, content = ask()
            lasted = (time.perf_counter() - begun) * 1e3
            assert status == HTTPStatus.OK, (name, status)
            # The first ones compile templates, and index a full mailbox.
            if run >= _UNTIMED:
                times[name].append(lasted)
                octets[name] = len(gzip.compress(content, 6))
    return {name: (sorted(found), octets[name]) for name, found in times.items()}


def _messages(size: int) -> Iterator[bytes]:
    """Yield messages like those that `bench.pages` copies, and the conversation of five on top."""
    for number in range(size):
        yield _message("One of many", f"many{number}", "Sat, 1 Nov 2025 09:00:00 +0000")
    for number in range(5):
        yield _message("Re: Boats" if number else "Boats", f"boats{number}", "Mon, 24 Nov 2025 09:00:00 +0000")


def _message(subject: str, name: str, date: str) -> bytes:
    fields = f"From: Dana <dana@far.test>\r\nTo: alice@home.test\r\nSubject: {subject}\r\nDate: {date}\r\n"
    kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    return f"{fields}Message-ID: <{name}@far.test>\r\n{kind}\r\nA few words.\r\n".encode()
