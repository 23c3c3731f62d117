"""A threaded POP3 server around `Session`: sockets, TLS, time limits. The mail itself is asked of a post office."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol

from .session import Closed, Event, Login, Retrieve, Send, Session, StartTls, State, Update
from .values import Listed

log = logging.getLogger(__name__)

_RECEIVE_OCTETS = 2**16
_PIECE_OCTETS = 2**18
_LONGEST_DELAY_SECONDS = 16
_AUTHORIZATION_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Opened:
    """A maildrop locked for one session, and what it held then. `handle` is the post office's own."""

    listing: Sequence[Listed]
    handle: object = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a maildrop was not opened: "AUTH" (alike for unknown users), "IN-USE", "SYS/TEMP"; the text is shown."""

    code: str = "AUTH"
    text: str = "Wrong user name or password"


class PostOffice(Protocol):
    """Where the mail is. Called from one thread per connection."""

    def open(self, user: str, password: str, peer: str) -> Opened | Rejected:
        """Check the password, lock the maildrop and list it. `peer` is the client's IP address."""

    def retrieve(self, opened: Opened, number: int) -> bytes:
        """A message's octets. Raises LookupError when it is gone."""

    def update(self, opened: Opened, deleted: Sequence[int]) -> None:
        """Delete these messages for good, all of them or, with an exception, none."""

    def close(self, opened: Opened) -> None:
        """Release the lock. Always called once after `open`, also when the line dropped."""


@dataclass(frozen=True, slots=True)
class House:
    """What all connections of one server share."""

    post_office: PostOffice
    hostname: str
    tls_context: ssl.SSLContext | None = None
    implicit_tls: bool = False
    allow_plain: bool | None = None
    idle_seconds: float = 600
    login_delay_seconds: float = 1
    stopping: threading.Event = field(default_factory=threading.Event)

    def allows_plain(self, peer: str) -> bool:
        """Whether this client may log in without TLS: where that is left open, only where nobody can listen."""
        if self.allow_plain is not None:
            return self.allow_plain
        return self.tls_context is None or ip_address(peer).is_loopback


