"""Servers are looked for step by step; the address and the domain go no further than they must."""

import socket
from typing import Any

import pytest
from django.core.cache import cache

from accounts import hosts
from accounts.models import Security
from mailbox import finding
from mailbox.finding import Came, Step
from mailbox.finding.values import Place
from mailbox.pop3 import connection
from tests.finding.conftest import config
from tests.servers import free_port
from tests.web.odd_web import gives, says

ADDRESS = "dana@example.test"
NOT_FOUND = says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


def came(address: str = ADDRESS) -> dict[str, str]:
    return {each.step: each.came for each in finding.find(address)}


# The facts


def test_facts_ask_nobody(settings, serve):
    web = serve()
    settings.AUTOCONFIG_URLS = [f"{web.url}/{{domain}}"]
    outcomes = list(finding.find("dana@GMail.com"))
    assert [(each.step, each.came) for each in outcomes] == [(Step.FACTS, Came.FOUND)]
    assert outcomes[0].servers.pop3 == Place("pop.gmail.com", 995, Security.TLS)
    assert web.requests == []


def test_who_has_no_pop3_is_told_at_once():
    (outcome,) = finding.find("dana@icloud.com")
    assert outcome.came == Came.FOUND
    assert outcome.servers.pop3 is None
    assert not outcome.servers.provider.has_pop3


def test_a_provider_whose_servers_are_not_certain_is_looked_for_further(settings, serve):
    web = serve()
    settings.ISPDB_URL = f"{web.url}/{{domain}}"
    outcomes = {each.step: each for each in finding.find("dana@nifty.com")}
    assert outcomes[Step.FACTS].came == Came.KNOWN
    assert outcomes[Step.DATABASE].came == Came.FOUND


