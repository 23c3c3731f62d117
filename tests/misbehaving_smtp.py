"""An SMTP server that breaks the protocol on command, at the step that a test names.

    with MisbehavingSmtp({"RCPT": ["250 2.1.5 Ok", "550 5.1.1 Who?"], ".": Drop()}) as server:
        ... server.port ... server.commands ... server.messages

Steps are CONNECT, the verbs, CONTENT (amid the message) and "." (its end). A step's action is done every time, a list
of actions once each; otherwise the server behaves. An action is a reply without CRLF, or one of the classes below.
"""

import socket
import ssl
import struct
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from typing import Self

CAPABILITIES = ("PIPELINING", "SIZE 10000000", "8BITMIME", "SMTPUTF8", "AUTH PLAIN LOGIN CRAM-MD5")
CHALLENGE = b"<1896.697170952@misbehaving.test>"


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the line; with `is_reset` as a crashed host does. At CONTENT, after so many `octets` of it."""

    octets: int = 0
    is_reset: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """Send these octets, then read and answer nothing more, and keep the line open."""

    octets: bytes = b""


@dataclass(frozen=True, slots=True)
class Raw:
    """Send exactly these octets."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Drip:
    """Send these octets one by one, `seconds` apart."""

    octets: bytes
    seconds: float = 0.05


@dataclass(frozen=True, slots=True)
class Endless:
    """Send this line for ever."""

    line: bytes = b"250-and another thing\r\n"


Action = str | Drop | Silence | Raw | Drip | Endless


class _Over(Exception):
    """The session has ended."""


class MisbehavingSmtp:
    """Listens on a free loopback port for the time of a `with` block; see the module for the script.

    `commands` are the lines that clients sent, `messages` the octets they ended with a dot, `logins` the names and
    passwords, `sessions` the number of connections. With `tls_context` STARTTLS is offered, or with `is_implicit_tls`
    every connection begins encrypted.
    """

    def __init__(
        self,
        script: Mapping[str, Action | list[Action]] | None = None,
        *,
        capabilities: Sequence[str] = CAPABILITIES,
        tls_context: ssl.SSLContext | None = None,
        is_implicit_tls: bool = False,
    ) -> None:
        self._script = {step: _actions(actions) for step, actions in (script or {}).items()}
        self._tls_context = tls_context
        self._is_implicit_tls = is_implicit_tls
        offers_starttls = tls_context is not None and not is_implicit_tls
        self.capabilities = (*capabilities, "STARTTLS") if offers_starttls else tuple(capabilities)
        self.commands: list[str] = []
        self.messages: list[bytes] = []
        self.logins: list[tuple[str, str]] = []
        self.sessions = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        # shutdown wakes the threads that wait on these sockets; close alone does not.
        for sock in (self._listener, *self._open):
            _shut(sock)
        self._thread.join()

    @property
    def verbs(self) -> list[str]:
        """The first words of `commands`."""
        return [command.partition(" ")[0].upper() for command in self.commands]

    def action(self, step: str) -> Action | None:
        """What the script has for the next occurrence of a step."""
        always, remaining = self._script.get(step, (None, []))
        return remaining.pop(0) if remaining else always

    def _accept(self) -> None:
        with self._listener:
            while not self._is_over.is_set():
                try:
                    sock, _ = self._listener.accept()
                except OSError:
                    return
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open.append(sock)
                self.sessions += 1
                threading.Thread(target=self._converse, args=(sock,), daemon=True).start()

    def _converse(self, sock: socket.socket) -> None:
        try:
            if self._is_implicit_tls and self._tls_context:
                sock = self._tls_context.wrap_socket(sock, server_side=True)
            _Session(self, sock, self._tls_context, self._is_over).run()
        except (OSError, _Over):
            pass
        finally:
            sock.close()


