"""A POP3 server for one fault at a time, on a real socket: a script says what each connection gets."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from mailbox.pop3 import Security, Server


class Line:
    """One connection as its script sees it."""

    def __init__(self, wire: socket.socket) -> None:
        self.wire = wire
        self.heard: list[bytes] = []
        self._received = b""

    def hear(self) -> bytes:
        """The client's next line without CRLF; ConnectionError when it has gone."""
        while b"\r\n" not in self._received:
            data = self.wire.recv(4096)
            if not data:
                raise ConnectionError
            self._received += data
        line, _, self._received = self._received.partition(b"\r\n")
        self.heard.append(line)
        return line

    def hear_octets(self, count: int) -> bytes:
        """The client's next `count` octets; ConnectionError when it has gone."""
        while len(self._received) < count:
            data = self.wire.recv(4096)
            if not data:
                raise ConnectionError
            self._received += data
        octets, self._received = self._received[:count], self._received[count:]
        return octets

    def say(self, octets: bytes) -> None:
        self.wire.sendall(octets)

    def answer(self, octets: bytes) -> bytes:
        """Wait for a line and answer it."""
        line = self.hear()
        self.say(octets)
        return line

    def drip(self, octets: bytes, *, every_seconds: float) -> None:
        for octet in octets:
            self.say(bytes([octet]))
            time.sleep(every_seconds)

    def start_tls(self, context: ssl.SSLContext) -> None:
        self.wire = context.wrap_socket(self.wire, server_side=True)

    def serve_until_quit(self, answers: dict[bytes, bytes]) -> None:
        """Answer by the first word, -ERR to what is not named."""
        while (line := self.hear()).split()[0] != b"QUIT":
            self.say(answers.get(line.split()[0], b"-ERR unknown\r\n"))
        self.say(b"+OK\r\n")


class Misbehaving:
    """Runs the n-th script for the n-th connection, the last one for all that follow; closes the line after it."""

    def __init__(self, *scripts: Callable[[Line], None]) -> None:
        self._scripts = scripts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.lines: list[Line] = []
        self.port: int = self._listener.getsockname()[1]

    def server(self, security: Security = Security.NONE) -> Server:
        return Server("localhost", self.port, security, "127.0.0.1")

    @property
    def heard(self) -> list[bytes]:
        """What the clients said, on all lines."""
        return [words for line in self.lines for words in line.heard]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self.lines:
            with suppress(OSError):
                socket.socket.shutdown(line.wire, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line = Line(self._listener.accept()[0])
                self.lines.append(line)
                self._start(self._play, line, self._scripts[min(len(self.lines), len(self._scripts)) - 1])

    def _play(self, line: Line, script: Callable[[Line], None]) -> None:
        with suppress(OSError):
            script(line)
        line.wire.close()
