"""Mail is collected from a real POP3 server and submitted to an SMTP server by tokens, renewed on the way."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.models import Grant, MailAccount, RemoteMaildrop, SubmissionServer
from accounts.troubles import Trouble
from mailbox import checkup, pull
from mailbox.models import Outgoing, Recipient
from mailbox.pop3 import connection
from mailbox.sending import rounds
from mailbox.smtp import client as smtp_client
from tests.cast import octets_of
from tests.dovecot import Dovecot
from tests.misbehaving_smtp import MisbehavingSmtp
from tests.oauth.conftest import granted
from tests.oauth_server import OAuthServer
from tests.outgoing import make_due, queued, statuses

TOKENINFO = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {path}
}}
"""
ACCEPTED, DEFERRED = Recipient.Status.ACCEPTED, Recipient.Status.DEFERRED


@pytest.fixture
def servers(
    provider: OAuthServer, account: MailAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Dovecot, MisbehavingSmtp]]:
    """The servers of Alice's account, which take tokens only and have their certificates trusted."""
    tmp_path.parent.chmod(0o755)
    tmp_path.chmod(0o755)
    conf = tmp_path / "oauth2.conf"
    conf.write_text(f"tokeninfo_url = {provider.url}/tokeninfo?access_token=\nusername_attribute = email\n")
    with Dovecot({}, mechanisms="xoauth2 oauthbearer", extra=TOKENINFO.format(path=conf)) as dovecot:
        monkeypatch.setattr(connection, "verifying_context", dovecot.client_context)
        monkeypatch.setattr(smtp_client, "client_context", dovecot.client_context)
        theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        theirs.load_cert_chain(dovecot.certificate, dovecot.folder / "key.pem")
        with MisbehavingSmtp(capabilities=["AUTH XOAUTH2"], tls_context=theirs, is_implicit_tls=True) as smtp:
            place = {"account": account, "host": "localhost", "login": "alice@gmail.com", "may_be_private": True}
            RemoteMaildrop.objects.create(port=dovecot.tls_port, **place)
            SubmissionServer.objects.create(port=smtp.port, **place)
            yield dovecot, smtp


def maildrop() -> RemoteMaildrop:
    found = RemoteMaildrop.objects.select_related("account").get()
    found.check_now()
    return found


def send(outgoing: Outgoing) -> str:
    make_due(outgoing)
    SubmissionServer.objects.get().let_go()
    rounds.send_from(outgoing.account_id)
    return statuses(outgoing)["dana"]


def test_mail_is_collected_and_sent_by_tokens_until_they_are_taken_back(servers, account, provider):
    dovecot, smtp = servers
    grant = granted(account, provider, server="microsoft")
    dovecot.add("alice@gmail.com", octets_of("First"))
    assert pull.pull(maildrop()).retrieved == 1
    assert send(queued(account)) == ACCEPTED
    assert smtp.logins == [("user=alice@gmail.com", f"auth=Bearer {grant.access_token}")]
    assert provider.asked == []

    # The server forgets the token before its time: it is renewed, and the same sessions go on.
    provider.access_tokens.clear()
    dovecot.add("alice@gmail.com", octets_of("Second"))
    report = pull.pull(maildrop())
    assert (report.retrieved, report.error) == (1, "")
    assert len(provider.asked) == 1
    assert Grant.objects.get().refresh_token != grant.refresh_token

    # The person takes it back.
    provider.withdraw()
    Grant.objects.update(expires_at=grant.created_at)
    report = pull.pull(maildrop())
    assert (report.status, report.trouble) == ("failed", Trouble.SIGNED_OUT)
    assert RemoteMaildrop.objects.get().is_paused
    waiting = queued(account)
    assert send(waiting) == DEFERRED
    assert "Sign in again" in waiting.recipients.get().reply
    assert account.messages.filter(folder="inbox").count() == 2


def test_a_submission_server_that_refuses_a_token_is_shown_a_new_one(servers, account, provider):
    _dovecot, smtp = servers
    grant = granted(account, provider)
    smtp._script["AUTH"] = (None, ["535 5.7.3 Authentication unsuccessful"])
    assert send(queued(account)) == ACCEPTED
    assert Grant.objects.get().access_token != grant.access_token
    assert len(provider.asked) == 1


def test_a_submission_server_that_refuses_the_new_one_too_is_asked_no_more(servers, account, provider):
    _dovecot, smtp = servers
    granted(account, provider)
    smtp._script["AUTH"] = (None, ["535 5.7.3 Authentication unsuccessful"] * 9)
    outgoing = queued(account)
    assert send(outgoing) == DEFERRED
    assert smtp.verbs.count("AUTH") == 2
    assert len(provider.asked) == 1


def test_somebody_else_s_token_stops_the_account_and_says_so(servers, account, provider):
    granted(account, provider)
    provider.access_tokens.clear()
    provider.refresh_tokens = dict.fromkeys(provider.refresh_tokens, "bob@gmail.com")
    report = pull.pull(maildrop())
    stopped = RemoteMaildrop.objects.get()
    assert report.trouble == Trouble.TOKEN_REFUSED
    assert stopped.is_paused
    assert "planted" not in stopped.last_error


def test_a_provider_in_trouble_stops_no_account(servers, account, provider):
    granted(account, provider, minutes=-1)
    provider.fails.append((503, {}))
    RemoteMaildrop.objects.update(failure_count=9)
    report = pull.pull(RemoteMaildrop.objects.select_related("account").get())
    waiting = RemoteMaildrop.objects.get()
    assert (report.trouble, waiting.is_paused, waiting.failure_count) == (Trouble.SIGN_IN_AWAY, False, 10)


def test_the_test_of_the_connection_shows_the_token(servers, account, provider):
    granted(account, provider)
    submission = SubmissionServer.objects.select_related("account").get()
    assert checkup.check(maildrop(), submission).is_good


def test_the_test_of_the_connection_says_when_the_sign_in_has_ended(servers, account, provider):
    granted(account, provider, ended_at="2026-01-01T00:00Z")
    finding = checkup.check(maildrop(), SubmissionServer.objects.get()).pop3
    assert (finding.is_good, "Sign in again" in finding.sentence) == (False, True)


def test_a_token_is_shown_to_its_provider_s_servers_only(servers, account, provider, settings):
    _dovecot, smtp = servers
    granted(account, provider)
    settings.OAUTH_STAND_IN = ""
    report = pull.pull(maildrop())
    assert report.trouble == Trouble.TOKEN_REFUSED
    assert send(queued(account)) == DEFERRED
    assert smtp.sessions == 0


def test_a_token_is_not_shown_in_the_clear(servers, account, provider):
    _dovecot, smtp = servers
    granted(account, provider)
    SubmissionServer.objects.update(security="none")
    assert send(queued(account)) == DEFERRED
    assert smtp.sessions == 0


def test_a_password_costs_no_look_at_the_sign_ins(servers, account, django_assert_num_queries):
    RemoteMaildrop.objects.update(password="x")
    server = RemoteMaildrop.objects.get()
    with django_assert_num_queries(0):
        assert server.grant is None
