"""A proxy on loopback, in front of a real server, that breaks the line at a chosen octet."""

import enum
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

type Break = Callable[[bytes, socket.socket], Iterator[bytes]]


class Way(enum.Enum):
    """Where octets go."""

    UP = "to the server"
    DOWN = "to the client"


def cut(_rest: bytes, _source: socket.socket) -> Iterator[bytes]:
    """Close both lines."""
    raise ConnectionAbortedError


def stall(_rest: bytes, source: socket.socket) -> Iterator[bytes]:
    """Pass nothing on any more, and keep the lines open."""
    while source.recv(2**16):
        pass
    yield b""


def drip(seconds: float) -> Break:
    """One octet at a time, with so much time between."""

    def dripped(rest: bytes, source: socket.socket) -> Iterator[bytes]:
        while rest:
            for octet in rest:
                time.sleep(seconds)
                yield bytes([octet])
            rest = source.recv(2**16)

    return dripped


def inject(octets: bytes) -> Break:
    """Slip in octets that nobody sent, and go on."""

    def injected(rest: bytes, _source: socket.socket) -> Iterator[bytes]:
        yield octets + rest

    return injected


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens once so many octets have gone one way, counted over all connections."""

    way: Way
    after: int
    happens: Break = cut


class Cutter:
    """Stands between a client and 127.0.0.1:`port`. One fault at a time; after it the octets flow freely."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._lines: list[socket.socket] = []
        self._fault: Fault | None = None
        self.port: int = self._listener.getsockname()[1]
        self.passed: dict[Way, bytes] = {}

    def expect(self, fault: Fault | None) -> None:
        """Break the connections that follow; count from here."""
        self._fault = fault
        self.passed = dict.fromkeys(Way, b"")

    @property
    def is_broken(self) -> bool:
        """Whether the fault has happened."""
        return self._fault is None

    def __enter__(self) -> Self:
        self.expect(None)
        self._start(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._lines:
            _hang_up(line)
        for thread in self._threads:
            thread.join(timeout=5)

    def _start(self, work: Callable[..., None], *args: object) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(threading.Thread(target=work, args=args, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self._upstream))
                pair = [client, server]
                for line in pair:
                    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._lines = [line for line in self._lines if line.fileno() >= 0] + pair
                self._start(self._connect, client, server)

    def _connect(self, client: socket.socket, server: socket.socket) -> None:
        """Pass octets both ways until either side is done."""
        with client, server:
            up = threading.Thread(target=self._pump, args=(Way.UP, client, server), daemon=True)
            up.start()
            self._pump(Way.DOWN, server, client)
            up.join()

    def _pump(self, way: Way, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            for octets in self._octets(way, source):
                sink.sendall(octets)
        _hang_up(source)
        _hang_up(sink)

    def _octets(self, way: Way, source: socket.socket) -> Iterator[bytes]:
        while octets := source.recv(2**16):
            begun = len(self.passed[way])
            self.passed[way] += octets
            fault = self._fault
            if fault is None or fault.way is not way or fault.after > begun + len(octets):
                yield octets
                continue
            self._fault = None
            yield octets[: fault.after - begun]
            yield from fault.happens(octets[fault.after - begun :], source)


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
