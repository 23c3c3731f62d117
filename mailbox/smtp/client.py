"""The client MTA: connect, log in, submit many messages, quit (RFC 5321, 6409, 8314).

Own wire code instead of smtplib: that one sends bare CR and LF as they are, so a message can smuggle commands, knows
no deadline for a session and keeps plain text buffered across STARTTLS. It also waits for every reply in turn, where
PIPELINING needs one round trip for the whole envelope.
"""

import enum
import re
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from mailbox.smtp.dial import client_context, dial, tls_failure
from mailbox.smtp.envelope import Envelope, Outcome, Status, canonical, header_of
from mailbox.smtp.errors import Refused, SmtpError, Unreachable
from mailbox.smtp.login import log_in, present_token
from mailbox.smtp.transaction import Patience, Transaction
from mailbox.smtp.wire import Reply, Wire

QUIT_SECONDS = 5.0
HOSTNAME = re.compile(r"[\x21-\x7e]+")


class Security(enum.StrEnum):
    """How the line is protected. STARTTLS never falls back to a plain line."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Server:
    """Where to submit. `host` is the name that the certificate must carry; `address`, when given, is the checked
    IP address that is connected to, so that no second look-up can point elsewhere."""

    host: str
    port: int
    security: Security
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to connect, for the reply to a command, for a block of content to leave and for the reply to its
    end, and for the whole session, which stays usable for its first half so that a message begun has the other."""

    connect_seconds: float = 20
    command_seconds: float = 60
    data_seconds: float = 300
    session_seconds: float = 600


