"""The threads of the web server: files on their way to slow lines leave enough of them for pages."""

import http.client
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers import answers, free_port, wait_until
from webmail.management.commands.serve import web_server
from webmail.serving import FILES, PAGES, THREADS, sharing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def port() -> Iterator[int]:
    """The web server as `serve` starts it, with another application."""
    port = free_port()
    *command, _application = web_server(sys.executable, "127.0.0.1", port)
    server = subprocess.Popen([*command, "tests.webmail.large_file:application"], cwd=ROOT)
    try:
        wait_until(lambda: answers(port), what="the web server answers")
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def slow_reader(port: int, person: int) -> socket.socket:
    """Ask for the file, and wait long to read it."""
    reader = socket.socket()
    # So little fits between the two that the server has to wait.
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    reader.settimeout(30)
    reader.connect(("127.0.0.1", port))
    reader.sendall(f"GET /file?{person} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return reader


def status_of(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    return connection.getresponse().status


def test_pages_come_while_files_leave_slowly_and_a_reader_who_goes_leaves_his_place(port: int):
    with ExitStack() as stack:
        readers = [stack.enter_context(slow_reader(port, person)) for person in range(FILES)]
        assert {reader.recv(12) for reader in readers} == {b"HTTP/1.1 200"}
        assert status_of(port, "/") == 200
        assert status_of(port, "/file?99") == 503
    wait_until(lambda: status_of(port, "/file?99") == 200, what="a place is free again")


def test_the_image_starts_as_many_threads_as_serve():
    assert re.findall('"--blocking-threads", "([0-9]+)"', (ROOT / "Dockerfile").read_text()) == [str(THREADS)]
    assert THREADS >= FILES + PAGES


def test_only_some_answers_are_made_at_once():
    made, going_on = threading.Semaphore(0), threading.Event()

    def make(_environ: object, _start: object) -> list[bytes]:
        made.release()
        going_on.wait(timeout=30)
        return []

    share = sharing(make, pages=2)
    threads = [threading.Thread(target=share, args=({}, None)) for _number in range(3)]
    for thread in threads:
        thread.start()
    assert made.acquire(timeout=30)
    assert made.acquire(timeout=30)
    assert not made.acquire(timeout=0.05)
    going_on.set()
    for thread in threads:
        thread.join(timeout=30)
    assert made.acquire(timeout=30)


def test_an_answer_that_leaves_takes_no_place_from_the_next():
    share = sharing(lambda _environ, _start: iter([b"piece"]), pages=1)
    leaving = share({}, None)
    assert list(share({}, None)) == list(leaving) == [b"piece"]
