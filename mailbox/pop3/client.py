"""A POP3 client that keeps octets exactly as the server has them (RFC 1939, 2449, 2595, 3206, 5034, 6856).

It says what the server said; when to pull, what to keep and what to delete is decided elsewhere.
"""

import re
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import batched
from types import TracebackType
from typing import Any, Self

from . import login, sasl
from .connection import Connection, Trust, unverified_context
from .dialogue import Dialogue
from .errors import Garbled, Refused, Unreachable, Untrusted, printable
from .listing import join_listing
from .pipeline import Pipeline, Retr, Top
from .values import Limits, Listed, Missed, Retrieved, Security, Server, Topped
from .window import Window
from .wire import command, number

# RFC 1939, 7 wants a msg-id: anything else might be chosen to find out the password.
_TIMESTAMP = re.compile(rb"<[!-;=?A-~]+@[!-;=?A-~]+>")
_CAPABILITIES_OCTETS = 2**16
_LISTING_LINE_OCTETS = 128
_DELETE_BATCH = 100


class _CapaHangsUp(Unreachable):
    """The server does not survive CAPA."""


class Client:
    """One POP3 session. Leaving it without `quit()` only closes the line, so nothing is deleted on the server.

    Every method raises Refused (-ERR), Garbled (the server breaks the protocol) or Unreachable (network, TLS, time);
    after the last two the session is over.
    """

    def __init__(self, connection: Connection) -> None:
        self.greeting = ""
        self.capabilities: dict[str, tuple[str, ...]] = {}
        self._connection = connection
        self._dialogue = Dialogue(connection)
        self._timestamp = b""
        self._running: Pipeline[Any] | None = None
        self._abandoned: Pipeline[Any] | None = None

    # Opening and closing

    @classmethod
    def connect(
        cls,
        server: Server,
        *,
        limits: Limits | None = None,
        context: ssl.SSLContext | None = None,
        fingerprint: str | None = None,
    ) -> Self:
        """Connect, read the greeting and the capabilities, and start TLS as the server's security asks.

        With `fingerprint` (SHA-256 of the certificate, hex) exactly that certificate is trusted, and no other.
        """
        trust = Trust.choose(server.host, context, fingerprint)
        try:
            return cls._open(server, limits or Limits(), trust, asks_capabilities=True)
        except _CapaHangsUp:
            return cls._open(server, limits or Limits(), trust, asks_capabilities=False)

    @classmethod
    def _open(cls, server: Server, limits: Limits, trust: Trust, *, asks_capabilities: bool) -> Self:
        connection = Connection.open(server, limits)
        client = cls(connection)
        try:
            if server.security is Security.TLS:
                connection.start_tls(trust)
            client.greet(asks_capabilities=asks_capabilities)
            if server.security is Security.STARTTLS:
                client.start_tls(trust, asks_capabilities=asks_capabilities)
        except BaseException:
            connection.close()
            raise
        return client

    def greet(self, *, asks_capabilities: bool = True) -> None:
        """Read the greeting, before which nothing is sent, then ask for the capabilities."""
        words = self._dialogue.reply()
        self.greeting = printable(words)
        if timestamp := _TIMESTAMP.search(words):
            self._timestamp = timestamp[0]
        if asks_capabilities:
            self._read_capabilities()

    def start_tls(self, trust: Trust, *, asks_capabilities: bool = True) -> None:
        """STLS (RFC 2595, 4). Raises Untrusted rather than go on in the clear; forgets what was said in the clear."""
        if self.capabilities and "STLS" not in self.capabilities:
            raise Untrusted(f"{trust.host} does not offer STLS")
        try:
            self._dialogue.ask("STLS")
        except Refused as refusal:
            raise Untrusted(f"{trust.host} refuses STLS: {refusal}") from refusal
        self._connection.start_tls(trust)
        self.capabilities, self._timestamp = {}, b""
        if asks_capabilities:
            self._read_capabilities()

    def _read_capabilities(self) -> None:
        """CAPA (RFC 2449, 5). Most servers without it answer -ERR, some hang up."""
        try:
            self._dialogue.ask("CAPA")
            body = self._dialogue.body(_CAPABILITIES_OCTETS)
        except Refused:
            return
        except Unreachable as error:
            raise _CapaHangsUp(*error.args) from error
        lines = (line.split() for line in body.decode("ascii", "replace").splitlines())
        self.capabilities = {words[0].upper(): tuple(words[1:]) for words in lines if words}

    def quit(self) -> None:
        """QUIT: only after it returns do deletions count. Raises Refused when the server did not delete all of them."""
        self._settle()
        with self._connection:
            self._dialogue.ask("QUIT")

    def close(self) -> None:
        """Drop the line: the server deletes nothing."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # What the server is like

    @property
    def tls_version(self) -> str:
        """Such as "TLSv1.3"; "" without TLS."""
        return self._connection.tls_version

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the server's certificate in hex; "" without TLS."""
        return self._connection.fingerprint

    @property
    def certificate(self) -> bytes:
        """The server's certificate in DER; empty without TLS."""
        return self._connection.certificate

    @property
    def seconds_left(self) -> float:
        """Until the session's deadline."""
        return self._connection.seconds_left

    @property
    def is_pipelining(self) -> bool:
        return "PIPELINING" in self.capabilities

    @property
    def login_delay_seconds(self) -> int:
        """How long the server wants to be left alone between logins (LOGIN-DELAY, RFC 2449, 6.5); 0 if it is silent."""
        return self._first_number("LOGIN-DELAY") or 0

    @property
    def expire_days(self) -> int | None:
        """How long the server keeps messages (EXPIRE, RFC 2449, 6.7); None for ever, or for silence."""
        return self._first_number("EXPIRE")

    def _first_number(self, capability: str) -> int | None:
        words = self.capabilities.get(capability, ("",))
        return number(words[0].encode()) if words else None

    # AUTHORIZATION

    def login(self, user: str, password: str, *, mechanism: str = "") -> None:
        """Log in by the best way offered, or by `mechanism`: PLAIN, LOGIN, CRAM-MD5, APOP or USER.

        In the clear a way that hides the password is taken where one is offered, and no other after it failed.
        Raises ValueError, before anything is sent, when either holds CR, LF or NUL.
        """
        command(user, password)
        self._allow_utf8()
        mechanism = mechanism or login.best_mechanism(
            self._offered_mechanisms(),
            is_secure=bool(self.tls_version),
            has_timestamp=bool(self._timestamp),
            has_user="USER" in self.capabilities,
        )
        login.log_in(self._dialogue, mechanism, user, password=password, timestamp=self._timestamp)
        self._refresh_capabilities()

    def login_with_token(self, user: str, token: str) -> None:
        """Log in with an OAuth 2 access token: OAUTHBEARER (RFC 7628) or XOAUTH2, under TLS only."""
        command(user, token)
        if not self.tls_version:
            raise Untrusted("An access token is only sent under TLS")
        self._allow_utf8()
        offered = self._offered_mechanisms()
        mechanism = next((name for name in sasl.TOKEN_MECHANISMS if name in offered), "XOAUTH2")
        login.log_in_with_token(self._dialogue, mechanism, user, token=token)
        self._refresh_capabilities()

    def _offered_mechanisms(self) -> list[str]:
        return [name.upper() for name in self.capabilities.get("SASL", ())]

    def _allow_utf8(self) -> None:
        """UTF8 (RFC 6856, 2), so that the server does not rewrite headers for readers of ASCII."""
        if "UTF8" in self.capabilities:
            with suppress(Refused):
                self._dialogue.ask("UTF8")

    def _refresh_capabilities(self) -> None:
        """Some values depend on the user and say so (RFC 2449, 6.5 and 6.7)."""
        if any("USER" in self.capabilities.get(name, ()) for name in ("LOGIN-DELAY", "EXPIRE")):
            self._read_capabilities()

    # TRANSACTION

    def stat(self) -> tuple[int, int]:
        """How many messages there are, and their octets."""
        self._settle()
        words = self._dialogue.ask("STAT").split(maxsplit=2)
        counts = [count for count in map(number, words[:2]) if count is not None]
        if len(counts) < 2:
            raise Garbled("The answer to STAT holds no numbers")
        return counts[0], counts[1]

    def listing(self) -> list[Listed]:
        """LIST and UIDL joined by message number, in the server's order. Without UIDL every uidl is "".

        A unique-id that stands for two messages is listed twice. Raises Refused when UIDL was promised and fails.
        """
        self._settle()
        most = self._connection.limits.listing_count
        sizes, uidls = self._ask_for_bodies(b"LIST\r\n", b"UIDL\r\n", limit=most * _LISTING_LINE_OCTETS)
        if isinstance(sizes, Refused):
            raise sizes
        if isinstance(uidls, Refused):
            if "UIDL" in self.capabilities or uidls.code:
                raise uidls
            uidls = b""
        return join_listing(sizes, uidls, limit=most)

    def _ask_for_bodies(self, *commands: bytes, limit: int) -> list[bytes | Refused]:
        groups = [commands] if self.is_pipelining else [(one,) for one in commands]
        answers = []
        for group in groups:
            self._dialogue.send(b"".join(group))
            answers += [self._dialogue.reply_with_body(limit) for _ in group]
        return answers

    def retrieve(self, wanted: Iterable[Listed], *, message_octets: int | None = None) -> Iterator[Retrieved | Missed]:
        """RETR each, in order. What is refused, or longer than the limit, comes as Missed, and the others go on.

        The limit is `message_octets`, or else that of the session. A message listed as longer is not asked for; of the
        others the octets that come are counted, and over `spool_octets` they go into a temporary file. With PIPELINING
        messages are asked for ahead, within a window of octets. Until the iterator is exhausted or closed only `noop`
        may be called. A line that breaks inside a message raises Unreachable: it did not arrive.
        """
        limits = self._connection.limits
        limit = limits.message_octets if message_octets is None else message_octets
        window = Window(wanted, octets=limits.window_octets, count=self._window_count)
        return self._answers(Pipeline(Retr(self._dialogue, limit), window))

    def tops(self, wanted: Iterable[Listed], *, lines: int = 0) -> Iterator[Topped | Missed]:
        """TOP each, in order: the header and the first lines of the body. What is refused comes as Missed.

        Pipelined like `retrieve`, and under the same rule; an answer is cut after `top_octets`.
        """
        ask = Top(self._dialogue, lines, self._connection.limits.top_octets)
        return self._answers(Pipeline(ask, Window(wanted, count=self._window_count)))

    @property
    def _window_count(self) -> int:
        return self._connection.limits.window_count if self.is_pipelining else 1

    def _answers[Answer](self, pipeline: Pipeline[Answer]) -> Iterator[Answer]:
        self._settle()
        self._connection.expect_silence()
        self._running = pipeline
        try:
            yield from pipeline.answers()
        finally:
            self._running, self._abandoned = None, pipeline

    def _settle(self) -> None:
        """Read away what an abandoned `retrieve` or `tops` had asked for."""
        if self._running is not None:
            raise RuntimeError("Messages are being retrieved: only noop() may be called")
        pipeline, self._abandoned = self._abandoned, None
        if pipeline is not None:
            pipeline.settle()

    def top(self, listed: Listed, lines: int) -> bytes:
        """TOP: the header and the first lines of the body, cut after `top_octets`."""
        self._settle()
        self._dialogue.ask("TOP", str(listed.number), str(lines))
        return self._connection.beginning(self._connection.limits.top_octets)

    def delete(self, listed: Listed) -> None:
        """DELE: the server marks the message, and deletes it at `quit`."""
        self._settle()
        self._dialogue.ask("DELE", str(listed.number))

    def delete_many(self, listed: Iterable[Listed]) -> list[Listed]:
        """DELE each, pipelined where possible; returns those that the server marked."""
        self._settle()
        size = _DELETE_BATCH if self.is_pipelining else 1
        return [one for batch in batched(listed, size) for one in self._delete_batch(batch)]

    def _delete_batch(self, batch: Sequence[Listed]) -> list[Listed]:
        self._dialogue.send(b"".join([b"DELE %d\r\n" % listed.number for listed in batch]))
        return [listed for listed in batch if self._is_accepted()]

    def _is_accepted(self) -> bool:
        try:
            self._dialogue.reply()
        except Refused:
            return False
        return True

    def noop(self) -> None:
        """NOOP, so that the server does not take a long silence for the end. Allowed while retrieving."""
        if self._running is not None:
            self._running.noop()
            return
        self._settle()
        self._dialogue.ask("NOOP")


def fingerprint_of(server: Server, *, limits: Limits | None = None) -> str:
    """SHA-256 (hex) of the certificate that a server shows, unverified, for a person to accept. Nobody logs in."""
    with Client.connect(server, limits=limits, context=unverified_context()) as client:
        return client.fingerprint