def test_finds_nothing_without_a_network_and_says_so(monkeypatch, settings):
    settings.AUTOCONFIG_URLS = ["https://autoconfig.{domain}/mail/config-v1.1.xml"]
    settings.ISPDB_URL = "https://database.invalid/{domain}"

    def nobody(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(hosts.socket, "getaddrinfo", nobody)
    assert set(came().values()) == {Came.NOTHING, Came.SILENCE}
    assert came()[Step.FACTS] == Came.NOTHING
    assert came("dana@gmail.com") == {Step.FACTS: Came.FOUND}


# The web


def test_the_domain_itself_is_asked_first(settings, serve):
    own, database = serve(), serve()
    settings.AUTOCONFIG_URLS = [f"{own.url}/{{domain}}/config?emailaddress={{address}}"]
    settings.ISPDB_URL = f"{database.url}/{{domain}}"
    assert came() == {Step.FACTS: Came.NOTHING, Step.OWN: Came.FOUND}
    assert database.requests == []


def test_an_unprotected_line_is_not_told_the_address(settings, serve):
    own = serve()
    settings.AUTOCONFIG_URLS = [f"{own.url}/{{domain}}/config?emailaddress={{address}}"]
    came()
    assert own.requests == [b"GET /example.test/config HTTP/1.1"]


def test_the_database_is_told_the_domain_alone(settings, serve):
    database = serve()
    settings.ISPDB_URL = f"{database.url}/v1.1/{{domain}}"
    assert came()[Step.DATABASE] == Came.FOUND
    assert database.requests == [b"GET /v1.1/example.test HTTP/1.1"]
    assert not any(b"dana" in line for line in database.heard)


def test_the_second_place_counts_where_the_first_has_nothing(settings, serve):
    first, second = serve(NOT_FOUND), serve()
    settings.AUTOCONFIG_URLS = [f"{first.url}/a", f"{second.url}/b"]
    assert came()[Step.OWN] == Came.FOUND


def test_a_web_page_is_no_configuration(settings, serve):
    web = serve(gives(b"<html><body>Welcome</body></html>", "text/html"))
    settings.AUTOCONFIG_URLS = [f"{web.url}/"]
    assert came()[Step.OWN] == Came.NOTHING


def test_nobody_vouches_for_what_came_unprotected(settings, serve):
    web = serve()
    settings.AUTOCONFIG_URLS = [f"{web.url}/"]
    outcome = finding.take(Step.OWN, "dana@elsewhere.test")
    assert outcome.servers.pop3.host == "pop.example.test"
    assert not outcome.servers.is_vouched


def test_names_in_the_own_domain_are_proved_by_their_certificates(settings, serve):
    web = serve()
    settings.AUTOCONFIG_URLS = [f"{web.url}/"]
    assert finding.take(Step.OWN, ADDRESS).servers.is_vouched


def test_what_came_of_a_step_is_remembered(settings, serve):
    web = serve()
    settings.ISPDB_URL = f"{web.url}/{{domain}}"
    first = finding.take(Step.DATABASE, ADDRESS)
    assert finding.take(Step.DATABASE, ADDRESS) == first
    assert len(web.requests) == 1
    cache.clear()
    finding.take(Step.DATABASE, ADDRESS)
    assert len(web.requests) == 2


def test_a_huge_answer_is_not_read(settings, serve):
    web = serve(gives(config() + b" " * 200_000, "text/xml"))
    settings.AUTOCONFIG_URLS = [f"{web.url}/"]
    assert came()[Step.OWN] == Came.NOTHING


# DNS


def test_mx_records_lead_to_a_known_provider(names):
    server = names({("example.test", "MX"): ["20 backup.example.test.", "10 aspmx.l.google.com."]})
    outcome = finding.take(Step.EXCHANGERS, ADDRESS)
    assert outcome.servers.provider.name == "Gmail"
    assert outcome.servers.login == ADDRESS
    assert server.asked == [("example.test", "MX")]


def test_the_most_wanted_exchanger_decides(names):
    names({("example.test", "MX"): ["20 aspmx.l.google.com.", "10 in1-smtp.messagingengine.com."]})
    assert finding.take(Step.EXCHANGERS, ADDRESS).servers.provider.name == "Fastmail"


def test_an_exchanger_of_nobody_known_is_nothing(names):
    names({("example.test", "MX"): ["10 mx.example.test."]})
    assert finding.take(Step.EXCHANGERS, ADDRESS).came == Came.NOTHING


def test_srv_records_name_the_servers(names):
    names(
        {
            ("_pop3s._tcp.example.test", "SRV"): ["10 1 995 backup.example.test.", "5 1 995 pop.example.test."],
            ("_submission._tcp.example.test", "SRV"): ["0 1 587 smtp.example.test."],
        }
    )
    servers = finding.take(Step.SERVICES, ADDRESS).servers
    assert servers.pop3 == Place("pop.example.test", 995, Security.TLS)
    assert servers.smtp == Place("smtp.example.test", 587, Security.STARTTLS)
    assert servers.is_vouched


def test_srv_records_that_lead_out_of_the_domain_are_to_be_compared(names):
    names({("_pop3s._tcp.example.test", "SRV"): ["5 1 995 pop.hoster.test."]})
    assert not finding.take(Step.SERVICES, ADDRESS).servers.is_vouched


def test_a_service_that_the_domain_denies_is_none(names):
    names({("_pop3s._tcp.example.test", "SRV"): ["0 0 0 ."], ("_pop3._tcp.example.test", "SRV"): ["0 0 0 ."]})
    assert finding.take(Step.SERVICES, ADDRESS).came == Came.NOTHING


def test_a_name_server_that_is_not_there_is_silence():
    assert finding.take(Step.SERVICES, ADDRESS).came == Came.SILENCE
    assert finding.take(Step.EXCHANGERS, ADDRESS).came == Came.SILENCE


# Guesses


@pytest.fixture
def at_loopback(monkeypatch, settings):
    """Every name below example.test is this machine, and the usual ports are those that a test gives."""
    settings.PRIVATE_HOSTS = ["127.0.0.0/8", "localhost"]

    def answer(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(hosts.socket, "getaddrinfo", answer)

    def set_ports(pop3: int, smtp: int) -> None:
        monkeypatch.setattr("mailbox.finding.guesses._POP3_PORTS", ((pop3, Security.TLS),))
        monkeypatch.setattr("mailbox.finding.guesses._SMTP_PORTS", ((smtp, Security.TLS),))

    return set_ports


def test_finds_a_server_that_proves_its_name(at_loopback, dovecot, monkeypatch):
    monkeypatch.setattr(connection, "verifying_context", dovecot.client_context)
    monkeypatch.setattr("mailbox.finding.guesses._POP3_PREFIXES", ("pop.", ""))
    at_loopback(dovecot.tls_port, free_port())
    outcome = finding.take(Step.GUESSES, "dana@localhost")
    assert outcome.servers.pop3 == Place("localhost", dovecot.tls_port, Security.TLS)
    assert outcome.servers.smtp is None


def test_a_server_that_cannot_prove_its_name_is_none(at_loopback, dovecot):
    at_loopback(dovecot.tls_port, free_port())
    assert finding.take(Step.GUESSES, ADDRESS).came == Came.NOTHING


def test_nobody_there_is_nothing(at_loopback):
    at_loopback(free_port(), free_port())
    assert finding.take(Step.GUESSES, ADDRESS).came == Came.NOTHING
