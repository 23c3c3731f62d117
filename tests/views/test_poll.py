"""The poll that is answered before anything else is set up: only to whom the long way would say the same."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox.views import live
from mailbox.views.pulse import pulse_of
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def long_way(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which polls have gone the ordinary way."""
    calls: list[str] = []

    def pulse(user_pk: int) -> object:
        calls.append("live")
        return pulse_of(user_pk)

    monkeypatch.setattr(live, "pulse_of", pulse)
    return calls


def poll(web: Client, user: User) -> int:
    return web.get("/live/", {"since": str(pulse_of(user.pk))}).status_code


def test_answers_by_itself_while_nothing_changed(web, alice, long_way):
    assert poll(web, alice) == 204
    assert long_way == []


def test_leaves_news_to_the_long_way(web, alice, long_way):
    assert web.get("/live/", {"since": "x"}).status_code == 200
    assert long_way == ["live"]


def test_whoever_is_signed_out_is_sent_to_the_sign_in(client, alice, account):
    response = client.get("/live/", {"since": str(pulse_of(alice.pk))})
    assert response.status_code == 302
    assert response.url.startswith("/account/login/")


def test_a_session_that_has_expired_counts_no_more(web, alice):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert poll(web, alice) == 302


def test_a_session_ends_with_the_password_of_its_time(web, alice):
    alice.set_password("another quiet password")
    alice.save()
    assert poll(web, alice) == 302


def test_a_person_who_was_shut_out_hears_nothing(web, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert poll(web, alice) == 302


@pytest.mark.parametrize("cookie", ["x", "'; --", '"\\000"'])
def test_a_cookie_that_names_no_session_does_no_harm(client, alice, account, cookie):
    client.cookies["sessionid"] = cookie
    assert poll(client, alice) == 302


def test_a_damaged_session_does_no_harm(web, alice):
    Session.objects.update(session_data="rubbish")
    assert poll(web, alice) == 302


def test_refuses_another_verb(web):
    assert web.post("/live/").status_code == 405


def test_one_person_s_pulse_tells_another_nothing(client, alice, account, charlie):
    client.login(username=charlie.username, password=PASSWORD)
    assert poll(client, alice) == 200
