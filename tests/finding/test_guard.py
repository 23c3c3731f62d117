"""Neither finding nor typing of servers reaches into the private network, whatever names and strangers answer."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from accounts import hosts
from accounts.forms import AccountForms
from accounts.models import MailAccount, RemoteMaildrop, Security, SubmissionServer
from mailbox import checkup, finding, pop3, smtp
from mailbox.finding import Came, Step
from mailbox.finding import guesses as guessing
from mailbox.finding.web import _resolve
from mailbox.web import Forbidden
from tests.accounts.conftest import filled
from tests.pop3.misbehaving import Line, Misbehaving
from tests.web.odd_web import leads_to

PUBLIC, INSIDE = "93.184.215.14", "127.0.0.1"
SPELLINGS = [
    *("127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "::ffff:127.0.0.1", "::1", "localhost", "localhost."),
    # Full-width digits, which resolvers fold.
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
]
INTERNAL = ["169.254.169.254", "fe80::1", "fd00:ec2::254", "100.64.0.1", "100.127.255.254", "10.0.0.1", "192.168.0.1"]
DATABASES = [6379, 5432, 11211, 22, 80, 8000]


@pytest.fixture(autouse=True)
def nothing_is_listed(settings):
    settings.PRIVATE_HOSTS = []


@pytest.fixture
def dialled(monkeypatch) -> list[tuple[str, int]]:
    """The addresses that were connected to; nobody answers there."""
    asked: list[tuple[str, int]] = []

    def create(address: tuple[str, int], *_: Any, **__: Any) -> Any:
        asked.append(address[:2])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create)
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: create(address))
    return asked


@pytest.fixture
def turning(monkeypatch) -> list[str]:
    """Every name is public when it is asked for first, and this machine ever after."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, *rest: Any, **options: Any) -> Any:
        if host.replace(".", "").isdecimal():
            return real(host, port, *rest, **options)
        asked.append(host)
        address = PUBLIC if asked.count(host) == 1 else INSIDE
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(hosts.socket, "getaddrinfo", answer)
    return asked


def forms(alice: Any, **changes: Any) -> AccountForms:
    return AccountForms(MailAccount(owner=alice), filled(**changes))


# Typed


@pytest.mark.parametrize("host", SPELLINGS + INTERNAL)
@pytest.mark.parametrize("field", ["pop3-host", "smtp-host"])
def test_typed_servers_of_the_inside_are_refused_alike(alice, monkeypatch, field, host):
    real = socket.getaddrinfo

    def answer(name: str, *rest: Any, **options: Any) -> Any:
        return real(PUBLIC if name.endswith(".org") else name, *rest, **options)

    monkeypatch.setattr(hosts.socket, "getaddrinfo", answer)
    typed = forms(alice, **{field: host})
    assert not typed.is_valid()
    assert {fault for _id, _label, fault in typed.faults} == {str(hosts.HostRefused())}


@pytest.mark.parametrize("port", DATABASES)
@pytest.mark.parametrize("field", ["pop3-port", "smtp-port"])
def test_typed_ports_of_other_services_are_refused(alice, turning, field, port):
    typed = forms(alice, **{field: str(port)})
    assert not typed.is_valid()
    assert str(hosts.HostRefused()) in {fault for _id, _label, fault in typed.faults}


def test_a_test_of_the_connection_goes_to_the_address_that_was_checked(turning, dialled):
    maildrop = RemoteMaildrop(host="pop.turning.test", port=995, security="tls", login="x", password="x")
    submission = SubmissionServer(host="smtp.turning.test", port=465, security="tls", login="x", password="x")
    found = checkup.check(maildrop, submission)
    assert not found.is_good
    assert set(dialled) == {(PUBLIC, 995), (PUBLIC, 465)}


def test_a_name_that_has_turned_inside_is_refused_the_next_time(turning, dialled):
    maildrop = RemoteMaildrop(host="pop.turning.test", port=995, security="tls", login="x", password="x")
    submission = SubmissionServer(host="smtp.turning.test", port=465, security="tls", login="x", password="x")
    checkup.check(maildrop, submission)
    dialled.clear()
    second = checkup.check(maildrop, submission)
    assert second.pop3.sentence == second.smtp.sentence == str(hosts.HostRefused())
    assert dialled == []


