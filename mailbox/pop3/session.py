"""The server's side of one POP3 session (RFC 1939): octets in, events out. It does no I/O and keeps no mail.

Give it what came with `receive`, take events with `next_event` until None, answer each, and send `data_to_send`.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .values import Listed
from .wire import stuff, top_lines

# RFC 2449, 4: a command line has at most 255 octets with its CRLF.
_COMMAND_OCTETS = 255
_SEND_OCTETS = 2**18
_MOST_BAD_COMMANDS = 10
_MOST_FAILED_LOGINS = 3
_CAPABILITIES = (
    "TOP",
    "UIDL",
    "PIPELINING",
    "RESP-CODES",
    "AUTH-RESP-CODE",
    "EXPIRE NEVER",
    "IMPLEMENTATION Letterbox",
)
_WRONG = "Wrong user name or password"


class State(enum.Enum):
    """RFC 1939, 3; CLOSED is after it."""

    AUTHORIZATION = enum.auto()
    TRANSACTION = enum.auto()
    UPDATE = enum.auto()
    CLOSED = enum.auto()


@dataclass(frozen=True, slots=True)
class Login:
    """Answer with `logged_in` or `login_refused`."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Retrieve:
    """Answer with `retrieved` or `retrieve_failed`. For TOP `lines` says how much of the body is wanted."""

    number: int
    lines: int | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """QUIT: delete these for good, then answer with `updated`. The only moment when anything may be deleted."""

    deleted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StartTls:
    """Send what waits, shake hands, then say `tls_started`."""


@dataclass(frozen=True, slots=True)
class Send:
    """So much waits that it should be sent before more commands are carried out. Wants no answer."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Send what waits and close the line."""


type Event = Login | Retrieve | Update | StartTls | Send | Closed
type _Handler = Callable[[str], Event | None]


class _Bad(Exception):
    """A command that no client should send."""


class _NoSuchMessage(Exception):
    """A number that is not listed, or whose message is marked as deleted."""