class _Session:
    def __init__(
        self, server: MisbehavingSmtp, sock: socket.socket, context: ssl.SSLContext | None, is_over: threading.Event
    ) -> None:
        self._server = server
        self._sock = sock
        self._context = context
        self._is_over = is_over
        self._reader: BufferedReader = sock.makefile("rb")

    def run(self) -> None:
        self._answer("CONNECT", "220 misbehaving.test ESMTP")
        while True:
            line = self._line()
            self._server.commands.append(line)
            verb = line.partition(" ")[0].upper()
            own = {"EHLO": self._ehlo, "STARTTLS": self._starttls, "AUTH": self._auth, "DATA": self._data}
            if verb in own:
                own[verb](line)
            else:
                self._answer(verb, "221 2.0.0 Bye" if verb == "QUIT" else "250 2.0.0 Ok")
            if verb == "QUIT":
                return

    def _ehlo(self, line: str) -> None:
        is_encrypted = isinstance(self._sock, ssl.SSLSocket)
        offered = [name for name in self._server.capabilities if name != "STARTTLS" or not is_encrypted]
        lines = ["misbehaving.test", *offered]
        marks = ["-"] * (len(lines) - 1) + [" "]
        self._answer("EHLO", "\r\n".join(f"250{mark}{text}" for mark, text in zip(marks, lines, strict=True)))

    def _starttls(self, line: str) -> None:
        if self._answer("STARTTLS", "220 2.0.0 Go ahead") and self._context:
            self._sock = self._context.wrap_socket(self._sock, server_side=True)
            self._reader = self._sock.makefile("rb")

    def _auth(self, line: str) -> None:
        action = self._server.action("AUTH")
        if action is not None:
            self._act(action)
            return
        _, mechanism, *initial = line.split(" ")
        own = {"PLAIN": self._plain, "LOGIN": self._login, "CRAM-MD5": self._cram_md5}
        own |= dict.fromkeys(["XOAUTH2", "OAUTHBEARER"], self._token)
        secrets = own[mechanism](initial)
        self._server.logins.append((secrets[-2].decode(), secrets[-1].decode()))
        self._say("235 2.7.0 Welcome")

    def _plain(self, initial: list[str]) -> list[bytes]:
        return (b64decode(initial[0]) if initial else self._challenge(b"")).split(b"\0")

    def _login(self, initial: list[str]) -> list[bytes]:
        return [self._challenge(b"Username:"), self._challenge(b"Password:")]

    def _cram_md5(self, initial: list[str]) -> list[bytes]:
        return self._challenge(CHALLENGE).split(b" ")

    def _token(self, initial: list[str]) -> list[bytes]:
        user, bearer, *_ = b64decode(initial[0]).split(b"\1")
        return [user, bearer]

    def _challenge(self, octets: bytes) -> bytes:
        self._say(f"334 {b64encode(octets).decode()}")
        return b64decode(self._line())

    def _data(self, line: str) -> None:
        if not self._answer("DATA", "354 Go on"):
            return
        if (action := self._server.action("CONTENT")) is not None:
            self._reader.read(action.octets if isinstance(action, Drop) else 1)
            self._act(action)
            raise _Over
        octets = b""
        while (piece := self._reader.readline()) != b".\r\n":
            if not piece:
                raise _Over
            octets += piece[1:] if piece.startswith(b".") else piece
        self._server.messages.append(octets)
        self._answer(".", "250 2.0.0 Taken")

    def _answer(self, step: str, default: str) -> bool:
        """Do what the script says, else reply `default`; tell whether the step went its ordinary way."""
        action = self._server.action(step)
        if action is None:
            self._say(default)
            return True
        self._act(action)
        return isinstance(action, str) and action.rpartition("\n")[2][:1] == default[:1]

    def _act(self, action: Action) -> None:
        match action:
            case str():
                self._say(action)
                if action.startswith("421"):
                    raise _Over
            case Raw(octets):
                self._sock.sendall(octets)
            case Drop(is_reset=is_reset):
                self._drop(is_reset)
            case Silence(octets):
                self._sock.sendall(octets)
                self._is_over.wait()
                raise _Over
            case Drip(octets, seconds):
                for octet in octets:
                    self._sock.sendall(bytes([octet]))
                    time.sleep(seconds)
            case Endless(line):
                while True:
                    self._sock.sendall(line)

    def _drop(self, is_reset: bool) -> None:
        if is_reset:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._reader.close()
            self._sock.close()
        else:
            _shut(self._sock)
        raise _Over

    def _say(self, reply: str) -> None:
        self._sock.sendall(reply.encode() + b"\r\n")

    def _line(self) -> str:
        line = self._reader.readline()
        if not line:
            raise _Over
        return line.decode(errors="replace").removesuffix("\r\n")


def _actions(actions: Action | list[Action]) -> tuple[Action | None, list[Action]]:
    if isinstance(actions, list):
        return None, list(actions)
    return actions, []


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        # Closed by its own thread, or never connected.
        sock.close()
