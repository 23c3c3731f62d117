"""Reaching a server: addresses, TCP, TLS, and the plain words for each way in which that fails."""

import socket
import ssl
import time
from functools import cache
from typing import Any

from mailbox.smtp.errors import Unreachable

CERTIFICATE_WORDS = {
    10: "has expired",
    18: "is signed by itself and not by a known authority",
    19: "is not signed by a known authority",
    20: "is not signed by a known authority",
    62: "is made out to another name",
    64: "is made out to another address",
}


def dial(host: str, port: int, *, address: str | None, seconds: float) -> socket.socket:
    """Connect to `address` when it is given (an IP that was checked), else to the first address of `host`
    that answers within `seconds` in all. Raises Unreachable."""
    ends_at = time.monotonic() + seconds
    failure: OSError = TimeoutError()
    for family, *_, target in _targets(address or host, port):
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        try:
            return _connect(family, target, left)
        except OSError as error:
            failure = error
    raise Unreachable(_connect_failure(host, port, failure)) from failure


@cache
def client_context() -> ssl.SSLContext:
    """Verify certificates and names; TLS 1.2 at least (RFC 8314, 4.1).

    Made once, because reading the authorities takes 30 ms.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def tls_failure(host: str, error: OSError) -> str:
    """Say in plain words why a TLS handshake with `host` failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = CERTIFICATE_WORDS.get(error.verify_code, f"cannot be trusted ({error.verify_message})")
        return f"The certificate of {host} {why}."
    if isinstance(error, TimeoutError):
        return f"{host} did not finish the TLS handshake in time."
    if isinstance(error, ssl.SSLError) and error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
        return f"{host} does not speak TLS on this port; it may want STARTTLS."
    reason = getattr(error, "reason", None) or error.strerror or error
    return f"No encrypted connection to {host} could be agreed on: {reason}."


def _targets(host: str, port: int) -> list[tuple[Any, ...]]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise Unreachable(f"There is no server named {host}.") from error


def _connect(family: int, target: tuple[Any, ...], seconds: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(target)
        # Commands are small and each waits for its reply: Nagle's delay would be paid on every one.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        sock.close()
        raise
    return sock


def _connect_failure(host: str, port: int, error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"{host} does not accept connections on port {port}."
    if isinstance(error, TimeoutError):
        return f"{host} did not answer on port {port} in time."
    return f"{host} cannot be reached on port {port}: {error.strerror or error}."