class Client:
    """A session with a submission server; made by `connect`, left by `quit` or at the end of a `with` block.

    `greeting` is the server's first line, `capabilities` maps the keywords of its EHLO reply to their parameters,
    `tls_version` is None on a plain line.
    """

    def __init__(self, wire: Wire, *, limits: Limits) -> None:
        self._wire = wire
        self._limits = limits
        self._usable_until = time.monotonic() + limits.session_seconds / 2
        self._is_open = True
        self._needs_reset = False
        self.greeting = ""
        self.capabilities: dict[str, str] = {}

    @classmethod
    def connect(
        cls,
        server: Server,
        *,
        limits: Limits | None = None,
        context: ssl.SSLContext | None = None,
        local_hostname: str | None = None,
    ) -> Self:
        """Connect, encrypt as `server.security` says, and say EHLO as `local_hostname` (by default the address
        literal of this end of the line). Nothing is sent before a valid greeting.

        Raises Unreachable, Garbled, Refused; ValueError for a `local_hostname` that is none.
        """
        if local_hostname is not None and not HOSTNAME.fullmatch(local_hostname):
            raise ValueError(f"{local_hostname!r} is not a host name.")
        limits = limits or Limits()
        ends_at = time.monotonic() + limits.session_seconds
        sock = dial(server.host, server.port, address=server.address, seconds=limits.connect_seconds)
        client = cls(Wire(sock, ends_at=ends_at), limits=limits)
        try:
            client._open(server, context, local_hostname)
        except BaseException:
            client._close()
            raise
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.quit()
        self._close()

    @property
    def is_usable(self) -> bool:
        """Whether another message may be submitted over this connection."""
        return self._is_open and time.monotonic() < self._usable_until

    @property
    def tls_version(self) -> str | None:
        return self._wire.tls_version

    @property
    def certificate(self) -> bytes:
        """The server's certificate in DER; empty without TLS."""
        return self._wire.certificate

    def takes(self, octets: bytes) -> bool:
        """Whether the server said that it takes such octets (RFC 6152, RFC 6532); else they become 7-bit ones first."""
        return octets.isascii() or (self.takes_bodies(octets) and self._takes_header(octets))

    def takes_bodies(self, octets: bytes) -> bool:
        """Whether it takes at least the bodies; many know no SMTPUTF8, and let a header pass all the same."""
        return "8BITMIME" in self.capabilities or octets.isascii()

    def _takes_header(self, octets: bytes) -> bool:
        return "SMTPUTF8" in self.capabilities or header_of(octets).isascii()

    def login(self, user: str, password: str) -> None:
        """Log in (RFC 4954). Raises Refused, whose `is_password_wrong` says that trying again is of no use;
        Garbled; Unreachable; ValueError for a NUL in `user` or `password`.

        A password goes over a plain line only where that was chosen: with STARTTLS or TLS there is none.
        """
        log_in(
            user,
            password,
            offered=self.capabilities.get("AUTH", ""),
            is_encrypted=self.tls_version is not None,
            exchange=self._ask,
        )

    def login_with_token(self, user: str, token: str) -> None:
        """Log in with an access token instead of a password (XOAUTH2, RFC 7628). Raises what `login` raises."""
        present_token(user, token, offered=self.capabilities.get("AUTH", ""), exchange=self._ask)

    def submit(
        self,
        envelope: Envelope,
        *,
        on_data: Callable[[], None] | None = None,
        on_wait: Callable[[], None] | None = None,
    ) -> tuple[Outcome, ...]:
        """Send one message; return an outcome for each recipient, in order. Network trouble is an outcome too.

        `on_data` is called right before the first octet of the content: what is committed there tells, after a
        crash, that the server may have the message. `on_wait` is called when the server takes its time over the
        envelope. What either raises ends the connection and is passed on.
        """
        if not self.is_usable:
            return tuple(_unsent(recipient) for recipient in envelope.recipients)
        transaction = Transaction(
            self._wire,
            replace(envelope, octets=canonical(envelope.octets)),
            capabilities=self.capabilities,
            patience=Patience(self._limits.command_seconds, self._limits.data_seconds),
            needs_reset=self._needs_reset,
            on_wait=on_wait,
        )
        is_clean = False
        try:
            outcomes = transaction.run(on_data or _nothing)
            is_clean = not transaction.is_line_lost
        finally:
            self._needs_reset = transaction.needs_reset
            if not is_clean:
                self._close()
        return outcomes

    def quit(self) -> None:
        """Say QUIT and close. Never raises: every message has had its outcome already."""
        if self._is_open:
            with suppress(SmtpError):
                self._wire.send(b"QUIT\r\n", seconds=QUIT_SECONDS)
                self._wire.read_reply(seconds=QUIT_SECONDS)
        self._close()

    def _open(self, server: Server, context: ssl.SSLContext | None, local_hostname: str | None) -> None:
        if server.security is Security.TLS:
            self._start_tls(context, server.host)
        greeting = self._read_reply()
        if greeting.code != 220:
            raise Refused(greeting.code, greeting.text)
        self.greeting = greeting.text
        name = local_hostname or self._address_literal()
        self._hello(name)
        if server.security is Security.STARTTLS:
            self._upgrade(context, server.host)
            # RFC 3207, 4.2: what was said before the encryption is forgotten.
            self._hello(name)

    def _hello(self, name: str) -> None:
        reply = self._ask(f"EHLO {name}".encode())
        self.capabilities = _capabilities(reply)
        if reply.is_permanent:
            reply = self._ask(f"HELO {name}".encode())
        if not reply.is_positive:
            raise Refused(reply.code, reply.text)

    def _upgrade(self, context: ssl.SSLContext | None, host: str) -> None:
        if "STARTTLS" not in self.capabilities:
            raise Unreachable(f"{host} does not offer STARTTLS here, and an unencrypted line was not allowed.")
        reply = self._ask(b"STARTTLS")
        if reply.code != 220:
            raise Refused(reply.code, reply.text)
        self._start_tls(context, host)

    def _start_tls(self, context: ssl.SSLContext | None, host: str) -> None:
        try:
            self._wire.start_tls(context or client_context(), host, seconds=self._limits.connect_seconds)
        except OSError as error:
            raise Unreachable(tls_failure(host, error)) from error

    def _ask(self, line: bytes) -> Reply:
        try:
            self._wire.send(line + b"\r\n", seconds=self._limits.command_seconds)
            return self._read_reply()
        except SmtpError:
            self._close()
            raise

    def _read_reply(self) -> Reply:
        return self._wire.read_reply(seconds=self._limits.command_seconds)

    def _address_literal(self) -> str:
        """RFC 5321, 4.1.3."""
        address = self._wire.local_address
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    def _close(self) -> None:
        self._is_open = False
        self._wire.close()


def _capabilities(reply: Reply) -> dict[str, str]:
    """Keywords and their parameters (RFC 5321, 4.1.1.1); `AUTH=LOGIN` of old servers counts as AUTH."""
    found: dict[str, str] = {}
    if not reply.is_positive:
        return found
    for line in reply.lines[1:]:
        keyword, _, parameters = line.upper().replace("AUTH=", "AUTH ", 1).partition(" ")
        if keyword:
            found[keyword] = f"{found.get(keyword, '')} {parameters}".strip()
    return found


def _unsent(recipient: str) -> Outcome:
    return Outcome(recipient, Status.DEFERRED, 0, "The connection was no longer usable; nothing was sent.")


def _nothing() -> None:
    pass
