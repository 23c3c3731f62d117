"""The client joined to the session: what goes in comes out."""

from collections import deque
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbox.pop3 import Client, Failure, Garbled, Limits, Missed, Refused, Retrieved
from mailbox.pop3.connection import Connection, Trust
from tests.pop3.post_office import Driver, JoinedWire, MemoryOffice
from tests.pop3.script import ScriptedWire, Step
from tests.pop3.test_wire import OCTETS, ended

# What servers say, and nearly say.
PIECES = [b"+OK ", b"-ERR ", b"+ ", b"\r\n", b".\r\n", b"1 2\r\n", b"2 x\r\n", b"9" * 30, b"PIPELINING", b"\0\xff"]
BABBLE = st.lists(st.sampled_from(PIECES) | st.binary(max_size=5)).map(b"".join)
MESSAGE = st.one_of(OCTETS, st.binary(max_size=300))


def joined(office: MemoryOffice, *, size: int = 2**16, **limits: int) -> Client:
    client = Client(Connection(JoinedWire(Driver(office), size=size), Limits(**limits)))
    client.greet()
    return client


@settings(max_examples=150, deadline=None)
@given(messages=st.lists(MESSAGE, max_size=12), size=st.integers(1, 50), window=st.integers(1, 300))
def test_every_octet_comes_through(messages: list[bytes], size: int, window: int) -> None:
    office = MemoryOffice(messages)
    client = joined(office, size=size, line_octets=100, spool_octets=200, window_octets=window, window_count=5)
    client.login("alice", "secret")
    listing = client.listing()

    arrived = list(client.retrieve(listing))

    assert arrived == [Retrieved(listed, ended(octets)) for listed, octets in zip(listing, messages, strict=True)]


@pytest.mark.parametrize("size", range(1, 60))
def test_a_whole_session_in_pieces_of_every_size(size: int) -> None:
    office = MemoryOffice()
    client = joined(office, size=size)
    client.login("alice", "secret")
    assert client.stat() == (3, 89)
    listing = client.listing()
    assert [listed.uidl for listed in listing] == ["id1", "id2", "id3"]
    assert client.top(listing[0], 1) == b"Subject: one\r\n\r\nfirst\r\n"
    assert client.delete_many(listing[:2]) == listing[:2]
    client.quit()
    assert office.updates == [(1, 2)]


def test_leaving_without_quit_deletes_nothing() -> None:
    office = MemoryOffice()
    with joined(office) as client:
        client.login("alice", "secret")
        client.delete(client.listing()[0])
    assert office.updates == []


def test_a_deleted_message_is_missed() -> None:
    client = joined(MemoryOffice())
    client.login("alice", "secret")
    first, *others = client.listing()
    client.delete(first)

    missed, *arrived = client.retrieve([first, *others])

    assert isinstance(missed, Missed)
    assert missed.reason == "No such message"
    assert [one.listed for one in arrived] == others


def test_only_noop_is_allowed_while_retrieving() -> None:
    client = joined(MemoryOffice())
    client.login("alice", "secret")
    listing = client.listing()
    for _ in client.retrieve(listing):
        client.noop()
        with pytest.raises(RuntimeError, match="being retrieved"):
            client.delete(listing[0])
    client.delete(listing[0])


def test_a_wrong_password_is_told_from_a_locked_maildrop() -> None:
    office = MemoryOffice()
    with pytest.raises(Refused) as wrong:
        joined(office).login("alice", "wrong")
    joined(office).login("alice", "secret")
    with pytest.raises(Refused) as locked:
        joined(office).login("alice", "secret")
    assert wrong.value.is_password_wrong
    assert locked.value.is_locked


@pytest.mark.parametrize(("user", "password"), [("alice\r\nDELE 1", "secret"), ("alice", "se\ncret"), ("a", "b\0c")])
def test_credentials_with_line_breaks_are_not_sent(user: str, password: str) -> None:
    office = MemoryOffice()
    driver = Driver(office)
    client = Client(Connection(JoinedWire(driver), Limits()))
    client.greet()
    with pytest.raises(ValueError, match="line break") as caught:
        client.login(user, password)
    assert password not in str(caught.value)
    assert driver.notes == []


def test_octets_in_the_clear_behind_stls_are_garbled() -> None:
    wire = ScriptedWire([Step("S", b"+OK\r\n"), Step("C", b"STLS\r\n"), Step("S", b"+OK begin\r\n+OK injected")], 100)
    client = Client(Connection(wire, Limits()))
    client.greet(asks_capabilities=False)
    with pytest.raises(Garbled, match="where TLS begins"):
        client.start_tls(Trust.choose("pop.test", None, None))


class BabblingWire(ScriptedWire):
    """Answers each command with the next of some octets."""

    def __init__(self, answers: list[bytes]) -> None:
        super().__init__([], 7)
        self._answers = deque([b"+OK\r\n", *answers])

    def sendall(self, _data: bytes, /) -> None:
        """Whatever it is."""

    def recv_into(self, buffer: memoryview, /) -> int:
        if not self._coming and self._answers:
            self._coming = self._answers.popleft()
        return super().recv_into(buffer)

    def _next_words(self) -> bytes:
        return b""


@settings(max_examples=300, deadline=None)
@given(answers=st.lists(BABBLE, max_size=12))
def test_whatever_a_server_says_ends_in_a_failure_of_the_family(answers: list[bytes]) -> None:
    client = Client(Connection(BabblingWire(answers), Limits(line_octets=100, spool_octets=200, message_octets=50)))
    with suppress(Failure):
        client.greet()
        client.login("alice", "secret")
        client.stat()
        listing = client.listing()
        arrived = list(client.retrieve(listing))
        assert [one.listed for one in arrived] == listing
        client.delete_many(listing)
        client.quit()


def test_a_password_is_never_shown() -> None:
    driver = Driver(MemoryOffice())
    client = Client(Connection(JoinedWire(driver), Limits()))
    client.greet()
    client.login("alice", "secret")
    assert "secret" not in f"{driver.notes} {vars(client)} {client!r}"
