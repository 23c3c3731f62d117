"""A socket that has one deadline for everything, and hands out no more octets than it was allowed to."""

import io
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import Any, Self

from .errors import Garbled, Unreachable, Untrusted
from .target import Target


class Wire:
    """What `http.client` needs of a socket. Raises Unreachable after the deadline, Garbled beyond the allowance.

    A timeout of a socket begins anew with each octet: a server that drips would keep a worker for ever.
    """

    def __init__(self, sock: socket.socket, *, ends_at: float, allowance: int) -> None:
        self._sock = sock
        self._ends_at = ends_at
        self.allowance = allowance
        """Octets that may still come."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._sock.close()

    def start_tls(self, name: str) -> None:
        """Shake hands with the server that must prove to be `name`."""
        self._sock.settimeout(_left(self._ends_at))
        try:
            self._sock = _context().wrap_socket(self._sock, server_hostname=name)
        except ssl.SSLCertVerificationError as error:
            raise Untrusted(error.verify_message) from error
        except (ssl.SSLError, ValueError) as error:
            raise Untrusted("no TLS") from error
        except OSError as error:
            raise Unreachable("the line was lost in the TLS handshake") from error

    def sendall(self, octets: bytes) -> None:
        self._sock.settimeout(_left(self._ends_at))
        try:
            self._sock.sendall(octets)
        except OSError as error:
            raise Unreachable("the line was lost") from error

    def recv_into(self, buffer: memoryview) -> int:
        self._sock.settimeout(_left(self._ends_at))
        try:
            count = self._sock.recv_into(buffer)
        except OSError as error:
            raise Unreachable("the line was lost or silent") from error
        self.allowance -= count
        if self.allowance < 0:
            raise Garbled("more octets than are wanted")
        return count

    def makefile(self, *_mode: Any) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))


class _Reader(io.RawIOBase):
    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._wire.recv_into(buffer)


def dial(target: Target, addresses: Sequence[str], *, ends_at: float, seconds: float, allowance: int) -> Wire:
    """Connect to the first of the IP `addresses` that answers within `seconds`, and to no other machine.

    TLS is asked to prove the name, so an address that was pinned is as safe as one that was looked up.
    """
    for address in addresses:
        try:
            sock = socket.create_connection((address, target.port), timeout=min(seconds, _left(ends_at)))
        except OSError:
            continue
        wire = Wire(sock, ends_at=ends_at, allowance=allowance)
        if target.is_secure:
            try:
                wire.start_tls(target.host.rstrip("."))
            except BaseException:
                sock.close()
                raise
        return wire
    raise Unreachable("no connection")


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise Unreachable("not over in time")
    return left


@cache
def _context() -> ssl.SSLContext:
    """Certificates and names are verified; one for all connections, because to read the authorities takes 30 ms."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
