"""The server as a whole: starting and stopping, many clients, encryption; its answers are in test_conversation.py."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable

import pytest

from mailbox.smtp import Arrival, Client, MailServer, Security, Status
from tests.servers import wait_until
from tests.smtp.offices import greeting_of, post_office, wait_for
from tests.smtp.sessions import connect, envelope

Contexts = Callable[..., tuple[ssl.SSLContext, ssl.SSLContext]]


def test_a_slow_store_does_not_hold_up_others() -> None:
    is_storing, may_go_on = threading.Event(), threading.Event()

    def receive(arrival: Arrival) -> None:
        is_storing.set()
        may_go_on.wait(10)

    with post_office(receive=receive) as office:
        first = threading.Thread(target=lambda: connect(office.port).submit(envelope()))
        first.start()
        is_storing.wait(10)
        with connect(office.port) as client:
            assert client.is_usable
        may_go_on.set()
        first.join()


def test_encrypts_with_starttls(contexts: Contexts) -> None:
    theirs, ours = contexts("localhost")
    with (
        post_office(tls_context=theirs) as office,
        connect(office.port, security=Security.STARTTLS, context=ours) as client,
    ):
        assert "AUTH" not in client.capabilities
        assert client.submit(envelope())[0].status is Status.ACCEPTED
    assert office.arrivals[0].tls == "TLSv1.3"


def test_commands_sent_ahead_of_the_encryption_are_forgotten(contexts: Contexts) -> None:
    theirs, ours = contexts("localhost")
    ours.check_hostname = False
    with post_office(tls_context=theirs) as office, socket.create_connection(("127.0.0.1", office.port), 10) as plain:
        plain.sendall(b"EHLO x\r\n")
        wait_for(plain, b"250 PIPELINING\r\n")
        plain.sendall(b"STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@home.test>\r\n")
        wait_for(plain, b"220 Ready to start TLS\r\n")
        try:
            with ours.wrap_socket(plain) as secured:
                secured.sendall(b"RCPT TO:<bob@home.test>\r\nQUIT\r\n")
                assert secured.recv(1000).startswith(b"503")
        except OSError:
            # Taken for a broken handshake: as good.
            pass
    assert office.arrivals == []


def test_connections_have_a_limit() -> None:
    with post_office(max_connections=2) as office:
        clients = [connect(office.port) for _ in range(2)]
        assert greeting_of(office.port).startswith("421 4.3.2")
        clients[0].quit()
        wait_until(lambda: greeting_of(office.port).startswith("220"), what="a free place", seconds=5)
        assert clients[1].submit(envelope())[0].status is Status.ACCEPTED
        clients[1].quit()


def test_cuts_off_a_client_that_falls_silent() -> None:
    with (
        post_office(command_seconds=0.3) as office,
        socket.create_connection(("127.0.0.1", office.port), timeout=10) as sock,
    ):
        sock.recv(1000)
        began_at = time.monotonic()
        assert sock.recv(1000) == b""
    assert time.monotonic() - began_at < 3


def test_stopping_lets_a_message_be_stored_and_answered() -> None:
    is_storing = threading.Event()

    def receive(arrival: Arrival) -> None:
        is_storing.set()
        time.sleep(0.3)

    outcomes: list[str] = []

    def submit(client: Client) -> None:
        outcomes.extend(outcome.status for outcome in client.submit(envelope()))

    with post_office(receive=receive) as office:
        sender = threading.Thread(target=submit, args=(connect(office.port),))
        sender.start()
        is_storing.wait(10)
    sender.join()
    assert outcomes == ["accepted"]


def test_stops_at_once_with_idle_clients() -> None:
    with post_office() as office:
        idle = connect(office.port)
        began_at = time.monotonic()
    assert time.monotonic() - began_at < 2
    assert idle.submit(envelope())[0].status is Status.DEFERRED


def test_can_be_started_again() -> None:
    with post_office() as office:
        assert office.server is not None
        office.server.stop()
        office.server.start()
        with connect(office.port) as client:
            assert client.submit(envelope())[0].status is Status.ACCEPTED


def test_a_port_in_use_is_an_error() -> None:
    with post_office() as office:
        other = MailServer(
            "127.0.0.1", office.port, hostname="x", find=office.find, receive=print, message_octets_limit=1
        )
        with pytest.raises(OSError, match="Address already in use"):
            other.start()


def test_takes_what_smtp_source_sends(smtp_source: str) -> None:
    with post_office() as office:
        command = [smtp_source, "-s", "4", "-m", "100", "-l", "2000", "-f", "a@home.test", "-t", "bob@home.test"]
        subprocess.run([*command, f"127.0.0.1:{office.port}"], check=True, timeout=30)
    assert len(office.arrivals) == 100
    assert {arrival.recipients for arrival in office.arrivals} == {("bob",)}
    assert all(len(octets) >= 2000 for octets in office.octets)
