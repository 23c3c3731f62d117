"""Octets and replies on one connection, under deadlines; what they mean is left to the client."""

import select
import socket
import ssl
import time
from dataclasses import dataclass

from mailbox.smtp.errors import Garbled, Unreachable

# RFC 5321, 4.5.3.1.5 says 512; several servers send more.
REPLY_LINE_OCTETS = 4_096
REPLY_LINES = 200
RECEIVE_OCTETS = 16_384


@dataclass(frozen=True, slots=True)
class Reply:
    """A code and its lines without CRLF (RFC 5321, 4.2), control characters already gone."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as one sentence, short enough to show and to store."""
        return " ".join(line for line in self.lines if line)[:500]

    @property
    def is_positive(self) -> bool:
        return 200 <= self.code < 300

    @property
    def is_temporary(self) -> bool:
        return 400 <= self.code < 500

    @property
    def is_permanent(self) -> bool:
        return 500 <= self.code < 600


class Wire:
    """A socket with a buffer and one deadline for the whole session.

    Every wait also has its own limit in seconds. Both are points in time, so octets that trickle in
    do not prolong them as they would a socket timeout. All methods raise Unreachable when the line is lost.
    """

    def __init__(self, sock: socket.socket, *, ends_at: float) -> None:
        self._sock = sock
        self._ends_at = ends_at
        self._buffer = bytearray()

    @property
    def tls_version(self) -> str | None:
        return self._sock.version() if isinstance(self._sock, ssl.SSLSocket) else None

    @property
    def certificate(self) -> bytes:
        """The server's certificate in DER; empty without TLS."""
        return (self._sock.getpeercert(binary_form=True) or b"") if isinstance(self._sock, ssl.SSLSocket) else b""

    @property
    def local_address(self) -> str:
        return str(self._sock.getsockname()[0])

    def send(self, octets: bytes, *, seconds: float) -> None:
        """Hand all octets to the system, or raise: then the last of them did not leave.

        Raises Garbled when a reply is waiting that nothing was asked for: it would pass for the answer to this.
        """
        if self._buffer:
            raise Garbled("The server spoke out of turn.")
        until = self._until(seconds)
        view = memoryview(octets)
        while view:
            self._wait_at_most(until)
            try:
                view = view[self._sock.send(view) :]
            except OSError as error:
                raise Unreachable(line_loss(error)) from error

    def is_answered(self, *, seconds: float) -> bool:
        """Whether something to read is there within so many seconds: then reading it is no long wait."""
        if self._buffer or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending()):
            return True
        left = self._until(seconds) - time.monotonic()
        waiting = select.poll()
        waiting.register(self._sock, select.POLLIN)
        return bool(waiting.poll(max(left, 0) * 1000))

    def read_reply(self, *, seconds: float) -> Reply:
        """Read one reply of any number of lines; raises Garbled for what is none or never ends."""
        until = self._until(seconds)
        lines: list[str] = []
        while True:
            code, is_last, text = _parse(self._read_line(until))
            lines.append(text)
            if is_last:
                return Reply(code, tuple(lines))
            if len(lines) == REPLY_LINES:
                raise Garbled("The server's reply has no end.")

    def start_tls(self, context: ssl.SSLContext, host: str, *, seconds: float) -> None:
        """Encrypt the line from here on. Raises Garbled when plain octets were waiting already (RFC 3207, 6)."""
        if self._buffer:
            raise Garbled("The server, or someone between, sent commands ahead of the encryption.")
        self._wait_at_most(self._until(seconds))
        self._sock = context.wrap_socket(self._sock, server_hostname=host)

    def close(self) -> None:
        self._sock.close()

    def _read_line(self, until: float) -> bytes:
        scanned = 0
        while (end := self._buffer.find(b"\n", scanned)) < 0:
            scanned = len(self._buffer)
            if scanned > REPLY_LINE_OCTETS:
                raise Garbled("The server sent a line that is too long for a reply.")
            self._buffer += self._receive(until)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r")

    def _receive(self, until: float) -> bytes:
        self._wait_at_most(until)
        try:
            octets = self._sock.recv(RECEIVE_OCTETS)
        except OSError as error:
            raise Unreachable(line_loss(error)) from error
        if not octets:
            raise Unreachable("The server closed the connection.")
        return octets

    def _until(self, seconds: float) -> float:
        return min(time.monotonic() + seconds, self._ends_at)

    def _wait_at_most(self, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0:
            raise Unreachable("The server took too long to answer.")
        self._sock.settimeout(left)


def line_loss(error: OSError) -> str:
    """Say in plain words how a connection that stood was lost."""
    if isinstance(error, TimeoutError):
        return "The server took too long to answer."
    if isinstance(error, ssl.SSLError):
        return f"The encrypted connection broke: {error.reason or error}."
    return f"The connection was lost: {error.strerror or error}."


def _parse(line: bytes) -> tuple[int, bool, str]:
    code, separator, text = line[:3], line[3:4], line[4:]
    is_reply = code.isdigit() and code[:1] in b"2345" and separator in (b" ", b"-", b"")
    if len(code) < 3 or not is_reply:
        raise Garbled("What answers there does not speak SMTP.")
    return int(code), separator != b"-", _tamed(text.decode("utf-8", "replace"))


def _tamed(text: str) -> str:
    """Without control characters: the words of a stranger are shown and logged."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return text.strip()
