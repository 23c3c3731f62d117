"""A small maildrop in memory, a driver that asks it for a session without any socket, and a wire between two sides."""

import threading
from collections.abc import Sequence

from mailbox.pop3 import Listed, Opened, Rejected
from mailbox.pop3.session import Closed, Event, Login, Retrieve, Send, Session, StartTls, Update

MESSAGES = (
    b"Subject: one\r\n\r\nfirst\r\nsecond\r\nthird\r\n",
    b".dot\r\n..two dots\r\n\r\n.\r\n",
    b"Subject: no line end\r\n\r\nlast",
)


class MemoryOffice:
    """One maildrop for every user, with the password "secret"; remembers what was asked of it."""

    def __init__(self, messages: Sequence[bytes] = MESSAGES) -> None:
        self.messages = dict(enumerate(messages, 1))
        self.broken: set[str] = set()
        self.updates: list[tuple[int, ...]] = []
        self.closed_count = 0
        self._lock = threading.Lock()

    @property
    def is_locked(self) -> bool:
        return self._lock.locked()

    def open(self, _user: str, password: str, _peer: str) -> Opened | Rejected:
        self._break("open")
        if password != "secret":
            return Rejected()
        if not self._lock.acquire(blocking=False):
            return Rejected("IN-USE", "Another session has the maildrop")
        listing = [Listed(number, len(octets), f"id{number}") for number, octets in self.messages.items()]
        return Opened(listing)

    def retrieve(self, _opened: Opened, number: int) -> bytes:
        self._break("retrieve")
        return self.messages[number]

    def update(self, _opened: Opened, deleted: Sequence[int]) -> None:
        self._break("update")
        self.updates.append(tuple(deleted))
        for number in deleted:
            del self.messages[number]

    def close(self, _opened: Opened) -> None:
        self._break("close")
        self.closed_count += 1
        self._lock.release()

    def _break(self, name: str) -> None:
        if name in self.broken:
            raise RuntimeError(name)


class Driver:
    """Answers a session's events from an office; `notes` are the events in words."""

    def __init__(self, office: MemoryOffice | None = None, **options: bool) -> None:
        self.office = office or MemoryOffice()
        self.session = Session(hostname="test", **options)
        self.notes: list[str] = []
        self._opened = Opened([])
        self._sent = b""

    def say(self, octets: bytes) -> None:
        """What the client says."""
        self.session.receive(octets)
        while (event := self.session.next_event()) is not None:
            self.notes.append(str(event))
            if isinstance(event, Closed):
                return
            self._answer(event)

    def answer(self) -> bytes:
        """What the server has said since."""
        sent, self._sent = self._sent + self.session.data_to_send(), b""
        return sent

    def _answer(self, event: Event) -> None:
        match event:
            case Login(user, password):
                answer = self.office.open(user, password, "test")
                if isinstance(answer, Rejected):
                    self.session.login_refused(answer.code, answer.text)
                else:
                    self._opened = answer
                    self.session.logged_in(answer.listing)
            case Retrieve(number, _):
                self.session.retrieved(self.office.retrieve(self._opened, number))
            case Update(deleted):
                self.office.update(self._opened, deleted)
                self.session.updated(True)
            case Send():
                self._sent += self.session.data_to_send()
            case StartTls():
                self.session.tls_started()


class JoinedWire:
    """The client's end of a line to a session in the same thread, `size` octets at a time."""

    def __init__(self, driver: Driver, *, size: int = 2**16) -> None:
        self._driver = driver
        self._size = size
        self._coming = b""

    def sendall(self, data: bytes, /) -> None:
        for start in range(0, len(data), self._size):
            self._driver.say(data[start : start + self._size])

    def recv_into(self, buffer: memoryview, /) -> int:
        self._coming = self._coming or self._driver.answer()
        piece = self._coming[: min(self._size, len(buffer))]
        self._coming = self._coming[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def settimeout(self, _seconds: float | None, /) -> None:
        """Nobody waits here."""

    def close(self) -> None:
        """Hanging up is not QUIT."""
