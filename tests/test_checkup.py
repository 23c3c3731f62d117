"""Both servers of an account are tried, and nothing changes on them."""

import socket
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from accounts.models import RemoteMaildrop, SubmissionServer
from mailbox import checkup, pop3
from mailbox.pop3 import connection
from tests.dovecot import Dovecot
from tests.misbehaving_smtp import MisbehavingSmtp
from tests.servers import free_port

GOOD = "correct horse"


@pytest.fixture
def smtp() -> Iterator[MisbehavingSmtp]:
    with MisbehavingSmtp(capabilities=["AUTH PLAIN"]) as server:
        yield server


@pytest.fixture(autouse=True)
def private_hosts(settings):
    settings.PRIVATE_HOSTS = ["localhost", "127.0.0.1"]


def maildrop(port: int, *, password: str = GOOD, security: str = "none", host: str = "localhost") -> RemoteMaildrop:
    return RemoteMaildrop(host=host, port=port, security=security, login="alice", password=password)


def submission(port: int, *, login: str = "alice", security: str = "none", host: str = "localhost") -> SubmissionServer:
    return SubmissionServer(host=host, port=port, security=security, login=login, password=GOOD)


def test_logs_in_to_both_and_counts_what_waits(dovecot: Dovecot, smtp: MisbehavingSmtp):
    dovecot.add("alice", b"Subject: one\r\n\r\n")
    waiting = len(dovecot.messages("alice"))
    found = checkup.check(maildrop(dovecot.port), submission(smtp.port))
    assert found.is_good
    assert found.pop3.message_count == waiting
    assert found.pop3.sentence.startswith("Logged in. ")
    assert "UIDL" in found.pop3.capabilities
    assert found.smtp.sentence == "Logged in. Mail can be sent."
    assert smtp.logins == [("alice", GOOD)]


def test_changes_nothing_on_the_servers(dovecot: Dovecot, smtp: MisbehavingSmtp):
    dovecot.add("alice", b"Subject: stays\r\n\r\n")
    before = dovecot.messages("alice")
    checkup.check(maildrop(dovecot.port), submission(smtp.port))
    assert dovecot.messages("alice") == before
    assert not {"MAIL", "RCPT", "DATA"} & set(smtp.verbs)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_names_the_version_of_tls(dovecot: Dovecot, smtp, monkeypatch, security):
    monkeypatch.setattr(connection, "verifying_context", dovecot.client_context)
    port = dovecot.tls_port if security == "tls" else dovecot.port
    found = checkup.check(maildrop(port, security=security), submission(smtp.port))
    assert found.pop3.is_good
    assert found.pop3.tls_version == "TLSv1.3"
    assert found.smtp.tls_version == ""


def test_one_bad_server_does_not_hide_the_other(dovecot: Dovecot, smtp):
    found = checkup.check(maildrop(dovecot.port, password="wrong"), submission(smtp.port))
    assert not found.is_good
    assert found.smtp.is_good


def test_a_wrong_password_comes_with_the_server_s_own_words(dovecot: Dovecot, smtp):
    found = checkup.check(maildrop(dovecot.port, password="wrong"), submission(smtp.port))
    assert "does not accept this login and password" in found.pop3.sentence
    assert "Authentication failed" in found.pop3.words


def test_a_wrong_password_at_the_submission_server(dovecot: Dovecot):
    with MisbehavingSmtp({"AUTH": "535 5.7.8 Bad credentials"}) as smtp:
        found = checkup.check(maildrop(dovecot.port), submission(smtp.port))
    assert "does not accept this login and password" in found.smtp.sentence
    assert found.smtp.words == "535 5.7.8 Bad credentials"


def test_a_login_that_cannot_be_checked_now_is_no_wrong_password(dovecot: Dovecot):
    with MisbehavingSmtp({"AUTH": "454 4.7.0 Try later"}) as smtp:
        found = checkup.check(maildrop(dovecot.port), submission(smtp.port))
    assert "cannot check the login right now" in found.smtp.sentence


def test_without_a_login_none_is_tried(dovecot: Dovecot, smtp):
    found = checkup.check(maildrop(dovecot.port), submission(smtp.port, login=""))
    assert found.smtp.is_good
    assert found.smtp.sentence == "Connected, without a login."
    assert smtp.logins == []


def test_a_closed_port():
    port = free_port()
    found = checkup.check(maildrop(port), submission(port))
    for finding in (found.pop3, found.smtp):
        assert f"cannot be reached on port {port}" in finding.sentence
        assert finding.words


def test_a_certificate_for_another_name_gets_no_password(dovecot: Dovecot, smtp, monkeypatch):
    monkeypatch.setattr(connection, "verifying_context", dovecot.client_context)
    found = checkup.check(maildrop(dovecot.tls_port, security="tls", host="127.0.0.1"), submission(smtp.port))
    assert "cannot be trusted, so no password was sent" in found.pop3.sentence
    assert found.pop3.words


def test_a_certificate_that_nobody_vouches_for(dovecot: Dovecot, smtp):
    found = checkup.check(maildrop(dovecot.tls_port, security="tls"), submission(dovecot.tls_port, security="tls"))
    assert "cannot be trusted" in found.pop3.sentence
    assert "cannot be trusted" in found.smtp.sentence


