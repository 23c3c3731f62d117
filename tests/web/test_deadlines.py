"""How long the guarded client waits: one deadline for everything."""

import time
from collections.abc import Sequence

import pytest

from mailbox import web
from tests.pop3.misbehaving import Line
from tests.web.asking import get
from tests.web.odd_web import Script, gives, hear_request


def dripping(beginning: bytes) -> Script:
    def drip(line: Line) -> None:
        hear_request(line)
        line.say(beginning)
        line.drip(b"a" * 1_000, every_seconds=0.05)

    return drip


@pytest.mark.parametrize(
    "script",
    [
        dripping(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nX-Field: "),
        lambda line: line.hear() and time.sleep(3),
    ],
)
def test_one_deadline_counts_for_all(serve, script):
    begun = time.monotonic()
    with pytest.raises(web.Unreachable):
        get(serve(script).url, limits=web.Limits(seconds=0.5))
    assert time.monotonic() - begun < 2


def test_resolving_counts_as_well(serve):
    server = serve(gives())

    def slow(_host: str, _port: int) -> Sequence[str]:
        time.sleep(1.5)
        return ["127.0.0.1"]

    with pytest.raises(web.Unreachable):
        get(server.url, slow, limits=web.Limits(seconds=0.3))
    assert server.lines == []


def test_redirects_do_not_begin_the_deadline_anew(serve):
    def slow(line: Line) -> None:
        hear_request(line)
        time.sleep(0.3)
        line.say(b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n")

    server = serve(slow)
    with pytest.raises(web.Unreachable):
        get(server.url, limits=web.Limits(seconds=0.5))
    assert len(server.lines) == 2


@pytest.mark.parametrize("script", [lambda line: None, hear_request])
def test_a_server_that_hangs_up_or_is_not_there_is_unreachable(serve, script):
    server = serve(script)
    with pytest.raises(web.Unreachable):
        get(server.url)
    server.__exit__()
    with pytest.raises(web.Unreachable):
        get(server.url)
