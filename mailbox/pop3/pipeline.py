"""One command for each of many messages, asked for ahead of the answers, which come in the same order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from .dialogue import Dialogue
from .errors import Refused
from .values import Listed, Missed, Retrieved, Topped, Why
from .window import Window


class Ask[Answer](Protocol):
    """What is asked of the server about each message, and how its answer is read."""

    dialogue: Dialogue

    def command(self, listed: Listed, /) -> bytes:
        """The command line; empty where nothing need be asked."""

    def answer(self, listed: Listed, /) -> Answer:
        """Read what the server says to `command`."""


@dataclass
class Retr:
    """RETR within a limit of octets. A message that is listed as longer is not asked for."""

    dialogue: Dialogue
    limit: int

    def command(self, listed: Listed) -> bytes:
        return b"RETR %d\r\n" % listed.number if listed.octets <= self.limit else b""

    def answer(self, listed: Listed) -> Retrieved | Missed:
        if listed.octets > self.limit:
            return self._oversize(listed)
        try:
            self.dialogue.reply()
        except Refused as refusal:
            return Missed(listed, Why.REFUSED, str(refusal))
        body = self.dialogue.connection.message(self.limit)
        return self._oversize(listed) if body is None else Retrieved(listed, body)

    def _oversize(self, listed: Listed) -> Missed:
        return Missed(listed, Why.OVERSIZE, f"The message has over {self.limit} octets")


@dataclass
class Top:
    """TOP: the header and so many lines of the body, cut after so many octets."""

    dialogue: Dialogue
    lines: int
    limit: int

    def command(self, listed: Listed) -> bytes:
        return b"TOP %d %d\r\n" % (listed.number, self.lines)

    def answer(self, listed: Listed) -> Topped | Missed:
        try:
            self.dialogue.reply()
        except Refused as refusal:
            return Missed(listed, Why.REFUSED, str(refusal))
        return Topped(listed, self.dialogue.connection.beginning(self.limit))


class Pipeline[Answer]:
    """Asks about messages within a window. What was asked for and not taken must be settled before other commands."""

    def __init__(self, ask: Ask[Answer], window: Window) -> None:
        self._ask = ask
        self._window = window

    def answers(self) -> Iterator[Answer]:
        """The answers one by one; while they are taken, the next are asked for."""
        window, ask = self._window, self._ask
        while True:
            if fresh := window.refill():
                ask.dialogue.connection.send(b"".join(map(ask.command, fresh)))
            if window.is_empty:
                return
            if (listed := window.arriving()) is None:
                ask.dialogue.reply()
            else:
                yield ask.answer(listed)

    def noop(self) -> None:
        """NOOP behind all that was asked for."""
        self._ask.dialogue.connection.send(b"NOOP\r\n")
        self._window.add_noop()

    def settle(self) -> None:
        """Read away the answers to what was asked for, and ask for nothing more."""
        while not self._window.is_empty:
            if (listed := self._window.arriving()) is None:
                self._ask.dialogue.reply()
            else:
                self._ask.answer(listed)
