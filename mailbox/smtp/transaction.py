"""One mail transaction (RFC 5321, 3.3): MAIL, RCPT and DATA, told as one outcome per recipient.

Whatever happens to the line, every recipient gets an outcome: until the final dot has left, nobody has the message
and it can be tried again; from then until the reply, the server may have it and only a person may decide.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import batched

from mailbox.smtp.envelope import Envelope, Outcome, Status, header_of, stuffed, xtext
from mailbox.smtp.errors import Garbled, Refused, SmtpError, Unreachable
from mailbox.smtp.wire import Reply, Wire

# Commands in flight at once: few enough that neither side's buffers fill while the other waits (RFC 2920, 3.1).
GROUP = 50
EARLY_REFUSAL_SECONDS = 1.0
# Longer than this for an answer to the envelope, and the caller may use the time.
PROMPT_SECONDS = 0.02
START_INPUT = 354
CLOSING = 421
TOO_MANY_RECIPIENTS = 552


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for the reply to a command, and for a block of content to leave and to be answered."""

    command: float
    data: float


@dataclass(frozen=True, slots=True)
class Step:
    """A command to send; `index` is the recipient's, for RCPT."""

    verb: str
    line: bytes
    index: int = -1


class Transaction:
    """Sends one envelope with canonical octets over `wire`; `run` is called once.

    Afterwards `is_line_lost` says that the connection is of no more use, and `needs_reset` that the next transaction
    begins with RSET: whatever this one left behind, nothing of it reaches the next message. `on_wait` is called while
    the server lets the envelope wait for its answer.
    """

    def __init__(
        self,
        wire: Wire,
        envelope: Envelope,
        *,
        capabilities: Mapping[str, str],
        patience: Patience,
        needs_reset: bool = False,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        self._wire = wire
        self._envelope = envelope
        self._capabilities = capabilities
        self._patience = patience
        self._on_wait = on_wait
        self._outcomes: dict[int, Outcome] = {}
        self._open = set(range(len(envelope.recipients)))
        self._data_reply: Reply | None = None
        self._is_dot_sent = False
        self.is_line_lost = False
        self.needs_reset = needs_reset

    def run(self, on_data: Callable[[], None]) -> tuple[Outcome, ...]:
        """Return the outcomes in the order of the recipients. Raises only what `on_data` raises."""
        try:
            self._refuse_unsendable()
            self._send_envelope()
            self._send_data(on_data)
        except Refused as closing:
            self.is_line_lost = True
            self._settle_open(Status.DEFERRED, closing.code, closing.text)
        except SmtpError as trouble:
            self.is_line_lost = True
            self._settle_open(Status.UNCERTAIN if self._is_dot_sent else Status.DEFERRED, 0, str(trouble))
        return tuple(self._outcomes[index] for index in range(len(self._envelope.recipients)))

    def _refuse_unsendable(self) -> None:
        if words := obstacle(self._envelope, self._capabilities):
            self._settle_open(Status.REFUSED, 0, words)
        if "SMTPUTF8" in self._capabilities:
            return
        for index in sorted(self._open):
            if not self._envelope.recipients[index].isascii():
                self._settle(index, Status.REFUSED, 0, "The server does not know addresses with such letters.")

    def _send_envelope(self) -> None:
        size = GROUP if "PIPELINING" in self._capabilities else 1
        for group in batched(self._steps(), size):
            if not self._open:
                return
            self._wire.send(b"".join(step.line for step in group), seconds=self._patience.command)
            if self._on_wait and not self._wire.is_answered(seconds=PROMPT_SECONDS):
                self._on_wait()
            for step in group:
                self._note(step, self._reply(self._patience.command))

    def _steps(self) -> Iterator[Step]:
        if self.needs_reset:
            yield Step("RSET", b"RSET\r\n")
        yield Step("MAIL", self._mail())
        for index in sorted(self._open):
            yield Step("RCPT", self._rcpt(self._envelope.recipients[index]), index)
        yield Step("DATA", b"DATA\r\n")

    def _mail(self) -> bytes:
        words = [f"MAIL FROM:<{self._envelope.reverse_path}>"]
        if "SIZE" in self._capabilities:
            words.append(f"SIZE={len(self._envelope.octets)}")
        if not self._envelope.octets.isascii():
            words.append("BODY=8BITMIME")
        if "SMTPUTF8" in self._capabilities and self._is_international:
            words.append("SMTPUTF8")
        if self._asks_for_reports:
            words.append(f"RET=HDRS ENVID={xtext(self._envelope.envelope_id)}")
        return " ".join(words).encode() + b"\r\n"

    def _rcpt(self, recipient: str) -> bytes:
        words = [f"RCPT TO:<{recipient}>"]
        if self._asks_for_reports:
            words.append("NOTIFY=FAILURE,DELAY")
            if recipient.isascii():
                words.append(f"ORCPT=rfc822;{xtext(recipient)}")
        return " ".join(words).encode() + b"\r\n"

    @property
    def _asks_for_reports(self) -> bool:
        """RFC 3461: where it is known, delays and failures are reported with the names that they were given here."""
        return "DSN" in self._capabilities and bool(self._envelope.envelope_id)

    @property
    def _is_international(self) -> bool:
        """Whether a path or the header holds UTF-8 (RFC 6531, 3.4); older 8-bit letters there are none."""
        if not "".join(self._envelope.paths).isascii():
            return True
        header = header_of(self._envelope.octets)
        return not header.isascii() and _is_utf8(header)

    def _note(self, step: Step, reply: Reply) -> None:
        if step.verb == "DATA":
            self._data_reply = reply
        elif step.verb == "RSET" and not reply.is_positive:
            raise Garbled("The server would not begin anew for the next message.")
        elif step.verb == "MAIL":
            self.needs_reset = True
            if not reply.is_positive:
                self._settle_open(_verdict(reply), reply.code, reply.text)
        elif step.index in self._open and not reply.is_positive:
            self._settle(step.index, _recipient_verdict(reply), reply.code, reply.text)

    def _send_data(self, on_data: Callable[[], None]) -> None:
        reply = self._data_reply
        if reply is None:
            return
        if reply.code != START_INPUT:
            self._settle_open(_verdict(reply), reply.code, reply.text)
            return
        if self._open:
            on_data()
            self._send_content()
        else:
            # A pipelined DATA was let through although nobody is left to receive: send nothing (RFC 2920, 3.1).
            self._wire.send(b".\r\n", seconds=self._patience.command)
        self._conclude()

    def _send_content(self) -> None:
        try:
            for piece in stuffed(self._envelope.octets):
                self._wire.send(piece, seconds=self._patience.data)
        except SmtpError:
            # A server that hangs up amid the content has often said why.
            with suppress(Unreachable, Garbled):
                self._take_early_refusal()
            raise
        self._is_dot_sent = True

    def _take_early_refusal(self) -> None:
        reply = self._reply(EARLY_REFUSAL_SECONDS)
        self._settle_open(_verdict(reply), reply.code, reply.text)

    def _conclude(self) -> None:
        reply = self._reply(self._patience.data)
        self._settle_open(Status.ACCEPTED if reply.is_positive else _verdict(reply), reply.code, reply.text)

    def _reply(self, seconds: float) -> Reply:
        """Read a reply; 421 at any point means that the server closes the line (RFC 5321, 3.8)."""
        reply = self._wire.read_reply(seconds=seconds)
        if reply.code == CLOSING:
            raise Refused(reply.code, reply.text)
        return reply

    def _settle_open(self, status: Status, code: int, reply: str) -> None:
        for index in sorted(self._open):
            self._settle(index, status, code, reply)

    def _settle(self, index: int, status: Status, code: int, reply: str) -> None:
        self._outcomes[index] = Outcome(self._envelope.recipients[index], status, code, reply)
        self._open.discard(index)


def obstacle(envelope: Envelope, capabilities: Mapping[str, str]) -> str | None:
    """Say why a server with these capabilities cannot take the message at all, or return None.

    RFC 1870, 6.1 (SIZE), RFC 6152, 3 (8BITMIME), RFC 6531, 3.2 (SMTPUTF8).
    """
    limit = capabilities.get("SIZE", "")
    if limit.isdecimal() and 0 < int(limit) < len(envelope.octets):
        return f"The message has {_megabytes(len(envelope.octets))}; the server takes {_megabytes(int(limit))} at most."
    if "8BITMIME" not in capabilities and not envelope.octets.isascii():
        if not header_of(envelope.octets).isascii():
            return "The message names an address with letters beyond ASCII; the server does not take it (8-bit header)."
        return "The message holds 8-bit octets, which the server does not take."
    if "SMTPUTF8" not in capabilities and not envelope.reverse_path.isascii():
        return "The server does not know sender addresses with such letters."
    return None


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def _verdict(reply: Reply) -> Status:
    if reply.is_temporary:
        return Status.DEFERRED
    if reply.is_permanent:
        return Status.REFUSED
    raise Garbled(f"The server answered with {reply.code}, which fits no command.")


def _recipient_verdict(reply: Reply) -> Status:
    # RFC 5321, 4.5.3.1.10: old servers say 552 for "too many recipients", which is to be tried again.
    return Status.DEFERRED if reply.code == TOO_MANY_RECIPIENTS else _verdict(reply)


def _megabytes(octets: int) -> str:
    return f"{octets / 1_000_000:.1f} MB"
