"""One client's session with the server MTA, on aiosmtpd's command loop: what is answered to RCPT and DATA."""

# ruff: noqa: N802 - aiosmtpd finds its hooks by the names of the commands.

import asyncio
import logging
import ssl
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as ServerEnvelope

from mailbox.smtp.envelope import UNSENDABLE, canonical

log = logging.getLogger(__name__)

# Twenty minutes: a large message over a slow line; RFC 5321, 4.5.3.2 allows minutes for each block.
DATA_SECONDS = 1_200.0
PIECE_OCTETS = 65_536
NULL_PATH = "<>"

NO_MAILBOX = "550 5.1.1 No such mailbox here"
TOO_MANY = "452 4.5.3 Too many recipients"
BAD_ADDRESS = "553 5.1.3 Not an address that can be used here"
NEEDS_SMTPUTF8 = "553 5.6.7 Addresses with such letters need SMTPUTF8"
TOO_BIG = "552 5.3.4 The message is larger than this server takes"
MAILBOX_FULL = "452 4.2.2 The mailbox is full; try again later"
NEVER_FITS = "552 5.2.2 The message is larger than the mailbox may ever hold"
TRY_LATER = "451 4.3.0 Something went wrong here; try again later"
TOO_BUSY = "421 4.3.2 Too many connections; try again later"


class MailboxFull(Exception):
    """There is no room for a message; `is_for_ever` where none can be made (RFC 5321, 4.2.3; RFC 3463, 3.3)."""

    def __init__(self, *, is_for_ever: bool = False) -> None:
        super().__init__(NEVER_FITS if is_for_ever else MAILBOX_FULL)
        self.reply = NEVER_FITS if is_for_ever else MAILBOX_FULL


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message on its way in. `recipients` are what `find` returned, in the order of `addresses`;
    `octets` have CRLF line ends only; `peer` is the client's IP address and `helo` the name it gave; `tls` is the
    protocol version or None."""

    reverse_path: str
    recipients: tuple[object, ...]
    addresses: tuple[str, ...]
    octets: bytes
    peer: str
    helo: str
    is_esmtp: bool
    tls: str | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the server is called and how much it takes."""

    hostname: str
    message_octets_limit: int
    recipients_limit: int
    max_connections: int
    command_seconds: float


