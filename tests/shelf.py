"""A POP3 server of our own whose unique-ids a test can change between pulls, as servers do when they are moved."""

from collections.abc import Sequence
from typing import Self

from mailbox.pop3 import Listed, Opened, PopServer, Rejected

PASSWORD = "correct horse"


class Shelf:
    """Maildrop and server in one, as a context manager: `messages` maps unique-ids to octets, in the server's order."""

    def __init__(self, port: int = 0) -> None:
        self.messages: dict[str, bytes] = {}
        self._server = PopServer("127.0.0.1", port, post_office=self, hostname="shelf", login_delay_seconds=0)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.stop()

    @property
    def port(self) -> int:
        return self._server.port

    def renumber(self, prefix: str) -> None:
        """Give every message a new unique-id."""
        self.messages = {f"{prefix}{number}": octets for number, octets in enumerate(self.messages.values())}

    def open(self, _user: str, password: str, _peer: str) -> Opened | Rejected:
        if password != PASSWORD:
            return Rejected()
        uidls = list(self.messages)
        listing = [Listed(number, len(self.messages[uidl]), uidl) for number, uidl in enumerate(uidls, 1)]
        return Opened(listing, uidls)

    def retrieve(self, opened: Opened, number: int) -> bytes:
        return self.messages[_uidls(opened)[number - 1]]

    def update(self, opened: Opened, deleted: Sequence[int]) -> None:
        for number in deleted:
            del self.messages[_uidls(opened)[number - 1]]

    def close(self, opened: Opened) -> None:
        """Nothing is locked."""


def _uidls(opened: Opened) -> list[str]:
    assert isinstance(opened.handle, list)
    return opened.handle
