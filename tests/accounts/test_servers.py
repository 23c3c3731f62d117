"""Servers as URLs."""

import pytest

from accounts.models import Security
from accounts.servers import UrlError, parse_url


@pytest.mark.parametrize(
    ("scheme", "kind", "security", "port"),
    [
        ("pop3", "pop3", Security.NONE, 110),
        ("pop3+starttls", "pop3", Security.STARTTLS, 110),
        ("pop3s", "pop3", Security.TLS, 995),
        ("smtp", "smtp", Security.NONE, 587),
        ("smtp+starttls", "smtp", Security.STARTTLS, 587),
        ("smtps", "smtp", Security.TLS, 465),
    ],
)
def test_the_scheme_says_what_is_spoken_and_how_it_is_protected(scheme, kind, security, port):
    found = parse_url(f"{scheme}://alice:secret@mail.example.org")
    assert (found.kind, found.security, found.host, found.port) == (kind, security, "mail.example.org", port)
    assert (found.login, found.password) == ("alice", "secret")


def test_a_port_of_its_own():
    assert parse_url("pop3s://a:b@mail.example.org:9995/").port == 9995


def test_login_and_password_are_percent_decoded():
    found = parse_url("pop3s://alice%40example.org:p%2Fq%3A%23%3f%25%E2%82%AC+x@mail.example.org")
    assert (found.login, found.password) == ("alice@example.org", "p/q:#?%€+x")


def test_an_address_as_login_needs_no_encoding():
    found = parse_url("pop3s://alice@example.org:secret@mail.example.org")
    assert (found.login, found.host) == ("alice@example.org", "mail.example.org")


def test_a_colon_in_the_password_needs_no_encoding():
    assert parse_url("pop3s://alice:a:b@mail.example.org").password == "a:b"


def test_ipv6_in_brackets():
    assert parse_url("smtp://a:b@[::1]:2525").host == "::1"


def test_without_login():
    found = parse_url("smtp://relay.example.org")
    assert (found.login, found.password) == ("", "")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "begins with one of"),
        ("mail.example.org", "begins with one of"),
        ("imap://a:hush@mail.example.org", "begins with one of pop3://"),
        ("pop3s://", "names no server"),
        ("pop3s://a:hush@", "names no server"),
        ("pop3s://a:hush@host:pop", "number from 1 to 65535"),
        ("pop3s://a:hush@host:0", "number from 1 to 65535"),
        ("pop3s://a:hush@host:65536", "number from 1 to 65535"),
        ("pop3s://a:hush@host/INBOX", "percent-encoded"),
        ("pop3s://a:hu#sh@host", "percent-encoded"),
        ("pop3s://a:hush@host?x=1", "percent-encoded"),
        ("pop3s://a:hu sh@host", "a space is %20"),
        ("pop3s://a:hu\nsh@host", "control character"),
        ("pop3s://a:hush@[::1", "square brackets"),
        ("pop3s://a:%ffhush@host", "not UTF-8"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(url, says):
    with pytest.raises(UrlError) as error:
        parse_url(url)
    assert says in str(error.value)
    assert "hu" not in str(error.value)


def test_the_password_is_not_in_the_representation():
    assert "secret" not in repr(parse_url("pop3s://alice:secret@mail.example.org"))
