"""A POP3 server of a few messages that works, but for what a test says otherwise."""

from collections.abc import Callable, Mapping

from mailbox.pop3.wire import stuff, top_lines
from tests.pop3.misbehaving import Line

type Answer = bytes | Callable[[Line], None]

CAPABILITIES = b"+OK\r\nUIDL\r\nTOP\r\nPIPELINING\r\nRESP-CODES\r\n.\r\n"


class OddServer:
    """The script of a `Misbehaving` server; what is marked as deleted goes at QUIT.

    `answers` are by command line or by its first word, and come instead of its own: octets, or what happens to the
    line. `sizes` are what LIST says of a message by its number, where it lies. A message's unique-id is the letter u
    with its number. One that `forgets` deletes nothing at QUIT. `meanwhile` is what goes on elsewhere, by command
    line, after it was heard and before it is answered.
    """

    def __init__(self, *messages: bytes, answers: Mapping[bytes, Answer] | None = None, forgets: bool = False) -> None:
        self.messages = dict(enumerate(messages, start=1))
        self.answers: dict[bytes, Answer] = {b"CAPA": CAPABILITIES, **(answers or {})}
        self.sizes: dict[int, int] = {}
        self.meanwhile: dict[bytes, Callable[[], object]] = {}
        self.forgets = forgets

    def recover(self) -> None:
        """Work from now on."""
        self.answers, self.forgets, self.meanwhile = {b"CAPA": CAPABILITIES}, False, {}

    def __call__(self, line: Line) -> None:
        deleted: set[int] = set()
        line.say(b"+OK ready\r\n")
        while (command := self._hear(line)) != b"QUIT":
            word = command.split()[0]
            answer = self.answers.get(command) or self.answers.get(word) or self._answer(command, deleted)
            _give(answer, line)
        # Update comes before its answer (RFC 1939, 6).
        if not self.forgets:
            self.messages = {number: octets for number, octets in self.messages.items() if number not in deleted}
        _give(self.answers.get(b"QUIT", b"+OK\r\n"), line)

    def _hear(self, line: Line) -> bytes:
        command = line.hear()
        self.meanwhile.get(command, bool)()
        return command

    def _answer(self, command: bytes, deleted: set[int]) -> bytes:
        match command.split():
            case [b"LIST"]:
                return self.listing(lambda number, octets: b"%d" % self.sizes.get(number, len(octets)))
            case [b"UIDL"]:
                return self.listing(lambda number, _octets: b"u%d" % number)
            case [b"DELE", number]:
                deleted.add(int(number))
            case [b"RETR", number]:
                return b"+OK\r\n" + stuff(self.messages[int(number)])
            case [b"TOP", number, lines]:
                return b"+OK\r\n" + stuff(top_lines(self.messages[int(number)], int(lines)))
        return b"+OK\r\n"

    def listing(self, of: Callable[[int, bytes], bytes]) -> bytes:
        """The answer to LIST or UIDL, by what it says of a message."""
        rows = (b"%d %s\r\n" % (number, of(number, octets)) for number, octets in self.messages.items())
        return b"+OK\r\n" + b"".join(rows) + b".\r\n"


def hang_up(_line: Line) -> None:
    """Close the line without a word."""
    raise ConnectionAbortedError


def fall_silent(line: Line) -> None:
    """Say nothing any more, until the client has gone."""
    while True:
        line.hear()


def flood(octets: bytes) -> Callable[[Line], None]:
    """Say this without end."""

    def flooded(line: Line) -> None:
        line.say(b"+OK\r\n")
        while True:
            line.say(octets)

    return flooded


def _give(answer: Answer, line: Line) -> None:
    if isinstance(answer, bytes):
        line.say(answer)
    else:
        answer(line)
