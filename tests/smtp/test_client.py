"""Connecting, greeting, encrypting and ending a session; what becomes of messages is in test_transaction.py."""

import socket
import ssl
import time
from collections.abc import Callable
from unittest.mock import Mock

import pytest

from mailbox.smtp import Client, Garbled, Limits, Refused, Security, Server, Status, Unreachable
from tests.misbehaving_smtp import Action, Drip, Drop, Endless, MisbehavingSmtp, Raw, Silence
from tests.servers import free_port
from tests.smtp.sessions import HURRIED, connect, envelope

Contexts = Callable[..., tuple[ssl.SSLContext, ssl.SSLContext]]


def test_shows_what_the_server_said() -> None:
    with (
        MisbehavingSmtp({"CONNECT": "220-mail.home.test\r\n220 at your service"}) as server,
        connect(server.port) as client,
    ):
        assert client.greeting == "mail.home.test at your service"
        assert client.capabilities["SIZE"] == "10000000"
        assert client.capabilities["AUTH"] == "PLAIN LOGIN CRAM-MD5"
        assert client.tls_version is None
    assert server.commands == ["EHLO [127.0.0.1]", "QUIT"]


def test_says_ehlo_with_the_name_it_was_given() -> None:
    with MisbehavingSmtp() as server, connect(server.port, local_hostname="letterbox.home.test"):
        assert server.commands == ["EHLO letterbox.home.test"]


def test_refuses_a_name_that_is_a_command() -> None:
    with pytest.raises(ValueError, match="not a host name"):
        connect(free_port(), local_hostname="x\r\nMAIL FROM:<>")


def test_merges_the_old_form_of_auth() -> None:
    with MisbehavingSmtp(capabilities=["AUTH=LOGIN", "auth PLAIN"]) as server, connect(server.port) as client:
        assert client.capabilities == {"AUTH": "LOGIN PLAIN"}


def test_falls_back_to_helo() -> None:
    with MisbehavingSmtp({"EHLO": "502 5.5.1 What?"}) as server, connect(server.port) as client:
        assert client.capabilities == {}
        assert [outcome.status for outcome in client.submit(envelope())] == [Status.ACCEPTED]
    assert server.verbs == ["EHLO", "HELO", "MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.parametrize(
    ("script", "code", "is_temporary"),
    [
        ({"CONNECT": "554 5.7.1 Go away"}, 554, False),
        ({"CONNECT": "421 4.3.2 Too busy"}, 421, True),
        ({"EHLO": "421 4.3.2 Too busy"}, 421, True),
        ({"EHLO": "550 No", "HELO": "550 No"}, 550, False),
    ],
)
def test_a_server_may_refuse_the_session(script: dict[str, Action], code: int, is_temporary: bool) -> None:
    with MisbehavingSmtp(script) as server, pytest.raises(Refused) as caught:
        connect(server.port)
    assert (caught.value.code, caught.value.is_temporary, caught.value.is_password_wrong) == (code, is_temporary, False)


@pytest.mark.parametrize(
    "greeting",
    [
        "+OK POP3 ready",
        "SSH-2.0-OpenSSH_9.2",
        "220-one\r\n250 two",
        "120 later",
        "22",
        "",
        Endless(),
        Endless(b"x" * 1000),
        Endless(b"220-" + b"x" * 70 + b"\r\n"),
    ],
)
def test_what_is_no_smtp_is_garbled_and_is_sent_nothing(greeting: Action) -> None:
    with MisbehavingSmtp({"CONNECT": greeting}) as server, pytest.raises((Garbled, Refused)):
        connect(server.port)
    assert server.commands == []


@pytest.mark.parametrize("action", [Drop(), Drop(is_reset=True), Silence(), Drip(b"220 " + b"." * 100)])
@pytest.mark.parametrize("step", ["CONNECT", "EHLO"])
def test_a_server_that_does_not_answer_is_unreachable(step: str, action: Action) -> None:
    with MisbehavingSmtp({step: action}) as server:
        began_at = time.monotonic()
        with pytest.raises(Unreachable):
            connect(server.port, limits=HURRIED)
    assert time.monotonic() - began_at < 1.5


def test_a_drip_does_not_outlast_the_session() -> None:
    limits = Limits(command_seconds=60, session_seconds=0.5)
    with MisbehavingSmtp({"EHLO": Drip(b"250-" + b"x" * 1000)}) as server:
        began_at = time.monotonic()
        with pytest.raises(Unreachable, match="too long"):
            connect(server.port, limits=limits)
    assert time.monotonic() - began_at < 1.5


def test_a_closed_port_is_said_in_plain_words() -> None:
    port = free_port()
    with pytest.raises(Unreachable, match=rf"localhost does not accept connections on port {port}"):
        connect(port)


def test_connects_to_the_checked_address_and_not_to_the_name() -> None:
    with MisbehavingSmtp() as server:
        Client.connect(Server("nowhere.invalid", server.port, Security.NONE, address="127.0.0.1")).quit()
    assert server.verbs == ["EHLO", "QUIT"]


def test_an_unknown_name_is_said_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", Mock(side_effect=socket.gaierror(-2, "Name or service not known")))
    with pytest.raises(Unreachable, match=r"There is no server named nowhere\.invalid"):
        Client.connect(Server("nowhere.invalid", 25, Security.NONE))


@pytest.mark.parametrize("host", ["a..b", "x" * 300, "\0", "a\0b"])
def test_a_name_that_is_none_is_unreachable(host: str) -> None:
    with pytest.raises(Unreachable, match="There is no server"):
        Client.connect(Server(host, 25, Security.NONE))


