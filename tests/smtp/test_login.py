import ssl
from base64 import b64encode
from collections.abc import Callable
from unittest.mock import Mock, call

import pytest

from mailbox.smtp import Garbled, Refused, Security, Unreachable
from mailbox.smtp.login import log_in, present_token
from mailbox.smtp.wire import Reply
from tests.misbehaving_smtp import Action, Drop, MisbehavingSmtp
from tests.smtp.sessions import connect

Contexts = Callable[..., tuple[ssl.SSLContext, ssl.SSLContext]]
PASSWORD = "corréct hörse"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_logs_in_as_the_server_offers(mechanism: str) -> None:
    with MisbehavingSmtp(capabilities=[f"AUTH {mechanism}"]) as server, connect(server.port) as client:
        client.login("alice", PASSWORD)
    assert server.logins == [("alice", PASSWORD)]


def test_answers_the_challenge_of_rfc_2195() -> None:
    with MisbehavingSmtp(capabilities=["AUTH CRAM-MD5"]) as server, connect(server.port) as client:
        client.login("tim", "tanstaaftanstaaf")
    [(user, digest)] = server.logins
    assert (user, len(digest)) == ("tim", 32)


def test_knows_the_digest_of_rfc_2195() -> None:
    replies = [Reply(334, (b64encode(b"<1896.697170952@postoffice.reston.mci.net>").decode(),)), Reply(235, ())]
    exchange = Mock(side_effect=replies)
    log_in("tim", "tanstaaftanstaaf", offered="CRAM-MD5", is_encrypted=False, exchange=exchange)
    assert exchange.call_args_list == [
        call(b"AUTH CRAM-MD5"),
        call(b"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"),
    ]


def test_keeps_the_password_secret_on_a_plain_line() -> None:
    with MisbehavingSmtp() as server, connect(server.port) as client:
        client.login("alice", "secret")
    assert "AUTH CRAM-MD5" in server.commands
    assert not any("secret" in str(login) for login in server.logins)


def test_prefers_plain_on_an_encrypted_line(contexts: Contexts) -> None:
    theirs, ours = contexts("localhost")
    with (
        MisbehavingSmtp(tls_context=theirs) as server,
        connect(server.port, security=Security.STARTTLS, context=ours) as client,
    ):
        client.login("alice", "secret")
    assert server.logins == [("alice", "secret")]


def test_never_says_a_password_before_starttls() -> None:
    with MisbehavingSmtp() as server, pytest.raises(Unreachable):
        connect(server.port, security=Security.STARTTLS).login("alice", "secret")
    assert "AUTH" not in server.verbs


@pytest.mark.parametrize(
    ("reply", "is_password_wrong", "is_temporary"),
    [
        ("535 5.7.8 Bad credentials", True, False),
        ("534 5.7.9 Application-specific password required", True, False),
        ("454 4.7.0 Temporary authentication failure", False, True),
        ("530 5.7.0 Must issue a STARTTLS command first", False, False),
    ],
)
def test_a_refused_login_says_why(reply: str, is_password_wrong: bool, is_temporary: bool) -> None:
    with (
        MisbehavingSmtp({"AUTH": reply}) as server,
        connect(server.port) as client,
        pytest.raises(Refused) as caught,
    ):
        client.login("alice", "wrong")
    assert str(caught.value) == reply
    assert (caught.value.is_password_wrong, caught.value.is_temporary) == (is_password_wrong, is_temporary)
    assert server.verbs.count("AUTH") == 1


def test_tries_the_next_mechanism_only_when_one_is_unknown() -> None:
    script: dict[str, Action | list[Action]] = {"AUTH": ["504 5.5.4 Unrecognized mechanism"]}
    with MisbehavingSmtp(script) as server, connect(server.port) as client:
        client.login("alice", "secret")
    assert [line[:10] for line in server.commands if line.startswith("AUTH")] == ["AUTH CRAM-", "AUTH PLAIN"]
    assert server.logins == [("alice", "secret")]


@pytest.mark.parametrize(
    ("capabilities", "words"), [(["SIZE 1"], "no login here"), (["AUTH XOAUTH2 NTLM"], "only XOAUTH2 NTLM")]
)
def test_a_server_without_a_fitting_login_is_a_refusal(capabilities: list[str], words: str) -> None:
    with (
        MisbehavingSmtp(capabilities=capabilities) as server,
        connect(server.port) as client,
        pytest.raises(Refused, match=words) as caught,
    ):
        client.login("alice", "secret")
    assert (caught.value.code, caught.value.is_password_wrong) == (0, False)


def test_a_challenge_that_is_no_base64_is_garbled() -> None:
    with (
        MisbehavingSmtp({"AUTH": "334 not base64!"}) as server,
        connect(server.port) as client,
        pytest.raises(Garbled, match="not base64"),
    ):
        client.login("alice", "secret")


def test_a_login_without_end_is_garbled() -> None:
    with pytest.raises(Garbled, match="asks for more"):
        log_in("alice", "secret", offered="LOGIN", is_encrypted=True, exchange=lambda line: Reply(334, ("",)))


def test_a_line_lost_amid_the_login_is_unreachable_and_unusable() -> None:
    with MisbehavingSmtp({"AUTH": Drop()}) as server, connect(server.port) as client:
        with pytest.raises(Unreachable):
            client.login("alice", "secret")
        assert not client.is_usable


def test_a_nul_cannot_be_part_of_a_login() -> None:
    with (
        MisbehavingSmtp() as server,
        connect(server.port) as client,
        pytest.raises(ValueError, match="NUL"),
    ):
        client.login("alice\0bob", "secret")
    assert "AUTH" not in server.verbs


@pytest.mark.parametrize(
    ("mechanism", "user"), [("XOAUTH2", "user=alice@home.test"), ("OAUTHBEARER", "n,a=alice@home.test,")]
)
def test_presents_an_access_token(mechanism: str, user: str) -> None:
    with MisbehavingSmtp(capabilities=[f"AUTH LOGIN {mechanism}"]) as server, connect(server.port) as client:
        client.login_with_token("alice@home.test", "ya29.token")
    assert server.logins == [(user, "auth=Bearer ya29.token")]


@pytest.mark.parametrize(("offered", "consent"), [("XOAUTH2", b""), ("OAUTHBEARER", b"AQ==")])
def test_a_token_that_has_expired_is_a_wrong_password(offered: str, consent: bytes) -> None:
    replies = [Reply(334, (b64encode(b'{"status":"401"}').decode(),)), Reply(535, ("5.7.8 Expired",))]
    exchange = Mock(side_effect=replies)
    with pytest.raises(Refused, match="Expired") as caught:
        present_token("alice", "old", offered=offered, exchange=exchange)
    assert caught.value.is_password_wrong
    assert exchange.call_args_list[1] == call(consent)


def test_a_server_that_knows_no_tokens_is_sent_none() -> None:
    exchange = Mock()
    with pytest.raises(Refused, match="no login by access token"):
        present_token("alice", "ya29", offered="PLAIN LOGIN", exchange=exchange)
    exchange.assert_not_called()


def test_a_token_cannot_hold_another_field() -> None:
    with pytest.raises(ValueError, match="control"):
        present_token("alice\1auth=Bearer x", "y", offered="XOAUTH2", exchange=Mock())


def test_a_token_login_without_end_is_garbled() -> None:
    with pytest.raises(Garbled, match="asks for more"):
        present_token("alice", "y", offered="XOAUTH2", exchange=lambda line: Reply(334, ("",)))