# Found


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "localhost", "169.254.169.254", "100.64.0.1"])
def test_a_domain_that_lies_inside_is_asked_nothing(settings, dialled, names, host):
    settings.AUTOCONFIG_URLS = [f"http://{host}/{{domain}}", f"http://{host}:6379/", f"https://{host}/"]
    names({})
    assert finding.take(Step.OWN, "dana@inside.test").came == Came.NOTHING
    assert finding.take(Step.GUESSES, f"dana@{host}").came in {Came.NOTHING, Came.SILENCE}
    assert dialled == []


def test_files_are_got_from_the_address_that_was_checked(settings, turning, dialled):
    settings.AUTOCONFIG_URLS = ["https://autoconfig.{domain}/mail/config-v1.1.xml"]
    finding.take(Step.OWN, "dana@turning.test")
    assert dialled == [(PUBLIC, 443)]


def test_guesses_connect_to_the_address_that_was_checked(turning, dialled):
    finding.take(Step.GUESSES, "dana@turning.test")
    assert turning.count("pop3.turning.test") > 0
    assert {address for address, _port in dialled} == {PUBLIC}


@pytest.mark.parametrize(
    "location", ["http://127.0.0.2:{port}/", "http://127.2:{port}/", "ftp://127.0.0.1/", "file:///etc"]
)
def test_a_redirect_to_the_inside_is_not_followed(settings, serve, location):
    inside = serve()
    outside = serve(leads_to(location.format(port=inside.port)))
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    settings.AUTOCONFIG_URLS = [f"{outside.url}/"]
    assert finding.take(Step.OWN, "dana@example.test").came == Came.NOTHING
    assert outside.requests == [b"GET / HTTP/1.1"]
    assert inside.lines == []


def test_a_protected_question_is_not_led_to_a_plain_one():
    with pytest.raises(Forbidden):
        _resolve("93.184.215.14", 80, is_secure=True)


@pytest.mark.parametrize("port", [6379, 5432])
def test_records_that_name_other_services_count_for_nothing(names, port):
    names({("_pop3s._tcp.example.test", "SRV"): [f"0 1 {port} pop.example.test."]})
    assert finding.take(Step.SERVICES, "dana@example.test").came == Came.NOTHING


def test_found_servers_are_checked_again_before_anything_is_sent(names, dialled, monkeypatch):
    names({("_pop3s._tcp.example.test", "SRV"): ["0 1 995 pop.example.test."]})
    place = finding.take(Step.SERVICES, "dana@example.test").servers.pop3

    def inside(host: str, port: int, *_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.5", port))]

    monkeypatch.setattr(hosts.socket, "getaddrinfo", inside)
    maildrop = RemoteMaildrop(host=place.host, port=place.port, security=place.security, login="x", password="x")
    submission = SubmissionServer(host=place.host, port=465, security="tls", login="x", password="x")
    assert checkup.check(maildrop, submission).pop3.sentence == str(hosts.HostRefused())
    assert dialled == []


# Said


def _silent(line: Line) -> None:
    line.hear()


def _web(line: Line) -> None:
    line.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    line.hear()


@pytest.mark.parametrize("script", [_silent, _web])
@pytest.mark.parametrize("kind", ["pop3", "smtp"])
def test_nothing_is_sent_before_a_valid_greeting(monkeypatch, kind: str, script: Callable[[Line], None]):
    for name, limits in (("_POP3_LIMITS", pop3.Limits), ("_SMTP_LIMITS", smtp.Limits)):
        monkeypatch.setattr(guessing, name, limits(connect_seconds=1, command_seconds=0.3, session_seconds=1))
    meet, failure = {
        "pop3": (guessing._meet_pop3, pop3.Failure),
        "smtp": (guessing._meet_smtp, smtp.SmtpError),
    }[kind]
    with Misbehaving(script) as server:
        with pytest.raises(failure):
            meet(finding.Place("localhost", server.port, Security.STARTTLS), "127.0.0.1")
        assert server.heard == []