class Found(ServerEnvelope):
    """aiosmtpd's envelope, with what `find` said of each recipient and the message as it will be stored."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = []
        self.octets = b""

    @property
    def reverse_path(self) -> str:
        return "" if self.mail_from in (None, NULL_PATH) else str(self.mail_from)


class Hooks:
    """What all conversations of a server share; aiosmtpd calls the `handle_…` methods by their names."""

    def __init__(
        self,
        terms: Terms,
        *,
        find: Callable[[str], object | None],
        receive: Callable[[Arrival], None],
        threads: Executor,
    ) -> None:
        self.terms = terms
        self.threads = threads
        self.open: set[Conversation] = set()
        self.storing: set[Conversation] = set()
        self._find = find
        self._receive = receive

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Found, hostname: str, responses: list[str]
    ) -> list[str]:
        """Announce what is true: pipelining works, logging in does not exist."""
        session.host_name = hostname
        kept = [line for line in responses[:-1] if not line.startswith("250-AUTH")]
        return [*kept, "250 PIPELINING"]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Found, address: str, options: list[str]
    ) -> str:
        if address != NULL_PATH and (refusal := _address_refusal(address, envelope)):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Found, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= self.terms.recipients_limit:
            return TOO_MANY
        if refusal := _address_refusal(address, envelope):
            return refusal
        try:
            found = await self._in_thread(self._find, address)
        except MailboxFull as full:
            return full.reply
        if found is None:
            return NO_MAILBOX
        if address not in envelope.rcpt_tos:
            envelope.rcpt_tos.append(address)
            envelope.found.append(found)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Found) -> str:
        await self._in_thread(self._receive, _arrival(session, envelope))
        return "250 2.0.0 Stored"

    async def handle_exception(self, error: Exception) -> str:
        if isinstance(error, MailboxFull):
            return error.reply
        log.error("SMTP session failed", exc_info=error)
        return TRY_LATER

    async def _in_thread[Given, Result](self, function: Callable[[Given], Result], given: Given) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.threads, function, given)


class Conversation(SMTP):
    """aiosmtpd's session with lines of any length in DATA and a limit on connections."""

    # The reader's buffer, not a limit on lines: mail with longer ones exists and must not bounce.
    line_length_limit = PIECE_OCTETS

    def __init__(self, hooks: Hooks, *, loop: asyncio.AbstractEventLoop, tls_context: ssl.SSLContext | None) -> None:
        super().__init__(
            hooks,
            data_size_limit=hooks.terms.message_octets_limit,
            enable_SMTPUTF8=True,
            hostname=hooks.terms.hostname,
            ident="ESMTP",
            tls_context=tls_context,
            timeout=hooks.terms.command_seconds,
            loop=loop,
        )
        self._hooks = hooks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._hooks.open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._hooks.open.discard(self)
        super().connection_lost(error)

    async def smtp_AUTH(self, arg: str | None) -> None:
        await self.push("502 5.5.1 There is nothing to log in to here")

    async def smtp_DATA(self, arg: str | None) -> None:
        """Read a message of any line length (RFC 5321, 4.1.1.4) and answer when it is stored."""
        if refusal := self._data_refusal(arg):
            await self.push(refusal)
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._reset_timeout(DATA_SECONDS)
        self._hooks.storing.add(self)
        try:
            await self.push(await self._store(await self._read_data()))
        finally:
            self._hooks.storing.discard(self)
            self._set_post_data_state()
            self._reset_timeout()

    async def _handle_client(self) -> None:
        if len(self._hooks.open) <= self._hooks.terms.max_connections:
            await super()._handle_client()
            return
        await self.push(TOO_BUSY)
        self._writer.close()

    def _create_envelope(self) -> Found:
        return Found()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        try:
            return super()._getaddr(arg)
        except (IndexError, AttributeError):
            # The standard library's address parser trips over some that are none; (None, None) makes it a 553.
            return None, None

    def _data_refusal(self, arg: str | None) -> str | None:
        if arg:
            return "501 5.5.4 Syntax: DATA"
        if self.envelope is None or not self.envelope.rcpt_tos:
            return "503 5.5.1 Error: need RCPT command"
        return None

    async def _read_data(self) -> bytes | None:
        """Return the octets without transparency dots, or None when they were too many (they are read all the same).

        Only CRLF.CRLF ends them: a dot after a bare LF is content, whatever other servers make of it.
        """
        octets = bytearray()
        received, is_line_start = 0, True
        while (piece := await self._read_piece()) != b".\r\n" or not is_line_start:
            if is_line_start and piece.startswith(b"."):
                piece = piece[1:]
            is_line_start = piece.endswith(b"\r\n")
            received += len(piece)
            if received <= self._hooks.terms.message_octets_limit:
                octets += piece
            else:
                octets.clear()
        return bytes(octets) if received <= self._hooks.terms.message_octets_limit else None

    async def _read_piece(self) -> bytes:
        """A line with its CRLF, or as much of a long one as the buffer holds."""
        try:
            return await self._reader.readuntil(b"\r\n")
        except asyncio.LimitOverrunError as overrun:
            return await self._reader.read(overrun.consumed)

    async def _store(self, octets: bytes | None) -> str:
        if octets is None:
            return TOO_BIG
        assert self.session is not None
        assert isinstance(self.envelope, Found)
        self.envelope.octets = canonical(octets)
        try:
            return await self._hooks.handle_DATA(self, self.session, self.envelope)
        except Exception as error:
            return await self._hooks.handle_exception(error)


def _address_refusal(address: str, envelope: Found) -> str | None:
    if UNSENDABLE.search(address):
        return BAD_ADDRESS
    return None if address.isascii() or envelope.smtp_utf8 else NEEDS_SMTPUTF8


def _arrival(session: Session, envelope: Found) -> Arrival:
    return Arrival(
        reverse_path=envelope.reverse_path,
        recipients=tuple(envelope.found),
        addresses=tuple(envelope.rcpt_tos),
        octets=envelope.octets,
        peer=str(session.peer[0]) if session.peer else "",
        helo=session.host_name or "",
        is_esmtp=bool(session.extended_smtp),
        tls=_tls_version(session),
    )


def _tls_version(session: Session) -> str | None:
    secured = session.ssl.get("ssl_object") if session.ssl else None
    return secured.version() if secured is not None else None
