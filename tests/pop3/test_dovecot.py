"""The client against a real Dovecot."""

import random
from collections.abc import Iterator

import pytest

from mailbox.pop3 import Client, Limits, Refused, Retrieved, Security, Server
from tests.conftest import started
from tests.dovecot import Dovecot

PASSWORD = "correct horse"
SECURITIES = [Security.NONE, Security.STARTTLS, Security.TLS]


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    users = dict.fromkeys(["alice", "bob", "charlie", *SECURITIES, "lock", "left", "long"], PASSWORD)
    yield from started(lambda: Dovecot(users))


def connect(server: Dovecot, security: Security = Security.TLS, **limits: int) -> Client:
    port = server.tls_port if security is Security.TLS else server.port
    return Client.connect(
        Server(server.host, port, security, server.address), context=server.client_context(), limits=Limits(**limits)
    )


def odd_messages() -> list[bytes]:
    generator = random.Random(1)
    return [
        b"Subject: plain\r\n\r\ntext\r\n",
        b"",
        b"no header at all\r\n",
        b"Subject: dots\r\n\r\n.\r\n..\r\n.a\r\n\r\n.\r\n",
        b"Subject: a long line\r\n\r\n" + b"x" * 20_000 + b"\r\n",
        b"Subject: 8-bit\r\n\r\n\x80\xff\xe9 \x1b$B\r\n",
        b"Subject: large\r\n\r\n" + b"".join(b"%x\r\n" % generator.getrandbits(500) for _ in range(20_000)),
        *(b"Subject: %d\r\n\r\n.body %d\r\n" % (number, number) for number in range(300)),
    ]


@pytest.mark.parametrize("security", SECURITIES)
def test_every_octet_arrives_and_goes(server: Dovecot, security: Security) -> None:
    messages = odd_messages()
    for octets in messages:
        server.add(security, octets)
    with connect(server, security, spool_octets=2**16) as client:
        client.login(security, PASSWORD)
        listing = client.listing()
        arrived = {one.octets for one in client.retrieve(listing) if isinstance(one, Retrieved)}
        # Dovecot serves a message without octets as an empty line.
        assert arrived == {octets or b"\r\n" for octets in messages}
        assert client.stat() == (len(messages), sum(listed.octets for listed in listing))
        assert client.delete_many(listing) == listing
        client.quit()
    assert server.messages(security) == []


def test_unique_ids_stay_the_same(server: Dovecot) -> None:
    for number in range(3):
        server.add("alice", b"Subject: %d\r\n\r\n" % number)
    listings = []
    for _ in range(2):
        with connect(server) as client:
            client.login("alice", PASSWORD)
            listings.append(client.listing())
            client.quit()
    assert listings[0] == listings[1]
    assert len({listed.uidl for listed in listings[0]}) == 3


@pytest.mark.parametrize("mechanism", ["", "USER", "PLAIN", "LOGIN", "CRAM-MD5", "APOP"])
@pytest.mark.parametrize("security", SECURITIES)
def test_every_way_of_logging_in(server: Dovecot, security: Security, mechanism: str) -> None:
    if mechanism == "APOP" and security is not Security.NONE:
        # The timestamp of the greeting is forgotten by STLS and of no use under TLS.
        mechanism = ""
    with connect(server, security) as client:
        client.login("bob", PASSWORD, mechanism=mechanism)
        client.quit()


@pytest.mark.parametrize("mechanism", ["USER", "PLAIN", "LOGIN", "CRAM-MD5"])
def test_a_wrong_password_is_called_wrong(server: Dovecot, mechanism: str) -> None:
    with connect(server) as client:
        with pytest.raises(Refused) as refused:
            client.login("bob", "wrong password", mechanism=mechanism)
        assert refused.value.is_password_wrong
        client.login("bob", PASSWORD)


def test_leaving_without_quit_deletes_nothing(server: Dovecot) -> None:
    server.add("left", b"Subject: stays\r\n\r\n")
    with connect(server) as client:
        client.login("left", PASSWORD)
        client.delete(client.listing()[0])
    assert len(server.messages("left")) == 1


def test_top_and_a_deleted_message(server: Dovecot) -> None:
    server.add("charlie", b"Subject: top\r\n\r\n.1\r\n2\r\n3\r\n")
    with connect(server) as client:
        client.login("charlie", PASSWORD)
        (listed,) = client.listing()
        assert client.top(listed, 2) == b"Subject: top\r\n\r\n.1\r\n2\r\n"
        client.delete(listed)
        with pytest.raises(Refused):
            client.top(listed, 2)


def test_a_message_over_the_limit_is_missed_and_the_others_come(server: Dovecot) -> None:
    for octets in (b"a" * 50_000 + b"\r\n", b"small\r\n", b"b" * 50_000 + b"\r\n"):
        server.add("long", octets)
    with connect(server, message_octets=10_000, spool_octets=2**15) as client:
        client.login("long", PASSWORD)
        # As if the listing had lied.
        wanted = [listed.__class__(listed.number, 1, listed.uidl) for listed in client.listing()]
        kinds = [getattr(one, "kind", "retrieved") for one in client.retrieve(wanted)]
        assert kinds == ["oversize", "retrieved", "oversize"]
        client.quit()
