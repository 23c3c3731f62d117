"""Nobody reaches the private network through a mail account."""

import socket
from typing import Any

import pytest

from accounts import hosts
from accounts.hosts import HostError, HostRefused, HostUnknown, checked_address, checked_web_addresses

LOOPBACK = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::127.0.0.1",
    "64:ff9b::127.0.0.1",
    "2002:7f00:1::",
]
PRIVATE = [
    "0",
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "64:ff9b::169.254.169.254",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    "2001:0:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
]


@pytest.fixture
def resolves_to(monkeypatch):
    """Make every name resolve to these addresses, and count the questions."""
    asked: list[str] = []

    def set_addresses(*addresses: str) -> list[str]:
        def answer(host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(hosts.socket, "getaddrinfo", answer)
        return asked

    return set_addresses


@pytest.mark.parametrize("host", LOOPBACK + PRIVATE)
def test_refuses_what_is_not_public(host):
    with pytest.raises(HostError):
        checked_address(host, 995)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8"])
def test_allows_public_addresses(address):
    assert checked_address(address, 995) == str(hosts.ipaddress.ip_address(address))


def test_asks_once_and_returns_the_address_to_connect_to(resolves_to):
    asked = resolves_to("93.184.215.14", "8.8.8.8")
    assert checked_address("pop.example.org", 995) == "93.184.215.14"
    assert asked == ["pop.example.org"]


@pytest.mark.parametrize("private", ["127.0.0.1", "::ffff:10.0.0.1", "fe80::1%1"])
def test_refuses_a_name_when_one_of_its_addresses_is_private(resolves_to, private):
    resolves_to("93.184.215.14", private)
    with pytest.raises(HostRefused):
        checked_address("pop.example.org", 995)


@pytest.mark.parametrize("port", [22, 80, 143, 6379, 8000])
def test_refuses_ports_that_are_not_for_mail(port):
    with pytest.raises(HostRefused):
        checked_address("8.8.8.8", port)


def test_says_the_same_of_every_refused_target():
    said = set()
    for host, port in [("127.0.0.1", 995), ("10.0.0.1", 995), ("169.254.169.254", 110), ("8.8.8.8", 22)]:
        with pytest.raises(HostRefused) as refusal:
            checked_address(host, port)
        said.add(str(refusal.value))
    assert len(said) == 1


@pytest.mark.parametrize("host", ["", " ", "pop.invalid", "a" * 300, "two words", "nul\0", "ä" * 80, "a..b"])
def test_names_that_do_not_resolve_are_unknown(monkeypatch, host):
    real = socket.getaddrinfo

    def resolver(name: str, *rest: Any, **options: Any) -> Any:
        if name == "pop.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(name, *rest, **options)

    monkeypatch.setattr(hosts.socket, "getaddrinfo", resolver)
    with pytest.raises(HostUnknown):
        checked_address(host, 995)


def test_the_operator_may_name_private_hosts_on_any_port():
    assert checked_address("127.0.0.1", 10110, may_be_private=True) == "127.0.0.1"


@pytest.mark.parametrize(
    ("listed", "host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "127.1"),
        ("127.0.0.0/8", "127.9.9.9"),
        ("127.0.0.0/8", "::ffff:127.0.0.1"),
        ("::1", "::1"),
        ("fd00::/8", "fd00::5"),
    ],
)
def test_listed_hosts_and_networks_are_allowed_on_any_port(settings, listed, host):
    settings.PRIVATE_HOSTS = ["mail.example.org", listed]
    assert checked_address(host, 10110)


def test_a_listed_network_does_not_open_another(settings):
    settings.PRIVATE_HOSTS = ["10.1.0.0/16", "mail.example.org"]
    with pytest.raises(HostRefused):
        checked_address("10.2.0.1", 995)


def test_a_name_is_refused_when_only_some_of_its_addresses_are_listed(settings, resolves_to):
    settings.PRIVATE_HOSTS = ["10.1.0.0/16"]
    resolves_to("10.1.0.1", "127.0.0.1")
    with pytest.raises(HostRefused):
        checked_address("pop.example.org", 995)


def test_a_listed_name_is_compared_without_case_or_closing_dot(settings, resolves_to):
    settings.PRIVATE_HOSTS = ["mail.home.arpa"]
    resolves_to("192.168.1.5")
    assert checked_address("Mail.Home.ARPA.", 143) == "192.168.1.5"


# Web servers


@pytest.mark.parametrize("host", LOOPBACK + PRIVATE)
def test_strangers_reach_nothing_that_is_not_public(host):
    with pytest.raises(HostError):
        checked_web_addresses(host, 80)


def test_the_web_has_its_own_ports():
    assert checked_web_addresses("8.8.8.8", 443) == ["8.8.8.8"]
    for port in (25, 995, 8080):
        with pytest.raises(HostRefused):
            checked_web_addresses("8.8.8.8", port)


def test_returns_every_address_of_a_web_server_once(resolves_to):
    resolves_to("93.184.215.14", "8.8.8.8", "93.184.215.14")
    assert checked_web_addresses("far.test", 80) == ["93.184.215.14", "8.8.8.8"]


def test_one_private_address_is_enough_to_refuse_a_web_server(resolves_to):
    resolves_to("93.184.215.14", "192.168.1.1")
    with pytest.raises(HostRefused):
        checked_web_addresses("far.test", 80)


def test_mail_servers_and_web_servers_are_listed_apart(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    with pytest.raises(HostRefused):
        checked_web_addresses("127.0.0.1", 80)
    settings.PRIVATE_HOSTS, settings.PRIVATE_WEB_HOSTS = [], ["127.0.0.1"]
    assert checked_web_addresses("127.0.0.1", 8080) == ["127.0.0.1"]
    with pytest.raises(HostRefused):
        checked_address("127.0.0.1", 995)
