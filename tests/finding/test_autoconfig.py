"""Configuration files are read strictly: what a stranger wrote there ends as checked values or not at all."""

import pytest

from accounts.models import Security
from mailbox.finding.autoconfig import read_config
from mailbox.finding.values import Place
from tests.finding.conftest import POP3, config

ADDRESS = "dana.k@example.test"


def test_reads_both_servers_and_fills_in_the_address():
    found = read_config(config(), ADDRESS)
    assert found.pop3 == Place("pop.example.test", 995, Security.TLS)
    assert found.smtp == Place("smtp.example.test", 587, Security.STARTTLS)
    assert (found.login, found.smtp_login) == ("dana.k", ADDRESS)
    assert found.help_page == "https://help.example.test/pop"
    assert not found.is_token_only


def test_takes_tls_before_starttls_whatever_comes_first():
    starttls = POP3.replace("995", "110").replace("SSL", "STARTTLS")
    assert read_config(config(starttls + POP3), ADDRESS).pop3.security == Security.TLS


def test_takes_no_server_without_tls():
    assert read_config(config(POP3.replace("SSL", "plain")), ADDRESS) is None


def test_a_file_without_pop3_names_no_servers():
    assert read_config(config(""), ADDRESS) is None


def test_notes_a_server_that_takes_no_password():
    assert read_config(config(POP3.replace("password-cleartext", "OAuth2")), ADDRESS).is_token_only


def test_a_server_that_takes_both_takes_passwords():
    both = POP3.replace("<authentication>", "<authentication>OAuth2</authentication><authentication>")
    assert not read_config(config(both), ADDRESS).is_token_only


@pytest.mark.parametrize("host", ["", "two words", "pop.example.test/x", "<b>", "a" * 300, "-.test", "pop\u202e.test"])
def test_refuses_what_is_no_name_of_a_server(host):
    named = POP3.replace("pop.example.test", host.replace("<", "&lt;"))
    assert read_config(config(named), ADDRESS) is None


@pytest.mark.parametrize("port", ["", "0", "65536", "-1", "9" * 5000, "995x", "\u0669\u0669\u0665"])
def test_refuses_what_is_no_port(port):
    assert read_config(config(POP3.replace("995", port)), ADDRESS) is None


def test_a_login_that_cannot_be_typed_becomes_the_address():
    assert read_config(config(POP3.replace("%EMAILLOCALPART%", "x" * 300)), ADDRESS).login == ""


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"<html>Not found</html>",
        b"<clientConfig>",
        b"<clientConfig/>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="nonsense"?><clientConfig/>',
    ],
)
def test_what_is_no_configuration_names_nothing(octets):
    assert read_config(octets, ADDRESS) is None


def test_entities_are_not_unfolded():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    assert read_config(config().replace(b"<clientConfig", bomb + b"<clientConfig", 1), ADDRESS) is None


def test_files_of_this_machine_are_not_read():
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    named = config(POP3.replace("pop.example.test", "&a;")).replace(b"<clientConfig", outside + b"<clientConfig", 1)
    assert read_config(named, ADDRESS) is None


def test_only_a_page_under_tls_becomes_a_link():
    octets = config().replace(b"https://help.example.test/pop", b"javascript:alert(1)")
    assert read_config(octets, ADDRESS).help_page == ""
