"""What the client says to which server, word by word."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailbox.pop3 import Client, Failure, Limits, Listed, Missed, Retrieved, Topped
from mailbox.pop3.connection import Connection, Trust
from tests.pop3.script import ScriptedWire, dialogues, read_dialogue

LIMITS = Limits(
    message_octets=100,
    skip_octets=150,
    listing_count=5,
    line_octets=80,
    spool_octets=40,
    top_octets=50,
    window_octets=64,
)
SIZES = [1, 2, 3, 5, 7, 1000]


class SecureConnection(Connection):
    """Says that it is under TLS."""

    tls_version = "TLSv1.3"


class Player:
    """Makes the calls of a dialogue and puts their results into words."""

    def __init__(self, wire: ScriptedWire, *, is_secure: bool) -> None:
        self.client = Client((SecureConnection if is_secure else Connection)(wire, LIMITS))
        self.listed: dict[int, Listed] = {}

    def call(self, line: str) -> str:
        name, *words = shlex.split(line)
        try:
            return self._words(self._method(name)(*words))
        except (Failure, ValueError) as error:
            return f"! {type(error).__name__} {error}".rstrip()

    def _method(self, name: str) -> Callable[..., Any]:
        own: dict[str, Callable[..., Any]] = {
            "greet": self.client.greet,
            "greet-without-capa": lambda: self.client.greet(asks_capabilities=False),
            "stls": lambda: self.client.start_tls(Trust.choose("pop.test", None, None)),
            "login": lambda user, password, how="": self.client.login(user, password, mechanism=how),
            "listing": self._listing,
            "retrieve": lambda *numbers: list(self.client.retrieve(map(self._number, numbers))),
            "retrieve-up-to": self._retrieve_up_to,
            "retrieve-first-of": self._retrieve_first_of,
            "retrieve-first-of-with-noop": self._retrieve_first_of_with_noop,
            "retrieve-with-noop": self._retrieve_with_noop,
            "top": lambda number, lines: self.client.top(self._number(number), int(lines)),
            "tops": lambda lines, *numbers: list(self.client.tops(map(self._number, numbers), lines=int(lines))),
            "top-first-of": lambda *numbers: next(self.client.tops(map(self._number, numbers))),
            "delete": lambda number: self.client.delete(self._number(number)),
            "delete-many": lambda *numbers: self.client.delete_many(map(self._number, numbers)),
            "capabilities": lambda: sorted(self.client.capabilities),
            "login-delay": lambda: self.client.login_delay_seconds,
            "expire": lambda: self.client.expire_days,
        }
        method: Callable[..., Any] = own[name] if name in own else getattr(self.client, name)
        return method

    def _number(self, number: str) -> Listed:
        return self.listed.get(int(number)) or Listed(int(number), 10, "")

    def _listing(self) -> list[Listed]:
        listing = self.client.listing()
        self.listed = {listed.number: listed for listed in listing}
        return listing

    def _retrieve_up_to(self, octets: str, *numbers: str) -> list[Retrieved | Missed]:
        return list(self.client.retrieve(map(self._number, numbers), message_octets=int(octets)))

    def _retrieve_first_of(self, *numbers: str) -> Retrieved | Missed:
        return next(self.client.retrieve(map(self._number, numbers)))

    def _retrieve_first_of_with_noop(self, *numbers: str) -> Retrieved | Missed:
        arriving = self.client.retrieve(map(self._number, numbers))
        first = next(arriving)
        self.client.noop()
        return first

    def _retrieve_with_noop(self, *numbers: str) -> list[Retrieved | Missed]:
        found = []
        for one in self.client.retrieve(map(self._number, numbers)):
            found.append(one)
            self.client.noop()
        return found

    def _words(self, result: Any) -> str:
        match result:
            case list():
                return " | ".join(map(self._words, result))
            case Listed(number, octets, uidl):
                return f"{number} {octets} {uidl}".rstrip()
            case Retrieved():
                return f"{result.listed.number} {result.octets!r}"
            case Topped(listed, octets):
                return f"{listed.number} top {octets!r}"
            case Missed(listed, kind, reason):
                return f"{listed.number} {kind}: {reason}"
            case None:
                return ""
        return str(result)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", dialogues("client"), ids=lambda path: path.stem)
def test_client_keeps_to_the_dialogue(path: Path, size: int) -> None:
    steps = read_dialogue(path)
    wire = ScriptedWire([step for step in steps if step.mark not in {">", "="}], size)
    player = Player(wire, is_secure=path.stem.startswith("client-secure-"))
    calls = [step.words for step in steps if step.mark == ">"]

    results = [(call, player.call(call)) for call in calls]

    assert results == _expected(path)
    assert not wire.steps, f"Never said: {list(wire.steps)}"


def _expected(path: Path) -> list[tuple[str, str]]:
    """Each call with its result; a call without one returns nothing."""
    expected: list[tuple[str, str]] = []
    for step in read_dialogue(path):
        if step.mark == ">":
            expected.append((step.words, ""))
        elif step.mark == "=":
            expected[-1] = (expected[-1][0], step.words)
    return expected


def test_there_are_dialogues() -> None:
    assert len(dialogues("client")) > 20