class PopServer:
    """Listens, and serves each connection in a thread of its own.

    With `tls_context` it offers STLS, or speaks TLS from the first octet (`implicit_tls`); then passwords travel in
    the clear from loopback only, unless `allow_plain` says otherwise. One IP address has at most
    `max_connections_per_peer` of all `max_connections`. After a failed login the answer waits for
    `login_delay_seconds`, twice as long each time. `port` is the real one when 0 was asked for.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        post_office: PostOffice,
        hostname: str,
        tls_context: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        allow_plain: bool | None = None,
        idle_seconds: float = 600,
        max_connections: int = 100,
        max_connections_per_peer: int = 20,
        login_delay_seconds: float = 1,
    ) -> None:
        self._house = House(
            post_office, hostname, tls_context, implicit_tls, allow_plain, idle_seconds, login_delay_seconds
        )
        self._max_connections = max_connections
        self._max_connections_per_peer = max_connections_per_peer
        self._visits: dict[threading.Thread, Visit] = {}
        # A signal handler may stop the server while this very thread holds it.
        self._lock = threading.RLock()
        self._accepting: threading.Thread | None = None
        self._listener = _listen(host, port)
        self.port: int = self._listener.getsockname()[1]

    def start(self) -> None:
        """Serve in the background until `stop`."""
        self._accepting = threading.Thread(target=self.serve_forever, name="pop3", daemon=True)
        self._accepting.start()

    def serve_forever(self) -> None:
        """Accept connections until `stop` is called from another thread or a signal handler."""
        while not self._house.stopping.is_set():
            try:
                line, peer = self._listener.accept()
            except TimeoutError:
                continue
            except OSError as error:
                if not self._house.stopping.is_set():
                    log.warning("Could not accept a POP3 connection: %s", error)
                    self._house.stopping.wait(0.1)
                continue
            self._welcome(line, peer[0])

    def stop(self) -> None:
        """Close the port and every connection; what was marked as deleted without QUIT stays."""
        self._house.stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            visits = dict(self._visits)
        for visit in visits.values():
            visit.hang_up()
        for thread in (self._accepting, *visits):
            if thread is not None and thread is not threading.current_thread():
                thread.join(timeout=5)

    def _welcome(self, line: socket.socket, peer: str) -> None:
        with self._lock:
            if self._has_room_for(peer) and self._begin(Visit(self._house, line, peer)):
                return
        with line, suppress(OSError):
            line.settimeout(1)
            if not self._house.implicit_tls:
                line.sendall(b"-ERR [SYS/TEMP] Too many connections\r\n")

    def _has_room_for(self, peer: str) -> bool:
        if self._house.stopping.is_set() or len(self._visits) >= self._max_connections:
            return False
        return sum(visit.peer == peer for visit in self._visits.values()) < self._max_connections_per_peer

    def _begin(self, visit: "Visit") -> bool:
        """Give the visit a thread; False when the system has none left."""
        thread = threading.Thread(target=self._serve, args=(visit,), name=f"pop3 {visit.peer}", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            log.warning("No thread for a POP3 connection from %s", visit.peer)
            return False
        self._visits[thread] = visit
        return True

    def _serve(self, visit: "Visit") -> None:
        try:
            visit.run()
        except OSError as error:
            log.info("POP3 connection from %s ended: %s", visit.peer, error)
        except Exception:
            log.exception("POP3 connection from %s failed", visit.peer)
        finally:
            with self._lock:
                self._visits.pop(threading.current_thread(), None)


class Visit:
    """One connection from greeting to end."""

    def __init__(self, house: House, line: socket.socket, peer: str) -> None:
        self._house = house
        self._line = line
        self.peer = peer
        self._opened: Opened | None = None
        self._delay = house.login_delay_seconds
        self._must_log_in_by = time.monotonic() + min(_AUTHORIZATION_SECONDS, house.idle_seconds)
        offers_stls = house.tls_context is not None and not house.implicit_tls
        self._session = Session(
            hostname=house.hostname,
            has_stls=offers_stls,
            is_secure=house.implicit_tls,
            allow_plain=house.allows_plain(peer),
        )

    def run(self) -> None:
        """Serve until the client leaves, is too slow, or the server stops."""
        try:
            self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._line.settimeout(self._house.idle_seconds)
            if self._house.implicit_tls:
                self._start_tls()
            self._converse()
        finally:
            self._release()
            self._line.close()

    def hang_up(self) -> None:
        """End the connection from another thread."""
        with suppress(OSError):
            # SSLSocket's own shutdown() would take the TLS layer away from the thread that reads.
            socket.socket.shutdown(self._line, socket.SHUT_RDWR)

    def _release(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            self._house.post_office.close(opened)

    def _converse(self) -> None:
        while not isinstance(event := self._session.next_event(), Closed):
            if event is not None:
                self._answer(event)
            elif not self._receive():
                return
        self._flush()

    def _receive(self) -> bool:
        """Send what waits and take what comes; False when the client hung up or was silent for too long."""
        self._flush()
        if self._session.state is State.AUTHORIZATION:
            # One deadline, or a client that trickles could hold a connection for ever without a password.
            self._line.settimeout(max(0.001, self._must_log_in_by - time.monotonic()))
        data = self._line.recv(_RECEIVE_OCTETS)
        self._session.receive(data)
        return bool(data)

    def _flush(self) -> None:
        # In pieces: the time limit of sendall is for all of it, and a large message on a slow line takes longer.
        data = memoryview(self._session.data_to_send())
        for start in range(0, len(data), _PIECE_OCTETS):
            self._line.sendall(data[start : start + _PIECE_OCTETS])

    def _answer(self, event: Event) -> None:
        match event:
            case Login():
                self._log_in(event)
            case Retrieve():
                self._retrieve(event.number)
            case Update():
                is_done = self._update(event.deleted)
                # The lock goes before the answer (RFC 1939, 6): whoever reads it may log in again at once.
                self._release()
                self._session.updated(is_done)
            case Send():
                self._flush()
            case StartTls():
                self._flush()
                self._start_tls()
                self._session.tls_started()

    def _log_in(self, event: Login) -> None:
        answer = self._open(event)
        if isinstance(answer, Opened):
            self._opened = answer
            self._line.settimeout(self._house.idle_seconds)
            self._session.logged_in(answer.listing)
            return
        log.info("POP3 login refused for %s: [%s]", self.peer, answer.code)
        self._house.stopping.wait(self._delay)
        self._delay = min(2 * self._delay, _LONGEST_DELAY_SECONDS)
        self._session.login_refused(answer.code, answer.text)

    def _open(self, event: Login) -> Opened | Rejected:
        try:
            return self._house.post_office.open(event.user, event.password, self.peer)
        except Exception:
            log.exception("A maildrop could not be opened")
            return Rejected("SYS/TEMP", "The maildrop cannot be opened now")

    def _retrieve(self, number: int) -> None:
        assert self._opened is not None
        try:
            octets = self._house.post_office.retrieve(self._opened, number)
        except Exception as error:
            if not isinstance(error, LookupError):
                log.exception("A message could not be read")
            self._session.retrieve_failed()
            return
        self._session.retrieved(octets)

    def _update(self, deleted: Sequence[int]) -> bool:
        assert self._opened is not None
        try:
            self._house.post_office.update(self._opened, deleted)
        except Exception:
            log.exception("Deleted messages could not be removed")
            return False
        return True

    def _start_tls(self) -> None:
        assert self._house.tls_context is not None
        self._line = self._house.tls_context.wrap_socket(self._line, server_side=True)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=128)
    # Where shutdown does not wake another thread's accept, this does.
    listener.settimeout(0.5)
    return listener