def test_a_full_backlog_takes_no_longer_than_allowed() -> None:
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as listener,
        socket.socket() as first,
        socket.socket() as other,
    ):
        for sock in (first, other):
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        began_at = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            connect(listener.getsockname()[1], limits=Limits(connect_seconds=0.3))
    assert time.monotonic() - began_at < 1.5


def test_sends_small_commands_at_once() -> None:
    with MisbehavingSmtp() as server, connect(server.port) as client:
        assert client._wire._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_encrypts_the_line(contexts: Contexts, security: Security) -> None:
    theirs, ours = contexts("localhost")
    with (
        MisbehavingSmtp(tls_context=theirs, is_implicit_tls=security is Security.TLS) as server,
        connect(server.port, security=security, context=ours) as client,
    ):
        assert client.tls_version == "TLSv1.3"
        assert "STARTTLS" not in client.capabilities
        assert client.submit(envelope())[0].status is Status.ACCEPTED


def test_says_ehlo_again_after_starttls(contexts: Contexts) -> None:
    theirs, ours = contexts("localhost")
    with MisbehavingSmtp(tls_context=theirs) as server, connect(server.port, security=Security.STARTTLS, context=ours):
        assert server.verbs == ["EHLO", "STARTTLS", "EHLO"]


@pytest.mark.parametrize("script", [{}, {"EHLO": "502 What?"}])
def test_a_stripped_starttls_is_no_reason_to_go_on_in_the_clear(script: dict[str, Action]) -> None:
    with MisbehavingSmtp(script) as server, pytest.raises(Unreachable, match="does not offer STARTTLS"):
        connect(server.port, security=Security.STARTTLS)
    assert not {"MAIL", "AUTH"} & set(server.verbs)


@pytest.mark.parametrize("reply", ["454 4.7.0 TLS not available", "502 5.5.1 What?"])
def test_a_refused_starttls_is_no_reason_to_go_on_in_the_clear(contexts: Contexts, reply: str) -> None:
    theirs, ours = contexts("localhost")
    with MisbehavingSmtp({"STARTTLS": reply}, tls_context=theirs) as server, pytest.raises(Refused):
        connect(server.port, security=Security.STARTTLS, context=ours)
    assert server.verbs == ["EHLO", "STARTTLS"]


def test_replies_sent_ahead_of_the_encryption_are_an_error(contexts: Contexts) -> None:
    theirs, ours = contexts("localhost")
    injected = Raw(b"220 Go ahead\r\n250-evil\r\n250 AUTH PLAIN\r\n")
    with (
        MisbehavingSmtp({"STARTTLS": injected}, tls_context=theirs) as server,
        pytest.raises(Garbled, match="ahead of the encryption"),
    ):
        connect(server.port, security=Security.STARTTLS, context=ours)
    assert server.verbs == ["EHLO", "STARTTLS"]


@pytest.mark.parametrize(("name", "days", "words"), [("mail.test", 30, "another name"), ("localhost", -1, "expired")])
def test_a_wrong_certificate_is_said_in_plain_words(contexts: Contexts, name: str, days: int, words: str) -> None:
    theirs, ours = contexts(name, days=days)
    with (
        MisbehavingSmtp(tls_context=theirs, is_implicit_tls=True) as server,
        pytest.raises(Unreachable, match=rf"The certificate of localhost .*{words}"),
    ):
        connect(server.port, security=Security.TLS, context=ours)
    assert server.commands == []


def test_a_certificate_of_nobody_is_not_trusted(contexts: Contexts) -> None:
    theirs, _ = contexts("localhost")
    with (
        MisbehavingSmtp(tls_context=theirs, is_implicit_tls=True) as server,
        pytest.raises(Unreachable, match="signed by itself"),
    ):
        connect(server.port, security=Security.TLS)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_refused(contexts: Contexts) -> None:
    theirs, _ = contexts("localhost")
    theirs.minimum_version = ssl.TLSVersion.TLSv1
    theirs.maximum_version = ssl.TLSVersion.TLSv1_1
    theirs.set_ciphers("DEFAULT@SECLEVEL=0")
    with (
        MisbehavingSmtp(tls_context=theirs, is_implicit_tls=True) as server,
        pytest.raises(Unreachable, match="No encrypted connection"),
    ):
        connect(server.port, security=Security.TLS)


def test_a_plain_server_on_a_tls_port_is_said_in_plain_words() -> None:
    with MisbehavingSmtp() as server, pytest.raises(Unreachable, match="does not speak TLS on this port"):
        connect(server.port, security=Security.TLS)


def test_a_silent_handshake_ends() -> None:
    limits = Limits(connect_seconds=0.3)
    with MisbehavingSmtp({"CONNECT": Silence()}) as server, pytest.raises(Unreachable, match="handshake in time"):
        connect(server.port, security=Security.TLS, limits=limits)


@pytest.mark.parametrize("action", ["500 No", Drop(), Silence(), Endless(b"x" * 1000)])
def test_quit_never_raises(action: Action, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailbox.smtp.client.QUIT_SECONDS", 0.3)
    with MisbehavingSmtp({"QUIT": action}) as server:
        client = connect(server.port)
        client.quit()
        client.quit()
    assert not client.is_usable
    assert server.verbs == ["EHLO", "QUIT"]


def test_an_error_in_the_block_closes_the_line_without_quit() -> None:
    with MisbehavingSmtp() as server:
        client = connect(server.port)
        client.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
        assert not client.is_usable
    assert server.verbs == ["EHLO"]


def test_takes_no_new_message_in_the_second_half_of_a_session() -> None:
    with MisbehavingSmtp() as server, connect(server.port, limits=Limits(session_seconds=0.4)) as client:
        was_usable = client.is_usable
        time.sleep(0.25)
        [outcome] = client.submit(envelope())
    assert was_usable
    assert (outcome.status, outcome.code) == (Status.DEFERRED, 0)
    assert "MAIL" not in server.verbs