class Session:
    """The states of one session: who asks, what is listed, what is marked as deleted.

    `allow_plain` lets passwords travel without TLS. Commands may be pipelined; each waits for the answer before it.
    """

    def __init__(
        self, *, hostname: str, has_stls: bool = False, is_secure: bool = False, allow_plain: bool = True
    ) -> None:
        self.state = State.AUTHORIZATION
        self._has_stls = has_stls
        self._is_secure = is_secure
        self._allow_plain = allow_plain
        self._received = bytearray()
        self._to_send: list[bytes] = []
        self._octets_to_send = 0
        self._awaited: Event | None = None
        self._user: str | None = None
        self._listing: dict[int, Listed] = {}
        self._deleted: set[int] = set()
        self._bad_command_count = 0
        self._failed_login_count = 0
        self._say_ok(f"{hostname} POP3 server ready")

    # What comes and goes

    def receive(self, data: bytes) -> None:
        """Take octets from the line."""
        self._received += data

    def next_event(self) -> Event | None:
        """Carry out commands up to the first that needs an answer; None when more octets are needed."""
        if self._awaited is not None:
            raise RuntimeError(f"{type(self._awaited).__name__} has not been answered")
        while self._octets_to_send < _SEND_OCTETS:
            line = None if self.is_closed else self._next_line()
            if line is None:
                return Closed() if self.is_closed else None
            self._awaited = self._carry_out(line)
            if self._awaited is not None:
                return self._awaited
        # Many small commands with large answers must not fill the memory.
        return Send()

    def data_to_send(self) -> bytes:
        """What waits to be sent, once."""
        data = b"".join(self._to_send)
        self._to_send.clear()
        self._octets_to_send = 0
        return data

    @property
    def is_closed(self) -> bool:
        return self.state is State.CLOSED

    def _next_line(self) -> str | None:
        end = self._received.find(b"\n")
        if end >= _COMMAND_OCTETS or (end < 0 and len(self._received) >= _COMMAND_OCTETS):
            self._close_with(f"A command line has at most {_COMMAND_OCTETS} octets")
            return None
        if end < 0:
            return None
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line.removesuffix(b"\r").decode("utf-8", "replace")

    # Commands

    def _carry_out(self, line: str) -> Event | None:
        verb, _, rest = line.partition(" ")
        handler = self._handlers().get(verb.strip().upper())
        try:
            if handler is None:
                raise _Bad("Unknown command, or not now")
            return handler(rest)
        except _NoSuchMessage:
            self._say_error("No such message")
        except _Bad as bad:
            self._bad_command_count += 1
            if self._bad_command_count >= _MOST_BAD_COMMANDS:
                self._close_with("Too many bad commands")
            else:
                self._say_error(str(bad))
        return None

    def _handlers(self) -> dict[str, _Handler]:
        if self.state is State.AUTHORIZATION:
            return {"CAPA": self._capa, "QUIT": self._leave, "USER": self._name, "PASS": self._pass, "STLS": self._stls}
        return {
            "CAPA": self._capa,
            "DELE": self._dele,
            "LIST": self._list,
            "NOOP": self._noop,
            "QUIT": self._quit,
            "RETR": self._retr,
            "RSET": self._rset,
            "STAT": self._stat,
            "TOP": self._top,
            "UIDL": self._uidl,
        }

    def _capa(self, _rest: str) -> None:
        names = list(_CAPABILITIES)
        if self._may_log_in():
            names.append("USER")
        if self._may_start_tls():
            names.append("STLS")
        self._say_ok("Capabilities follow")
        self._say_lines(names)

    def _leave(self, _rest: str) -> None:
        self._say_ok("Bye")
        self.state = State.CLOSED

    def _stls(self, _rest: str) -> Event | None:
        if not self._may_start_tls():
            raise _Bad("No TLS here")
        if self._received:
            # What came before the handshake must not be read as if it had come under TLS (RFC 2595, 4).
            self._close_with("Nothing may follow STLS in the clear")
            return None
        self._say_ok("Begin TLS")
        return StartTls()

    def _name(self, rest: str) -> None:
        if not self._may_log_in():
            raise _Bad("Passwords only under TLS: use STLS first")
        if not rest:
            raise _Bad("USER wants a name")
        self._user = rest
        # The same for everybody: who has a maildrop here is nobody's business (RFC 1939, 13).
        self._say_ok("Password, please")

    def _pass(self, rest: str) -> Event:
        user, self._user = self._user, None
        if user is None:
            raise _Bad("USER comes first")
        # The whole rest of the line: a password may hold spaces (RFC 1939, 7).
        return Login(user, rest)

    def _stat(self, _rest: str) -> None:
        present = self._present()
        self._say_ok(f"{len(present)} {sum(listed.octets for listed in present)}")

    def _list(self, rest: str) -> None:
        self._answer_listing(rest, lambda listed: f"{listed.number} {listed.octets}")

    def _uidl(self, rest: str) -> None:
        self._answer_listing(rest, lambda listed: f"{listed.number} {listed.uidl}")

    def _answer_listing(self, rest: str, line: Callable[[Listed], str]) -> None:
        if rest.strip():
            self._say_ok(line(self._message(rest)))
            return
        present = self._present()
        self._say_ok(f"{len(present)} messages")
        self._say_lines([line(listed) for listed in present])

    def _retr(self, rest: str) -> Event:
        return Retrieve(self._message(rest).number)

    def _top(self, rest: str) -> Event:
        word, _, lines = rest.strip().partition(" ")
        return Retrieve(self._message(word).number, _number(lines))

    def _dele(self, rest: str) -> None:
        listed = self._message(rest)
        self._deleted.add(listed.number)
        self._say_ok(f"Message {listed.number} will be deleted")

    def _rset(self, _rest: str) -> None:
        self._deleted.clear()
        self._say_ok("Nothing will be deleted")

    def _noop(self, _rest: str) -> None:
        self._say_ok("")

    def _quit(self, _rest: str) -> Event:
        self.state = State.UPDATE
        return Update(tuple(sorted(self._deleted)))

    # Answers to events

    def logged_in(self, listing: Sequence[Listed]) -> None:
        """The maildrop is locked for this session and holds `listing`."""
        self._answered(Login)
        self._listing = {listed.number: listed for listed in listing}
        self.state = State.TRANSACTION
        self._say_ok(f"{len(listing)} messages")

    def login_refused(self, code: str = "AUTH", text: str = _WRONG) -> None:
        """-ERR with a response code (RFC 3206; "IN-USE" for a locked maildrop). The third time the session ends."""
        self._answered(Login)
        self._say_error(text, code=code)
        self._failed_login_count += 1
        if self._failed_login_count >= _MOST_FAILED_LOGINS:
            self.state = State.CLOSED

    def retrieved(self, octets: bytes) -> None:
        """The whole message, also where only its top was asked for."""
        event = self._answered(Retrieve)
        self._say_ok(f"{len(octets)} octets" if event.lines is None else "Top of message follows")
        self._say(stuff(octets if event.lines is None else top_lines(octets, event.lines)))

    def retrieve_failed(self) -> None:
        """The message cannot be read now."""
        self._answered(Retrieve)
        self._say_error("The message cannot be read now", code="SYS/TEMP")

    def updated(self, ok: bool) -> None:
        """Whether all that was marked is deleted."""
        self._answered(Update)
        if ok:
            self._say_ok("Bye")
        else:
            self._say_error("Some deleted messages were not removed", code="SYS/TEMP")
        self.state = State.CLOSED

    def tls_started(self) -> None:
        """The handshake is over: what was said in the clear is forgotten (RFC 2595, 4)."""
        self._answered(StartTls)
        self._is_secure = True
        self._user = None

    def _answered[E](self, kind: type[E]) -> E:
        event, self._awaited = self._awaited, None
        if not isinstance(event, kind):
            raise RuntimeError(f"Nobody asked for {kind.__name__}")
        return event

    # Below

    def _may_log_in(self) -> bool:
        return self._is_secure or self._allow_plain

    def _may_start_tls(self) -> bool:
        return self._has_stls and not self._is_secure and self.state is State.AUTHORIZATION

    def _present(self) -> list[Listed]:
        return [listed for listed in self._listing.values() if listed.number not in self._deleted]

    def _message(self, word: str) -> Listed:
        listed = self._listing.get(_number(word))
        if listed is None or listed.number in self._deleted:
            raise _NoSuchMessage
        return listed

    def _say(self, octets: bytes) -> None:
        self._to_send.append(octets)
        self._octets_to_send += len(octets)

    def _say_ok(self, text: str) -> None:
        self._say(f"+OK {text}".rstrip().encode() + b"\r\n")

    def _say_error(self, text: str, *, code: str = "") -> None:
        self._say((f"-ERR [{code}] {text}" if code else f"-ERR {text}").encode() + b"\r\n")

    def _say_lines(self, lines: Sequence[str]) -> None:
        self._say("".join(f"{line}\r\n" for line in (*lines, ".")).encode())

    def _close_with(self, text: str) -> None:
        self._say_error(text)
        self.state = State.CLOSED


def _number(word: str) -> int:
    word = word.strip()
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        raise _Bad("A number is wanted")
    return int(word)
