"""Signing in on another device: a code is shown, and asked about as often as the provider allows."""

import time

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import RemoteMaildrop
from accounts.oauth import views
from tests.oauth.conftest import granted

BEGIN, CODE = "/accounts/new/sign-in/", "/accounts/sign-in/code/"
FORM = {"server": "microsoft", "provider": "Outlook.com", "address": "alice@outlook.com", "code": "1"}
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("woken", "opened")


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """The time by which questions are spaced; add to it to let time pass."""
    now = [time.time()]
    monkeypatch.setattr(views.time, "time", lambda: now[0])
    return now


@pytest.fixture
def begun(as_alice, provider, clock) -> Client:
    assert as_alice.post(BEGIN, FORM).url == CODE
    provider.asked.clear()
    return as_alice


def text(answer) -> str:
    return answer.content.decode()


def test_shows_the_code_and_where_to_type_it(begun, provider):
    page = text(begun.get(CODE))
    assert "BCDF-GHJK" in page
    assert f'href="{provider.url}/device"' in page
    assert 'hx-trigger="load delay:5s"' in page
    assert "planted-device-code" not in page + str(dict(begun.session.items()))


def test_google_gives_no_codes_for_mail(as_alice, provider):
    form = {"server": "google", "provider": "Gmail", "address": "alice@gmail.com", "code": "1"}
    assert "Refresh" in as_alice.post(BEGIN, form)


def test_waits_as_long_as_nobody_has_typed_it(begun, provider, clock):
    clock[0] += 6
    answer = begun.post(CODE, headers=HTMX)
    assert "Not yet seen there" in text(answer)
    assert "<html" not in text(answer)
    assert provider.asked[0][1]["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code"


def test_works_without_scripts(begun, provider, clock):
    clock[0] += 6
    page = text(begun.post(CODE))
    assert "I have done it" in page
    assert "<html" in page


def test_is_not_asked_more_often_than_the_provider_allows(begun, provider, clock):
    for _ in range(3):
        begun.post(CODE)
    assert provider.asked == []
    clock[0] += 6
    for _ in range(3):
        begun.post(CODE)
    assert len(provider.asked) == 1


def test_slows_down_when_told_so(begun, provider, clock):
    provider.device_answer = "slow_down"
    clock[0] += 6
    assert 'hx-trigger="load delay:10s"' in text(begun.post(CODE, headers=HTMX))
    clock[0] += 6
    begun.post(CODE, headers=HTMX)
    assert len(provider.asked) == 1


def test_adds_the_account_once_it_was_typed(begun, alice, provider, clock):
    provider.device_answer = ""
    clock[0] += 6
    answer = begun.post(CODE, headers=HTMX)
    account = alice.owned_accounts.get()
    assert answer["HX-Redirect"] == reverse("arriving", args=[account.key])
    assert account.grant.is_public
    assert account.remote_maildrop.host == "outlook.office365.com"
    assert "client_secret" not in provider.asked[0][1]


def test_without_scripts_one_is_led_on_too(begun, alice, provider, clock):
    provider.device_answer = ""
    clock[0] += 6
    answer = begun.post(CODE)
    assert (answer.status_code, alice.owned_accounts.get().key in answer.url) == (302, True)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("expired_token", "The code has run out"),
        ("access_denied", "You did not allow it at Microsoft"),
        ("invalid_client", "ask the person who runs Letterbox"),
    ],
)
def test_says_why_nothing_came_of_it(begun, alice, provider, clock, code, says):
    provider.device_answer = code
    clock[0] += 6
    assert says in text(begun.post(CODE, headers=HTMX))
    assert begun.get(CODE).status_code == 400
    assert not alice.owned_accounts.exists()


def test_a_provider_in_trouble_is_asked_again(begun, provider, clock):
    provider.fails.append((503, {}))
    clock[0] += 6
    assert "BCDF-GHJK" in text(begun.post(CODE, headers=HTMX))


def test_a_code_that_ran_out_unseen_is_not_asked_about_for_ever(begun, clock):
    clock[0] += 901
    assert "The code has run out" in text(begun.post(CODE, headers=HTMX))


@pytest.mark.parametrize(
    ("answer", "says"),
    [((503, {}), "Microsoft does not answer"), ((400, {"error": "invalid_client"}), "Microsoft did not go on")],
)
def test_says_when_there_is_no_code_to_be_had(as_alice, provider, answer, says):
    provider.fails.append(answer)
    assert says in text(as_alice.post(BEGIN, FORM))


def test_a_code_takes_nobody_back_by_the_other_way(begun, provider):
    assert begun.get("/accounts/sign-in/microsoft/back/", {"code": "x", "state": ""}).status_code == 400


def test_an_account_that_there_is_gets_its_tokens_by_a_code_too(as_alice, account, provider, clock):
    RemoteMaildrop.objects.create(account=account, host="outlook.office365.com", port=995, login="alice@outlook.com")
    granted(account, provider, server="microsoft")
    as_alice.post(f"/accounts/{account.key}/sign-in/", {"code": "1"})
    provider.device_answer = ""
    clock[0] += 6
    assert as_alice.post(CODE).url == "/accounts/"
    account.refresh_from_db()
    assert account.grant.is_public
