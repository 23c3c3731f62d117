"""The threaded server, with the client on the other end of a real socket."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from mailbox.pop3 import Client, Limits, PopServer, Refused, Retrieved, Security, Server, Unreachable, Untrusted
from mailbox.pop3.server import House, Visit
from tests.dovecot import write_certificate
from tests.pop3.post_office import MESSAGES, MemoryOffice
from tests.pop3.test_wire import ended

LIMITS = Limits(connect_seconds=5, command_seconds=5)


@contextmanager
def serving(office: MemoryOffice, **options: Any) -> Iterator[PopServer]:
    options = {"login_delay_seconds": 0.01, **options}
    server = PopServer("127.0.0.1", 0, post_office=office, hostname="pop.test", **options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def contexts(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's side and the client's."""
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    write_certificate(*paths, host="localhost")
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(*paths)
    return secure, ssl.create_default_context(cafile=str(paths[0]))


def connect(server: PopServer, *, security: Security = Security.NONE, context: ssl.SSLContext | None = None) -> Client:
    return Client.connect(Server("localhost", server.port, security, "127.0.0.1"), limits=LIMITS, context=context)


def wait_until(is_true: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not is_true():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.mark.parametrize("security", list(Security))
def test_a_whole_session(security: Security, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    office = MemoryOffice()
    options = {} if security is Security.NONE else {"tls_context": contexts[0], "allow_plain": False}
    with serving(office, implicit_tls=security is Security.TLS, **options) as server:
        with connect(server, security=security, context=contexts[1]) as client:
            client.login("alice", "secret")
            listing = client.listing()
            arrived = [one.octets for one in client.retrieve(listing) if isinstance(one, Retrieved)]
            assert arrived == [ended(octets) for octets in MESSAGES]
            client.delete_many(listing[1:])
            client.quit()
        assert office.updates == [(2, 3)]
        assert not office.is_locked


def test_passwords_in_the_clear_can_be_forbidden(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    options = {"tls_context": contexts[0], "allow_plain": False}
    with serving(MemoryOffice(), **options) as server, connect(server) as client:
        with pytest.raises(Refused, match="STLS"):
            client.login("alice", "secret", mechanism="USER")
        assert "USER" not in client.capabilities


@pytest.mark.parametrize(
    ("peer", "has_tls", "allow_plain", "is_allowed"),
    [
        ("127.0.0.1", True, None, True),
        ("::1", True, None, True),
        ("192.0.2.1", True, None, False),
        ("2001:db8::1", True, None, False),
        ("fe80::1%eth0", True, None, False),
        ("192.0.2.1", False, None, True),
        ("192.0.2.1", True, True, True),
        ("127.0.0.1", True, False, False),
    ],
)
def test_passwords_in_the_clear_come_from_loopback_once_there_is_tls(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
    *,
    peer: str,
    has_tls: bool,
    allow_plain: bool | None,
    is_allowed: bool,
) -> None:
    house = House(MemoryOffice(), "pop.test", contexts[0] if has_tls else None, allow_plain=allow_plain)
    assert (b"USER" in capabilities_of(house, peer)) == is_allowed


def capabilities_of(house: House, peer: str) -> bytes:
    """What a client hears that connects from `peer`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = socket.create_connection(listener.getsockname(), timeout=5)
        visit = Visit(house, listener.accept()[0], peer)
    with line:
        line.sendall(b"CAPA\r\nQUIT\r\n")
        visit.run()
        return line.makefile("rb").read()


def test_stls_needs_a_certificate() -> None:
    with serving(MemoryOffice()) as server, pytest.raises(Untrusted, match="does not offer STLS"):
        connect(server, security=Security.STARTTLS)


def test_a_dropped_line_deletes_nothing_and_releases_the_lock() -> None:
    office = MemoryOffice()
    with serving(office) as server:
        with connect(server) as client:
            client.login("alice", "secret")
            client.delete(client.listing()[0])
            assert office.is_locked
        wait_until(lambda: not office.is_locked)
        assert (office.updates, office.closed_count, len(office.messages)) == ([], 1, 3)


def test_the_next_login_may_follow_quit_at_once() -> None:
    office = MemoryOffice()
    with serving(office) as server:
        for _ in range(20):
            with connect(server) as client:
                client.login("alice", "secret")
                client.quit()
    assert office.closed_count == 20


def test_a_locked_maildrop_is_in_use() -> None:
    with serving(MemoryOffice()) as server, connect(server) as first, connect(server) as second:
        first.login("alice", "secret")
        with pytest.raises(Refused) as refused:
            second.login("alice", "secret")
        assert refused.value.is_locked


def test_failed_logins_are_answered_ever_more_slowly_and_end_the_line() -> None:
    waits = []
    with serving(MemoryOffice(), login_delay_seconds=0.05) as server, connect(server) as client:
        for _ in range(3):
            start = time.monotonic()
            with pytest.raises(Refused, match="AUTH"):
                client.login("alice", "wrong")
            waits.append(time.monotonic() - start)
        with pytest.raises(Unreachable):
            client.noop()
    assert waits[0] >= 0.05
    assert waits[1] >= 0.1
    assert waits[2] >= 0.2


@pytest.mark.parametrize("broken", ["open", "retrieve", "update"])
def test_a_post_office_that_fails_is_a_temporary_error(broken: str) -> None:
    office = MemoryOffice()
    office.broken.add(broken)
    with serving(office) as server, connect(server) as client:
        reasons = []
        try:
            client.login("alice", "secret")
            reasons += [getattr(one, "reason", "") for one in client.retrieve(client.listing()[:1])]
            if broken == "update":
                client.delete_many(client.listing())
                client.quit()
        except Refused as refusal:
            reasons.append(str(refusal))
    assert reasons[-1].startswith("[SYS/TEMP]")
    assert len(office.messages) == 3


def test_a_message_that_has_vanished_is_refused() -> None:
    office = MemoryOffice()
    with serving(office) as server, connect(server) as client:
        client.login("alice", "secret")
        listing = client.listing()
        del office.messages[2]
        assert [getattr(one, "reason", "") for one in client.retrieve(listing)] == [
            "",
            "[SYS/TEMP] The message cannot be read now",
            "",
        ]


def test_an_idle_client_is_dropped_and_its_maildrop_released() -> None:
    office = MemoryOffice()
    with serving(office, idle_seconds=0.2) as server, connect(server) as client:
        client.login("alice", "secret")
        client.delete(client.listing()[0])
        wait_until(lambda: not office.is_locked)
        assert office.updates == []


def test_a_client_that_trickles_before_login_is_dropped() -> None:
    start = time.monotonic()
    with ExitStack() as stack:
        server = stack.enter_context(serving(MemoryOffice(), idle_seconds=0.3))
        line = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        stack.enter_context(suppress(ConnectionError))
        while time.monotonic() - start < 3:
            line.sendall(b"x")
            time.sleep(0.02)
    assert time.monotonic() - start < 2


def test_too_many_connections_are_turned_away() -> None:
    with serving(MemoryOffice(), max_connections=2) as server, ExitStack() as stack:
        first, _second = (stack.enter_context(connect(server)) for _ in range(2))
        with pytest.raises(Refused, match="Too many"):
            connect(server)
        first.quit()
        wait_until(lambda: _lets_in(server))


def test_one_address_does_not_take_all_connections() -> None:
    with serving(MemoryOffice(), max_connections_per_peer=2) as server, ExitStack() as stack:
        first, _second = (stack.enter_context(connect(server)) for _ in range(2))
        with pytest.raises(Refused, match="Too many"):
            connect(server)
        other = socket.create_connection(("127.0.0.1", server.port), timeout=5, source_address=("127.0.0.2", 0))
        assert stack.enter_context(other).recv(3) == b"+OK"
        first.quit()
        wait_until(lambda: _lets_in(server))


def _lets_in(server: PopServer) -> bool:
    try:
        connect(server).close()
    except Refused:
        return False
    return True


@pytest.mark.parametrize("security", [Security.NONE, Security.TLS])
def test_stopping_ends_every_connection(security: Security, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    office = MemoryOffice()
    implicit = security is Security.TLS
    with ExitStack() as stack:
        with serving(office, tls_context=contexts[0] if implicit else None, implicit_tls=implicit) as server:
            client = stack.enter_context(connect(server, security=security, context=contexts[1]))
            client.login("alice", "secret")
            client.delete(client.listing()[0])
            start = time.monotonic()
        assert time.monotonic() - start < 2
        with pytest.raises(Unreachable):
            client.quit()
    assert office.updates == []
    assert not office.is_locked
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pop3")]


def test_a_client_that_speaks_no_tls_does_not_stop_the_server(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    with serving(MemoryOffice(), tls_context=contexts[0], implicit_tls=True) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
            line.sendall(b"CAPA\r\n" * 10)
            with suppress(ConnectionError):
                while line.recv(100):
                    pass
        with connect(server, security=Security.TLS, context=contexts[1]) as client:
            client.login("alice", "secret")


def test_a_client_for_which_there_is_no_thread_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(MemoryOffice()) as server:
        start = threading.Thread.start
        monkeypatch.setattr(threading.Thread, "start", _no_thread)
        with pytest.raises(Refused, match="Too many"):
            connect(server)
        monkeypatch.setattr(threading.Thread, "start", start)
        connect(server).close()


def _no_thread(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_a_message_larger_than_any_buffer_comes_through() -> None:
    large = bytes(range(256)) * 12_000
    office = MemoryOffice([large, *MESSAGES, large])
    with serving(office) as server, connect(server) as client:
        client.login("alice", "secret")
        arrived = [one.octets for one in client.retrieve(client.listing()) if isinstance(one, Retrieved)]
    assert arrived == [ended(octets) for octets in (large, *MESSAGES, large)]


def test_a_post_office_that_fails_to_release_ends_only_that_connection(caplog: pytest.LogCaptureFixture) -> None:
    office = MemoryOffice()
    office.broken.add("close")
    with serving(office) as server:
        with connect(server) as client:
            client.login("alice", "secret")
            with pytest.raises(Unreachable):
                client.quit()
        with connect(server) as client, pytest.raises(Refused, match="Another session"):
            client.login("alice", "secret")
    assert "failed" in caplog.text
