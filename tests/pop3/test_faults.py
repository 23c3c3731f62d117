"""The client against servers that misbehave on purpose, on real sockets."""

import socket
import ssl
import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from mailbox.pop3 import (
    Client,
    Garbled,
    Limits,
    Listed,
    Missed,
    Refused,
    Retrieved,
    Security,
    Server,
    Unreachable,
    Untrusted,
    fingerprint_of,
)
from tests.dovecot import write_certificate
from tests.pop3.misbehaving import Line, Misbehaving

QUICK = Limits(connect_seconds=2, command_seconds=0.3, session_seconds=1)
LIMITS = Limits(connect_seconds=10, command_seconds=10, session_seconds=20)
ONE = Listed(1, 10, "id1")
TWO = Listed(2, 10, "id2")
PIPELINING = b"+OK\r\nPIPELINING\r\n.\r\n"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    write_certificate(*paths, host="localhost")
    return paths


@pytest.fixture
def secure(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """The server's side."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusting(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """The client's side, which knows the server's certificate."""
    return ssl.create_default_context(cafile=str(certificate[0]))


def then(*answers: bytes, capabilities: bytes = b"-ERR\r\n") -> Callable[[Line], None]:
    """Greet, then answer each command in turn, then hang up."""

    def script(line: Line) -> None:
        line.say(b"+OK ready\r\n")
        for answer in (capabilities, *answers):
            line.answer(answer)

    return script


@contextmanager
def client_of(*scripts: Callable[[Line], None], limits: Limits = LIMITS) -> Iterator[Client]:
    """A client connected to a server that plays these scripts."""
    with Misbehaving(*scripts) as server, Client.connect(server.server(), limits=limits) as client:
        yield client


def stay_silent(line: Line) -> None:
    with pytest.raises(ConnectionError):
        line.hear()


# Connecting


def test_a_closed_port_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match="Connection refused"):
        Client.connect(Server("127.0.0.1", port, Security.NONE), limits=LIMITS)


@pytest.mark.parametrize("host", ["a" * 70 + ".test", "", "..", "host\0name"])
def test_a_host_that_is_none_is_unreachable(host: str) -> None:
    with pytest.raises(Unreachable):
        Client.connect(Server(host, 1, Security.NONE), limits=LIMITS)


def test_nothing_is_said_before_the_greeting() -> None:
    with Misbehaving(stay_silent) as server:
        with pytest.raises(Unreachable, match=r"silent|within"):
            Client.connect(server.server(), limits=QUICK)
        assert server.heard == []


def test_a_server_that_hangs_up_at_capa_is_asked_without_it() -> None:
    def without_capa(line: Line) -> None:
        line.say(b"+OK again\r\n")
        line.serve_until_quit({b"USER": b"+OK\r\n", b"PASS": b"+OK\r\n"})

    with Misbehaving(then(capabilities=b""), without_capa) as server:
        with Client.connect(server.server(), limits=LIMITS) as client:
            client.login("alice", "secret")
            client.quit()
        assert server.heard == [b"CAPA", b"USER alice", b"PASS secret", b"QUIT"]


def test_a_server_that_chokes_on_capa_is_asked_without_it() -> None:
    def choke(line: Line) -> None:
        line.say(b"+OK\r\n")
        line.hear()
        stay_silent(line)

    patience = Limits(connect_seconds=5, command_seconds=1)
    with client_of(choke, lambda line: line.say(b"+OK again\r\n"), limits=patience) as client:
        assert client.greeting == "again"


def test_an_answer_that_nobody_asked_for_is_garbled() -> None:
    def chatter(line: Line) -> None:
        line.say(b"+OK ready\r\n+OK and more\r\n")
        stay_silent(line)

    with Misbehaving(chatter) as server:
        with pytest.raises(Garbled, match="not asked"):
            Client.connect(server.server(), limits=LIMITS)
        assert server.heard == []


# TLS


def test_tls_is_verified_by_default(secure: ssl.SSLContext) -> None:
    with (
        Misbehaving(lambda line: line.start_tls(secure)) as server,
        pytest.raises(Untrusted, match="self-signed"),
    ):
        Client.connect(server.server(Security.TLS), limits=LIMITS)


def test_the_certificate_must_bear_the_name(secure: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with Misbehaving(lambda line: line.start_tls(secure)) as server:
        other = Server("pop.test", server.port, Security.TLS, "127.0.0.1")
        with pytest.raises(Untrusted, match=r"not valid for 'pop.test'"):
            Client.connect(other, limits=LIMITS, context=trusting)


def test_an_expired_certificate_is_named(tmp_path: Path) -> None:
    paths = tmp_path / "old.pem", tmp_path / "old.key"
    write_certificate(*paths, host="localhost", days=-1)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.load_cert_chain(*paths)
    trusting = ssl.create_default_context(cafile=str(paths[0]))
    with Misbehaving(lambda line: line.start_tls(old)) as server, pytest.raises(Untrusted, match="expired"):
        Client.connect(server.server(Security.TLS), limits=LIMITS, context=trusting)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_before_1_2_is_refused(secure: ssl.SSLContext) -> None:
    secure.set_ciphers("ALL:@SECLEVEL=0")
    secure.minimum_version = ssl.TLSVersion.TLSv1
    secure.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        Misbehaving(lambda line: line.start_tls(secure)) as server,
        pytest.raises(Untrusted, match=r"version|unsupported"),
    ):
        Client.connect(server.server(Security.TLS), limits=LIMITS, fingerprint="00")


def test_plain_pop3_where_tls_belongs_is_refused() -> None:
    with Misbehaving(then()) as server, pytest.raises(Untrusted, match="TLS failed"):
        Client.connect(server.server(Security.TLS), limits=LIMITS)


def test_a_handshake_has_a_time_limit() -> None:
    with Misbehaving(stay_silent) as server, pytest.raises(Untrusted, match="in time"):
        Client.connect(server.server(Security.TLS), limits=Limits(connect_seconds=0.2))


def test_exactly_the_accepted_certificate_will_do(secure: ssl.SSLContext) -> None:
    def serve(line: Line) -> None:
        line.start_tls(secure)
        then()(line)

    with Misbehaving(serve) as server:
        seen = fingerprint_of(server.server(Security.TLS), limits=LIMITS)
        spelt = ":".join(seen[at : at + 2] for at in range(0, 64, 2)).upper()
        with Client.connect(server.server(Security.TLS), limits=LIMITS, fingerprint=spelt) as client:
            assert client.fingerprint == seen
            assert client.tls_version == "TLSv1.3"
        with pytest.raises(Untrusted, match="not the one"):
            Client.connect(server.server(Security.TLS), limits=LIMITS, fingerprint="0" * 64)


def test_stls_comes_before_the_password(secure: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    def serve(line: Line) -> None:
        line.say(b"+OK <1@test>\r\n")
        line.answer(b"+OK\r\nSTLS\r\nSASL CRAM-MD5\r\n.\r\n")
        line.answer(b"+OK\r\n")
        line.start_tls(secure)
        line.serve_until_quit({b"CAPA": b"+OK\r\nUSER\r\n.\r\n", b"USER": b"+OK\r\n", b"PASS": b"+OK\r\n"})

    with Misbehaving(serve) as server:
        with Client.connect(server.server(Security.STARTTLS), limits=LIMITS, context=trusting) as client:
            assert client.capabilities == {"USER": ()}
            client.login("alice", "secret")
            client.quit()
        assert server.heard == [b"CAPA", b"STLS", b"CAPA", b"USER alice", b"PASS secret", b"QUIT"]


def test_octets_in_the_clear_behind_stls_are_an_error(secure: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    def inject(line: Line) -> None:
        line.say(b"+OK\r\n")
        line.answer(b"+OK\r\nSTLS\r\n.\r\n")
        line.answer(b"+OK begin\r\n+OK injected\r\n")
        line.start_tls(secure)

    with Misbehaving(inject) as server, pytest.raises((Garbled, Untrusted), match=r"clear|TLS failed"):
        Client.connect(server.server(Security.STARTTLS), limits=LIMITS, context=trusting)


@pytest.mark.parametrize("stls", [b"-ERR no\r\n", b"+OK but no TLS follows\r\n", b""])
def test_starttls_is_never_given_up(stls: bytes) -> None:
    with Misbehaving(then(stls)) as server:
        with pytest.raises(Unreachable):
            Client.connect(server.server(Security.STARTTLS), limits=LIMITS)
        assert not [words for words in server.heard if words.startswith((b"USER", b"PASS", b"AUTH"))]


# Time and size


def test_a_reply_that_drips_has_a_time_limit() -> None:
    with Misbehaving(lambda line: line.drip(b"+OK " + b"x" * 1000, every_seconds=0.05)) as server:
        start = time.monotonic()
        with pytest.raises(Unreachable, match=r"within|silent"):
            Client.connect(server.server(), limits=QUICK)
        assert time.monotonic() - start < 1


def test_a_message_that_drips_ends_with_the_session() -> None:
    def drip(line: Line) -> None:
        then(b"+OK\r\n")(line)
        line.drip(b"x\r\n" * 1000, every_seconds=0.05)

    with client_of(drip, limits=QUICK) as client:
        start = time.monotonic()
        with pytest.raises(Unreachable, match=r"not over|silent"):
            list(client.retrieve([ONE]))
        assert time.monotonic() - start < 2


def test_a_silent_server_is_left() -> None:
    def fall_silent(line: Line) -> None:
        then()(line)
        line.hear()
        stay_silent(line)

    with client_of(fall_silent, limits=QUICK) as client, pytest.raises(Unreachable, match="silent"):
        client.noop()


def test_a_server_that_reads_nothing_is_left() -> None:
    def never_read(line: Line) -> None:
        then()(line)
        time.sleep(1.5)

    with client_of(never_read, limits=QUICK) as client, pytest.raises(Unreachable):
        client.login("alice", "x" * 20_000_000)


@pytest.mark.parametrize("endless", [b"x" * 65536, b"x\r\n" * 20000, b"..\r\n" * 16000])
def test_an_endless_message_costs_no_memory(endless: bytes) -> None:
    def flood(line: Line) -> None:
        then(b"+OK\r\n")(line)
        while True:
            line.say(endless)

    limits = Limits(message_octets=4 * 2**20, skip_octets=2**22, spool_octets=2**17)
    with client_of(flood, limits=limits) as client:
        tracemalloc.start()
        try:
            (missed,) = client.retrieve([ONE])
            with pytest.raises(Garbled, match="does not end"):
                client.quit()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert isinstance(missed, Missed)
    assert missed.kind == "oversize"
    assert peak < 6 * 2**20


@pytest.mark.parametrize("asked", ["listing", "capabilities"])
def test_an_endless_listing_is_garbled(asked: str) -> None:
    def flood(line: Line) -> None:
        then(capabilities=b"+OK\r\n" if asked == "capabilities" else b"-ERR\r\n")(line)
        if asked == "listing":
            line.answer(b"+OK\r\n")
        while True:
            line.say(b"1 1\r\n" * 1000)

    limits = Limits(listing_count=1000, spool_octets=2**16)
    with Misbehaving(flood) as server, pytest.raises(Garbled, match="over"):
        Client.connect(server.server(), limits=limits).listing()


def test_a_hundred_thousand_messages_are_listed() -> None:
    numbers = range(1, 100_001)
    sizes = b"".join(b"%d %d\r\n" % (number, 2 * number) for number in numbers)
    uidls = b"".join(b"%d %032x\r\n" % (number, number) for number in numbers)
    answers = b"+OK\r\n" + sizes + b".\r\n+OK\r\n" + uidls + b".\r\n"
    with client_of(then(answers, capabilities=PIPELINING)) as client:
        listing = client.listing()
    assert len(listing) == 100_000
    assert listing[-1] == Listed(100_000, 200_000, f"{100_000:032x}")


def test_a_listing_that_lies_about_sizes_changes_nothing() -> None:
    big = b"x" * 50_000 + b"\r\n"
    script = then(b"+OK\r\n" + big + b".\r\n", b"+OK 1\r\n.\r\n", capabilities=PIPELINING)
    with client_of(script, limits=Limits(spool_octets=4096)) as client:
        liars = [Listed(1, 0, "a"), Listed(2, 10**6, "b")]
        came = [(one.listed, one.octets) for one in client.retrieve(liars) if isinstance(one, Retrieved)]
        assert came == [(liars[0], big), (liars[1], b"")]


# In the middle


def test_what_arrived_before_the_line_broke_is_kept() -> None:
    answers = b"+OK\r\none\r\n.\r\n+OK\r\nhalf a mess"
    with client_of(then(answers, capabilities=PIPELINING)) as client:
        arriving = client.retrieve([ONE, TWO])
        assert next(arriving) == Retrieved(ONE, b"one\r\n")
        with pytest.raises(Unreachable, match=r"closed|lost"):
            next(arriving)


def test_every_cut_loses_only_what_had_not_arrived() -> None:
    messages = [b"Subject: %d\r\n\r\n.%s\r\n" % (number, b"x" * number) for number in range(4)]
    listing = [Listed(number, len(octets), "") for number, octets in enumerate(messages, 1)]
    stream = b"".join(b"+OK\r\n" + octets.replace(b"\r\n.", b"\r\n..") + b".\r\n" for octets in messages)
    ends = [stream.find(b"\r\n.\r\n") + 5]
    while ends[-1] < len(stream):
        ends.append(stream.find(b"\r\n.\r\n", ends[-1]) + 5)
    for cut in range(0, len(stream), 3):
        arrived = retrieve_until_cut(stream[:cut], listing)
        assert [one.octets for one in arrived] == messages[: sum(end <= cut for end in ends)]


def retrieve_until_cut(stream: bytes, listing: list[Listed]) -> list[Retrieved]:
    arrived: list[Retrieved] = []
    with Misbehaving(then(stream, capabilities=PIPELINING)) as server, suppress(Unreachable):
        for one in Client.connect(server.server(), limits=LIMITS).retrieve(listing):
            assert isinstance(one, Retrieved)
            arrived.append(one)
    return arrived


def test_garbage_between_messages_ends_the_session() -> None:
    answers = b"+OK\r\none\r\n.\r\none more line\r\n+OK\r\ntwo\r\n.\r\n"
    with client_of(then(answers, capabilities=PIPELINING)) as client:
        arriving = client.retrieve([ONE, TWO])
        assert next(arriving) == Retrieved(ONE, b"one\r\n")
        with pytest.raises(Garbled, match="neither"):
            next(arriving)


def test_deletions_count_only_after_the_answer_to_quit() -> None:
    with client_of(then(b"+OK\r\n", b"")) as client:
        client.delete(ONE)
        with pytest.raises(Unreachable):
            client.quit()


def test_a_locked_maildrop_is_known_by_its_words() -> None:
    script = then(b"+OK\r\n", b"-ERR maildrop already locked\r\n")
    with client_of(script) as client, pytest.raises(Refused) as refused:
        client.login("alice", "secret")
    assert refused.value.is_locked
    assert refused.value.is_temporary
    assert not refused.value.is_password_wrong


def test_a_line_that_is_reset_is_unreachable() -> None:
    def reset(line: Line) -> None:
        then()(line)
        line.hear()
        line.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with client_of(reset) as client:
        for _ in range(2):
            with pytest.raises(Unreachable, match="lost"):
                client.noop()


def test_the_time_left_is_known() -> None:
    with client_of(then()) as client:
        assert 0 < client.seconds_left < LIMITS.session_seconds
        assert (client.tls_version, client.fingerprint) == ("", "")
