"""A post office to send to: our own server on a free port, with a list for a database."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mailbox.smtp import Arrival, MailServer

LIMIT = 1_000_000


@dataclass
class PostOffice:
    """Knows everybody at home.test, and keeps what arrives."""

    arrivals: list[Arrival] = field(default_factory=list)
    server: MailServer | None = None

    def find(self, address: str) -> str | None:
        return address.partition("@")[0].lower() if address.lower().endswith("@home.test") else None

    @property
    def port(self) -> int:
        assert self.server is not None
        return self.server.port

    @property
    def octets(self) -> list[bytes]:
        return [arrival.octets for arrival in self.arrivals]


@contextmanager
def post_office(
    *,
    find: Callable[[str], object | None] | None = None,
    receive: Callable[[Arrival], None] | None = None,
    **options: object,
) -> Iterator[PostOffice]:
    office = PostOffice()
    office.server = MailServer(
        "127.0.0.1",
        0,
        hostname="mail.home.test",
        find=find or office.find,
        receive=receive or office.arrivals.append,
        message_octets_limit=LIMIT,
        **options,  # type: ignore[arg-type]
    )
    office.server.start()
    try:
        yield office
    finally:
        office.server.stop()


def dialogue(port: int, *sent: bytes) -> list[str]:
    """Send all pieces at once, then read replies until the server closes; return their lines after the greeting."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(b"".join(sent))
        return b"".join(iter(lambda: sock.recv(65_536), b"")).decode().splitlines()[1:]


def wait_for(sock: socket.socket, end: bytes) -> None:
    received = b""
    while not received.endswith(end):
        received += sock.recv(1000)


def greeting_of(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        return sock.recv(1000).decode()
