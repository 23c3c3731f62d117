"""A relay on loopback that counts what passes: requests, and octets as they are on the wire, headers included.

Between a browser and a server it sees all that the browser asks for, also what its developer tools keep to themselves:
icons, the manifest, and the service worker with its own requests.
"""

import re
import selectors
import socket
import threading
from dataclasses import dataclass, field

_REQUEST = re.compile(rb"(?:^|\r\n\r\n)((?:GET|HEAD|POST) [^ \r\n]+) HTTP/1\.[01]\r\n")


@dataclass
class Exchange:
    """A request, as `GET /path`, and the octets of its answer."""

    request: str
    octets: int = 0


@dataclass
class Relay:
    """Listens on `port` of 127.0.0.1, and passes all on to `target`, a port of 127.0.0.1; a thread of its own."""

    target: int
    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to listen."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where a browser finds the server through this relay."""
        return f"http://127.0.0.1:{self.port}"

    def taken(self) -> list[Exchange]:
        """Return what has passed since this was asked last."""
        passed, self.exchanges = self.exchanges, []
        return passed

    def _accept(self) -> None:
        while True:
            browser, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self.target))
            for end in (browser, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pass_on, args=(browser, server), daemon=True).start()

    def _pass_on(self, browser: socket.socket, server: socket.socket) -> None:
        current = Exchange("")
        with browser, server, selectors.DefaultSelector() as ready:
            ready.register(browser, selectors.EVENT_READ)
            ready.register(server, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    octets = self._read(key.fileobj)
                    if not octets:
                        return
                    if key.fileobj is server:
                        current.octets += len(octets)
                        browser.sendall(octets)
                        continue
                    # A browser waits for an answer before it asks again on the same line.
                    for request in _REQUEST.findall(octets):
                        current = Exchange(request.decode(errors="replace"))
                        self.exchanges.append(current)
                    server.sendall(octets)

    @staticmethod
    def _read(end: socket.socket) -> bytes:
        try:
            return end.recv(65536)
        except OSError:
            return b""