def test_shows_the_fingerprint_of_a_certificate_that_nobody_vouches_for(dovecot: Dovecot, smtp):
    found = checkup.check(maildrop(dovecot.tls_port, security="tls"), submission(dovecot.tls_port, security="tls"))
    certificate = x509.load_pem_x509_certificate(dovecot.certificate.read_bytes())
    assert found.pop3.fingerprint == certificate.fingerprint(hashes.SHA256()).hex()
    assert found.smtp.fingerprint == ""


def test_a_certificate_that_was_accepted_will_do_and_no_other(dovecot: Dovecot, smtp):
    server = maildrop(dovecot.tls_port, security="tls")
    server.fingerprint = checkup.check(server, submission(smtp.port)).pop3.fingerprint
    assert checkup.check(server, submission(smtp.port)).pop3.is_good
    shown, server.fingerprint = server.fingerprint, "0" * 64
    found = checkup.check(server, submission(smtp.port)).pop3
    assert (found.is_good, found.fingerprint) == (False, shown)


def test_a_server_without_tls_has_no_fingerprint_to_show(dovecot: Dovecot, smtp):
    found = checkup.check(maildrop(smtp.port, security="tls"), submission(smtp.port))
    assert not found.pop3.is_good
    assert found.pop3.fingerprint == ""


def refused(code: str, words: str) -> checkup._LoginRefused:
    refusal = checkup._LoginRefused(words)
    refusal.__cause__ = pop3.Refused(code, words)
    return refusal


@pytest.mark.parametrize(
    ("host", "error", "says"),
    [
        ("pop.gmail.com", refused("AUTH", "Application-specific password required"), "app password"),
        ("pop.gmail.com", refused("", "no"), "Switch POP on"),
        ("pop.gmail.com", pop3.Unreachable("no answer in time"), "Switch POP on"),
        ("outlook.office365.com", refused("AUTH", "no"), "no program in by password"),
    ],
)
def test_gives_the_advice_of_a_provider(host, error, says):
    assert says in checkup._advice(RemoteMaildrop(host=host), error)


@pytest.mark.parametrize(
    ("host", "error"),
    [
        ("pop.gmail.com", refused("IN-USE", "locked")),
        ("pop.gmail.com", refused("SYS/TEMP", "later")),
        ("pop.gmail.com", pop3.Untrusted("self-signed certificate")),
        ("pop.gmail.com", pop3.Garbled("220 ready")),
        ("pop.example.org", refused("AUTH", "no")),
    ],
)
def test_gives_no_advice_where_it_would_mislead(host, error):
    assert checkup._advice(RemoteMaildrop(host=host), error) == ""


def test_pop_is_not_to_be_switched_on_for_sending():
    assert "POP" not in checkup._advice(SubmissionServer(host="smtp.gmail.com"), refused("AUTH", "no"))


def test_a_server_that_speaks_something_else(dovecot: Dovecot, smtp):
    found = checkup.check(maildrop(smtp.port), submission(dovecot.port))
    assert "does not answer as a mail server should" in found.pop3.sentence
    assert "does not answer as a mail server should" in found.smtp.sentence


def test_a_server_that_refuses_everybody(dovecot: Dovecot):
    with MisbehavingSmtp({"CONNECT": "554 5.7.1 Go away\x07 <b>now</b>" + "!" * 400}) as smtp:
        found = checkup.check(maildrop(dovecot.port), submission(smtp.port))
    assert "answers, but refuses to go on" in found.smtp.sentence
    assert found.smtp.words.startswith("554 5.7.1 Go away  <b>now</b>!")
    assert len(found.smtp.words) == checkup.WORDS_LENGTH + 1


def test_a_private_host_is_refused_without_a_connection(settings, smtp):
    settings.PRIVATE_HOSTS = []
    found = checkup.check(maildrop(smtp.port), submission(smtp.port))
    assert found.pop3.sentence == found.smtp.sentence
    assert "may not be used" in found.pop3.sentence
    assert smtp.sessions == 0


def test_a_line_end_in_a_password_is_not_sent(dovecot: Dovecot, smtp):
    found = checkup.check(maildrop(dovecot.port, password="a\r\nDELE 1"), submission(smtp.port))
    assert "holds a character that cannot be sent" in found.pop3.sentence
    assert "DELE" not in found.pop3.words


def test_a_silent_server_is_given_up_in_time(monkeypatch, dovecot: Dovecot):
    monkeypatch.setattr(checkup, "SMTP_LIMITS", checkup.smtp.Limits(connect_seconds=0.2, command_seconds=0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = checkup.check(maildrop(dovecot.port), submission(silent.getsockname()[1]))
    assert "cannot be reached" in found.smtp.sentence


def test_speaks_the_language_of_the_reader(monkeypatch, smtp):
    spoken = checkup.translation.get_language
    monkeypatch.setattr(checkup, "_try_pop3", lambda *_: checkup.Finding(True, str(spoken())))
    with checkup.translation.override("ja"):
        assert checkup.check(maildrop(1), submission(smtp.port)).pop3.sentence == "ja"
