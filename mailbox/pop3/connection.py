"""A blocking connection to a POP3 server: sockets, TLS and deadlines. What is said over it is the client's business."""

import hashlib
import hmac
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from .errors import Garbled, Unreachable, Untrusted
from .spool import Spool
from .values import Limits, Server
from .wire import LongBody, ReceiveBuffer


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe to be `host`: whom `context` verifies and, with `fingerprint` (SHA-256, hex), none but that."""

    host: str
    context: ssl.SSLContext
    fingerprint: str | None = None

    @classmethod
    def choose(cls, host: str, context: ssl.SSLContext | None, fingerprint: str | None) -> Self:
        """Without a context: the system's authorities, or nobody but the fingerprint."""
        return cls(host, context or (unverified_context() if fingerprint else verifying_context()), fingerprint)


class Wire(Protocol):
    """What a connection needs of its socket."""

    def recv_into(self, buffer: memoryview, /) -> int: ...
    def sendall(self, data: bytes, /) -> None: ...
    def settimeout(self, value: float | None, /) -> None: ...
    def close(self) -> None: ...


class Connection:
    """Lines and bodies over a socket, within the limits. Raises Unreachable when the line is lost or too slow."""

    def __init__(self, wire: Wire, limits: Limits) -> None:
        self.limits = limits
        self._wire = wire
        self._buffer = ReceiveBuffer(max(limits.spool_octets, 2 * limits.line_octets))
        self._ends_at = time.monotonic() + limits.session_seconds
        self._timeout = -1.0
        self._unread_body: LongBody | None = None

    @classmethod
    def open(cls, server: Server, limits: Limits) -> Self:
        """Connect to `server.address`, else to its host; no TLS yet."""
        address = (server.address or server.host, server.port)
        try:
            wire = socket.create_connection(address, timeout=limits.connect_seconds)
        except (OSError, ValueError, OverflowError) as error:
            raise Unreachable(f"{server.host}:{server.port}: {_reason(error)}") from error
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(wire, limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def seconds_left(self) -> float:
        """Until the session's deadline; negative after it."""
        return self._ends_at - time.monotonic()

    def start_tls(self, trust: Trust) -> None:
        """Shake hands. Raises Untrusted for whom `trust` does not believe."""
        if len(self._buffer):
            # They would be read as if they had come under TLS (RFC 2595, 4).
            raise Garbled("The server sent octets in the clear where TLS begins")
        assert isinstance(self._wire, socket.socket)
        self._set_timeout(self._patience(self.limits.connect_seconds))
        try:
            self._wire = trust.context.wrap_socket(self._wire, server_hostname=trust.host)
        except ssl.SSLCertVerificationError as error:
            raise Untrusted(f"{trust.host}: {error.verify_message}") from error
        except (OSError, ValueError) as error:
            raise Untrusted(f"{trust.host}: TLS failed: {_reason(error)}") from error
        self._timeout = -1.0
        if trust.fingerprint and not _same_fingerprint(trust.fingerprint, self.fingerprint):
            raise Untrusted(f"{trust.host}: the certificate is not the one that was accepted")

    @property
    def tls_version(self) -> str:
        """Such as "TLSv1.3"; "" without TLS."""
        return (self._wire.version() or "") if isinstance(self._wire, ssl.SSLSocket) else ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the server's certificate in hex; "" without TLS."""
        return hashlib.sha256(self.certificate).hexdigest() if isinstance(self._wire, ssl.SSLSocket) else ""

    @property
    def certificate(self) -> bytes:
        """The server's certificate in DER; empty without TLS."""
        return (self._wire.getpeercert(binary_form=True) or b"") if isinstance(self._wire, ssl.SSLSocket) else b""

    def send(self, octets: bytes) -> None:
        self._set_timeout(self._patience(self.limits.command_seconds))
        try:
            self._wire.sendall(octets)
        except OSError as error:
            raise Unreachable(f"The connection was lost while sending: {_reason(error)}") from error

    def expect_silence(self) -> None:
        """Nothing may lie unread where a command begins. Raises Garbled for an answer that nobody asked for."""
        self._finish_body()
        if len(self._buffer):
            raise Garbled("The server answered what it was not asked")

    def line(self) -> bytes:
        """The next line without CRLF, complete within `command_seconds`."""
        self._finish_body()
        line = self._buffer.line(self.limits.line_octets)
        if line is not None:
            return line
        until = time.monotonic() + self.limits.command_seconds
        while line is None:
            self._receive(until - time.monotonic())
            line = self._buffer.line(self.limits.line_octets)
        return line

    def body(self, limit: int) -> bytes | None:
        """A multi-line reply's body, dots unstuffed; None when it has over `limit` octets.

        Silence may last `command_seconds`. What is left of an overlong body is read away before the next line.
        """
        body = self._short_body()
        if body is None:
            kept = BytesIO()
            return kept.getvalue() if self._long_body(limit, kept) else None
        return body if len(body) <= limit else None

    def beginning(self, limit: int) -> bytes:
        """The first `limit` octets of a multi-line reply's body."""
        body = self._short_body()
        if body is None:
            kept = BytesIO()
            self._long_body(limit, kept)
            return kept.getvalue()
        return body[:limit]

    def message(self, limit: int) -> bytes | Spool | None:
        """Like `body`; one that outgrows the receive buffer is received into a temporary file."""
        body = self._short_body()
        if body is None:
            spool = Spool()
            return spool if self._long_body(limit, spool.file) else None
        return body if len(body) <= limit else None

    def _short_body(self) -> bytes | None:
        """A body that fits in the receive buffer, or None when the buffer is full of it."""
        while (body := self._buffer.body()) is None and not self._buffer.is_full:
            self._receive(self.limits.command_seconds)
        return body

    def _long_body(self, limit: int, kept: BinaryIO) -> bool:
        """Receive a body that has filled the buffer; False as soon as it is over the limit."""
        body = LongBody(limit, kept)
        while not self._buffer.drain_body(body):
            if body.is_over_limit:
                self._unread_body = body
                return False
            self._receive(self.limits.command_seconds)
        return not body.is_over_limit

    def _finish_body(self) -> None:
        """Read away the rest of an overlong body."""
        if (body := self._unread_body) is None:
            return
        most = body.octet_count + self.limits.skip_octets
        while not self._buffer.drain_body(body):
            if body.octet_count > most:
                raise Garbled("The server's answer does not end")
            self._receive(self.limits.command_seconds)
        self._unread_body = None

    def _receive(self, seconds: float) -> None:
        self._set_timeout(self._patience(seconds))
        try:
            count = self._wire.recv_into(self._buffer.room())
        except TimeoutError as error:
            raise Unreachable(f"The server was silent for {max(self._timeout, 0):.0f} s") from error
        except OSError as error:
            raise Unreachable(f"The connection was lost: {_reason(error)}") from error
        if count == 0:
            raise Unreachable("The server closed the connection")
        self._buffer.received(count)

    def _patience(self, seconds: float) -> float:
        """Seconds to wait now, cut by the session's deadline: octets that trickle never let a socket time out."""
        left = self.seconds_left
        if left <= 0:
            raise Unreachable(f"The session was not over after {self.limits.session_seconds:.0f} s")
        if seconds <= 0:
            raise Unreachable(f"No whole answer came within {self.limits.command_seconds:.0f} s")
        return min(seconds, left)

    def _set_timeout(self, seconds: float) -> None:
        # A system call each: a few milliseconds of difference are not worth it.
        if abs(seconds - self._timeout) > 0.01:
            self._wire.settimeout(seconds)
            self._timeout = seconds

    def close(self) -> None:
        with suppress(OSError):
            self._wire.close()


@cache
def verifying_context() -> ssl.SSLContext:
    """TLS 1.2 or later, the certificate checked against the system's authorities and the host's name.

    One for all connections: to load the authorities takes longer than to log in.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@cache
def unverified_context() -> ssl.SSLContext:
    """For a certificate that is compared by its fingerprint instead."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _same_fingerprint(accepted: str, seen: str) -> bool:
    return hmac.compare_digest(accepted.replace(":", "").strip().lower().encode(), seen.encode())


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLError):
        return (error.reason or "not a TLS connection").replace("_", " ").lower()
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
