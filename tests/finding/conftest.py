"""A small web server and a small name server on loopback, which play the domain, the database and DNS."""

import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import dns.message
import dns.rcode
import dns.rrset
import pytest
from django.core.cache import cache

from tests.servers import free_port
from tests.web.odd_web import OddWeb, gives

CONFIG = """<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="example.test"><domain>example.test</domain>
<incomingServer type="imap"><hostname>imap.example.test</hostname><port>993</port><socketType>SSL</socketType>
<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>
{incoming}
<outgoingServer type="smtp"><hostname>smtp.%EMAILDOMAIN%</hostname><port>587</port><socketType>STARTTLS</socketType>
<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></outgoingServer>
<documentation url="http://plain.example.test/"/><documentation url="https://help.example.test/pop"/>
</emailProvider></clientConfig>"""
POP3 = """<incomingServer type="pop3"><hostname>pop.example.test</hostname><port>995</port>
<socketType>SSL</socketType><username>%EMAILLOCALPART%</username>
<authentication>password-cleartext</authentication></incomingServer>"""


def config(incoming: str = POP3) -> bytes:
    return CONFIG.format(incoming=incoming).encode()


class NameServer(socketserver.ThreadingUDPServer):
    """Answers from a table: (name, type) to records as text; NXDOMAIN for other names."""

    daemon_threads = True

    def __init__(self, records: Mapping[tuple[str, str], list[str]]) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.records = records
        self.asked: list[tuple[str, str]] = []

    @property
    def place(self) -> str:
        return "{}:{}".format(*self.server_address)


class _Answer(socketserver.BaseRequestHandler):
    server: NameServer

    def handle(self) -> None:
        octets, sock = self.request
        query = dns.message.from_wire(octets)
        question = query.question[0]
        asked = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.server.asked.append(asked)
        answer = dns.message.make_response(query)
        if records := self.server.records.get(asked):
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", asked[1], *records))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        sock.sendto(answer.to_wire(), self.client_address)


@contextmanager
def name_server(records: Mapping[tuple[str, str], list[str]]) -> Iterator[NameServer]:
    with NameServer(records) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def alone(settings) -> None:
    """No test asks a stranger: the web is off, and the name server is one that nobody runs."""
    cache.clear()
    settings.AUTOCONFIG_URLS = []
    settings.ISPDB_URL = ""
    settings.DNS_SERVER = f"127.0.0.1:{free_port()}"
    settings.PRIVATE_HOSTS = ["127.0.0.1"]


@pytest.fixture
def serve() -> Iterator[Callable[..., OddWeb]]:
    """Start web servers that end with the test; by default one that gives the configuration."""
    with ExitStack() as stack:
        yield lambda *scripts: stack.enter_context(OddWeb(*(scripts or [gives(config(), "text/xml")])))


@pytest.fixture
def names(settings) -> Iterator[Callable[[Mapping[tuple[str, str], list[str]]], NameServer]]:
    """Start the name server that is asked."""
    with ExitStack() as stack:

        def start(records: Mapping[tuple[str, str], list[str]]) -> NameServer:
            server = stack.enter_context(name_server(records))
            settings.DNS_SERVER = server.place
            return server

        yield start
