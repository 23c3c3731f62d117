"""Commands and replies over a connection (RFC 1939, 3)."""

from .connection import Connection
from .errors import Garbled, Refused
from .wire import command


class Dialogue:
    """One side of a POP3 conversation: ask, and read +OK or raise Refused."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def ask(self, *words: str) -> bytes:
        """Send one command and return what follows +OK."""
        self.send(command(*words))
        return self.reply()

    def send(self, octets: bytes) -> None:
        """Send where no answer is outstanding."""
        self.connection.expect_silence()
        self.connection.send(octets)

    def reply(self) -> bytes:
        """The next reply: what follows +OK."""
        return read_status(self.connection.line())

    def body(self, limit: int) -> bytes:
        """The body of a multi-line reply. Raises Garbled over `limit` octets."""
        body = self.connection.body(limit)
        if body is None:
            raise Garbled(f"The answer has over {limit} octets")
        return body

    def reply_with_body(self, limit: int) -> bytes | Refused:
        """A multi-line reply, or its refusal as a value where another reply must be read before anything is raised."""
        try:
            self.reply()
        except Refused as refusal:
            return refusal
        return self.body(limit)


def read_status(line: bytes, refusal: type[Refused] = Refused) -> bytes:
    """What follows +OK. Raises `refusal` for -ERR, Garbled for anything else."""
    if line.startswith(b"+OK"):
        return line[3:].strip()
    if line.startswith(b"-ERR"):
        raise refusal.from_reply(line[4:])
    raise Garbled("The answer is neither +OK nor -ERR")
