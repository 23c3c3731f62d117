"""Access tokens are renewed in time, once, and nothing is lost when the authorization server fails."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEvent, Grant, MailAccount
from accounts.oauth import SignInAway, SignInEnded
from accounts.rotation import encrypted_fields
from mailbox import tasks, tokens
from tests.oauth.conftest import granted
from tests.outgoing import in_thread

UNREACHABLE = "http://127.0.0.1:9"


def test_a_token_that_lasts_is_used_as_it_is(account, provider):
    grant = granted(account, provider)
    assert tokens.access_token(grant) == grant.access_token
    assert provider.asked == []


@pytest.mark.parametrize("minutes", [-60, 0, 4])
def test_a_token_that_ends_soon_is_renewed_before_it_is_used(account, provider, minutes):
    grant = granted(account, provider, minutes=minutes)
    old = grant.access_token
    new = tokens.access_token(grant)
    stored = Grant.objects.get()
    assert new != old
    assert stored.access_token == new
    assert stored.expires_at > timezone.now() + timedelta(minutes=55)
    assert stored.claimed_at is None


def test_a_token_that_was_refused_is_renewed_however_long_it_lasts(account, provider):
    grant = granted(account, provider)
    assert tokens.access_token(grant, refused=grant.access_token) in provider.access_tokens
    assert len(provider.asked) == 1


def test_what_somebody_else_has_renewed_meanwhile_is_not_renewed_again(account, provider):
    grant = granted(account, provider)
    refused = grant.access_token
    new = tokens.access_token(Grant.objects.get(), refused=refused)
    assert tokens.access_token(grant, refused=refused) == new
    assert len(provider.asked) == 1


def test_google_s_refresh_token_is_kept(account, provider):
    grant = granted(account, provider, minutes=0)
    tokens.access_token(grant)
    assert Grant.objects.get().refresh_token == grant.refresh_token


def test_microsoft_s_new_refresh_token_takes_the_place_of_the_old_one(account, provider):
    grant = granted(account, provider, server="microsoft", minutes=0)
    first = grant.refresh_token
    tokens.access_token(grant)
    second = Grant.objects.get().refresh_token
    tokens.access_token(grant, refused=grant.access_token)
    assert len({first, second, Grant.objects.get().refresh_token}) == 3


@pytest.mark.parametrize(("is_public", "secret"), [(False, "microsoft-secret"), (True, None)])
def test_a_client_without_a_secret_sends_none(account, provider, is_public, secret):
    tokens.access_token(granted(account, provider, server="microsoft", minutes=0, is_public=is_public))
    assert provider.asked[0][1].get("client_secret") == secret


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_renew_twice(account, provider):
    grant = granted(account, provider, server="microsoft", minutes=0)
    provider.gate.clear()
    ask = in_thread(lambda: tokens.access_token(Grant.objects.get(pk=grant.pk)))
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(ask) for _ in range(2)]
        provider.gate.set()
        assert len({each.result(timeout=60) for each in answers}) == 1
    assert len(provider.asked) == 1


@pytest.mark.parametrize("code", ["invalid_grant", "interaction_required"])
def test_a_permission_that_was_taken_back_ends_it_for_good(account, provider, code):
    grant = granted(account, provider, minutes=0)
    provider.fails.append((400, {"error": code}))
    with pytest.raises(SignInEnded, match=code):
        tokens.access_token(grant)
    stored = Grant.objects.get()
    assert stored.ended_at
    assert (stored.access_token, stored.refresh_token) == ("", "")
    with pytest.raises(SignInEnded):
        tokens.access_token(grant)
    assert len(provider.asked) == 1
    event = AuditEvent.objects.get(what="grant-ended")
    assert (event.person, event.about) == (account.owner, "alice@home.test: google")


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}),
        (503, {"error": "temporarily_unavailable"}),
        (429, {"error": "slow"}),
        (400, {}),
        (400, {"error": "server_error"}),
        (401, {"error": "invalid_client"}),
        (200, {}),
        (302, {}),
    ],
)
def test_a_server_in_trouble_costs_nothing_but_time(account, provider, answer):
    grant = granted(account, provider, minutes=-1)
    provider.fails.append(answer)
    with pytest.raises(SignInAway):
        tokens.access_token(grant)
    stored = Grant.objects.get()
    assert (stored.refresh_token, stored.ended_at, stored.claimed_at) == (grant.refresh_token, None, None)
    assert stored.is_spared(timezone.now())


def test_a_server_in_trouble_is_left_alone_for_a_while_and_then_asked_again(account, provider):
    grant = granted(account, provider, minutes=-1)
    provider.fails.append((503, {}))
    for _ in range(2):
        with pytest.raises(SignInAway):
            tokens.access_token(grant)
    assert len(provider.asked) == 1
    Grant.objects.update(next_try_at=timezone.now())
    assert tokens.access_token(grant) in provider.access_tokens
    assert Grant.objects.get().failure_count == 0


def test_a_token_that_still_lasts_is_used_while_the_server_is_in_trouble(account, provider):
    grant = granted(account, provider, minutes=3)
    provider.fails.append((503, {}))
    assert tokens.access_token(grant) == tokens.access_token(grant) == grant.access_token
    assert len(provider.asked) == 1


def test_a_server_that_is_not_there_is_one_in_trouble(account, provider, settings):
    grant = granted(account, provider, minutes=-1)
    settings.OAUTH_STAND_IN = UNREACHABLE
    with pytest.raises(SignInAway):
        tokens.access_token(grant)
    assert Grant.objects.get().refresh_token


def test_an_operator_who_takes_the_client_away_loses_no_tokens(account, provider, settings):
    grant = granted(account, provider, minutes=-1)
    settings.GOOGLE_CLIENT_ID = ""
    with pytest.raises(SignInAway):
        tokens.access_token(grant)
    assert Grant.objects.get().refresh_token


def test_tokens_whose_key_is_gone_are_asked_for_anew_and_kept(account, provider, settings):
    grant = granted(account, provider)
    settings.FIELD_KEYS = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
    with pytest.raises(SignInEnded):
        tokens.access_token(grant)
    assert Grant.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize(("lifetime", "seconds"), [("120", 120), (None, 3600), (-5, 3600), (10**9, 86400)])
def test_odd_lifetimes_are_read_with_sense(account, provider, lifetime, seconds):
    provider.lifetime = lifetime
    tokens.access_token(granted(account, provider, minutes=-1))
    left = Grant.objects.get().expires_at - timezone.now()
    assert timedelta(seconds=seconds - 60) < left <= timedelta(seconds=seconds)


# Ends


def test_a_deleted_account_s_tokens_are_taken_back_and_forgotten(account, provider):
    grant = granted(account, provider)
    account.delete()
    tasks.forget_grants()
    assert provider.revoked == [grant.refresh_token]
    assert not Grant.objects.exists()


def test_microsoft_takes_nothing_back_and_all_is_forgotten_at_once(account, provider):
    granted(account, provider, server="microsoft")
    account.delete()
    tasks.forget_grants()
    assert provider.asked == []
    assert not Grant.objects.exists()


def test_taking_back_is_tried_again_and_not_for_ever(account, provider):
    granted(account, provider)
    account.delete()
    provider.fails.extend([(503, {})] * 9)
    for _ in range(9):
        Grant.objects.update(next_try_at=None)
        tasks.forget_grants()
    assert len(provider.asked) == tokens.REVOCATION_TRIES
    assert not Grant.objects.exists()


def test_what_another_account_lives_by_is_not_taken_back(account, provider, bob):
    granted(account, provider)
    granted(MailAccount.objects.create(owner=bob, address="alice@gmail.com"), provider)
    account.delete()
    tasks.forget_grants()
    assert provider.revoked == []
    assert Grant.objects.get().account.owner == bob


# Secrets


def test_neither_logs_nor_errors_hold_a_token(account, provider, caplog):
    grant = granted(account, provider, minutes=-1)
    secrets = [grant.refresh_token, grant.access_token]
    provider.refresh_tokens.clear()
    with caplog.at_level(logging.DEBUG), pytest.raises(SignInEnded) as raised:
        tokens.access_token(grant)
    told = f"{caplog.text}{raised.value!r}{grant!r}{grant}" + "".join(str(each.__dict__) for each in caplog.records)
    assert "invalid_grant" in str(raised.value)
    assert [each for each in secrets if each in told] == []
    assert "planted-refresh" not in " ".join(AuditEvent.objects.values_list("about", flat=True))


def test_the_database_holds_no_token_in_the_clear(account, provider):
    granted(account, provider)
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token, refresh_token FROM accounts_grant")
        assert "planted" not in str(cursor.fetchall())


def test_rotating_the_keys_covers_tokens():
    assert {field.name for model, field in encrypted_fields() if model is Grant} == {"refresh_token", "access_token"}
