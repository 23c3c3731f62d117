"""Where a person is signed in, and ending that elsewhere."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import presence
from accounts.models import User
from accounts.sessions import prune
from mailbox.models import PushSubscription
from tests.cast import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1"


def signed_in(name: str = "alice", agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post(reverse("account_login"), {"login": name, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("settings")).status_code == 200


def the_other(client: Client) -> UserSession:
    return UserSession.objects.exclude(session_key=client.session.session_key).get()


def test_lists_each_session_in_words_and_marks_this_one(alice):
    here, _there = signed_in(), signed_in(agent=IPHONE)
    page = here.get(reverse("security")).content.decode()
    assert "Firefox, Linux" in page
    assert "Safari, iPhone" in page
    assert page.count("This one") == 1
    assert page.index("Firefox, Linux") < page.index("Safari, iPhone")


def test_signs_out_one_other(alice):
    here, there = signed_in(), signed_in(agent=IPHONE)
    here.post(reverse("session_end"), {"session": the_other(here).pk})
    assert not is_in(there)
    assert is_in(here)
    assert "iPhone" not in here.get(reverse("security")).content.decode()


def test_signs_out_all_others(alice):
    here, there, elsewhere = signed_in(), signed_in(), signed_in()
    here.post(reverse("session_end_others"))
    assert [is_in(each) for each in (here, there, elsewhere)] == [True, False, False]


def test_choosing_this_one_signs_out_here(alice):
    here = signed_in()
    answer = here.post(reverse("session_end"), {"session": UserSession.objects.get().pk})
    assert answer["Location"] == reverse("account_login")
    assert not is_in(here)


def test_an_ended_session_gets_no_answer_to_its_poll(alice):
    here, there = signed_in(), signed_in()
    since = there.get(reverse("live")).content
    assert since
    here.post(reverse("session_end_others"))
    for at in ("0", "1", "2"):
        assert there.get(reverse("live"), {"since": at}).status_code == 302


@pytest.mark.parametrize("number", ["", "x", "-1", "99999999999999999999", "²"])
def test_a_session_that_does_not_exist_is_not_found(alice, number):
    assert signed_in().post(reverse("session_end"), {"session": number}).status_code == 404


def test_nobody_ends_the_session_of_another(alice, bob):
    hers, his = signed_in("alice"), signed_in("bob")
    assert his.post(reverse("session_end"), {"session": the_other(his).pk}).status_code == 404
    his.post(reverse("session_end_others"))
    assert is_in(hers)


@pytest.mark.parametrize("name", ["session_end", "session_end_others"])
def test_ending_takes_a_post(alice, name):
    assert signed_in().get(reverse(name)).status_code == 405


def test_ending_a_session_ends_the_notifications_of_its_browser(alice):
    here, there = signed_in(), signed_in()
    kept = PushSubscription.keep(alice, endpoint="https://push.test/1", public_key="k", secret="s", browser="Safari")
    session = there.session
    session["push"] = kept.sha256
    session.save()
    here.post(reverse("session_end"), {"session": the_other(here).pk})
    assert not PushSubscription.objects.exists()


def test_a_new_password_ends_the_other_sessions_and_leaves_the_list_true(alice):
    here, there = signed_in(), signed_in(agent=IPHONE)
    new = "sails-and-lighthouses"
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert (is_in(here), is_in(there)) == (True, False)
    assert "iPhone" not in here.get(reverse("security")).content.decode()


def test_a_session_of_an_older_password_is_not_listed(alice):
    here, _there = signed_in(), signed_in(agent=IPHONE)
    alice.set_password("set-by-the-operator")
    alice.save()
    assert here.get(reverse("security")).status_code == 302
    client = Client()
    client.force_login(User.objects.get(pk=alice.pk))
    assert "iPhone" not in client.get(reverse("security")).content.decode()


def test_a_session_that_is_over_is_not_listed(alice):
    here, there = signed_in(), signed_in(agent=IPHONE)
    Session.objects.filter(pk=there.session.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert "iPhone" not in here.get(reverse("security")).content.decode()


def test_notes_now_and_then_when_a_session_was_used(alice):
    here = signed_in()
    long_ago = timezone.now() - timedelta(days=3)
    UserSession.objects.update(last_seen_at=long_ago)
    here.get(reverse("settings"))
    assert UserSession.objects.get().last_seen_at == long_ago
    presence._noted.clear()
    here.get(reverse("settings"), REMOTE_ADDR="192.0.2.7")
    noted = UserSession.objects.get()
    assert noted.last_seen_at > long_ago
    assert noted.ip == "192.0.2.7"


def test_a_session_from_before_the_list_comes_into_it(alice):
    here = signed_in()
    UserSession.objects.all().delete()
    presence._noted.clear()
    here.get(reverse("settings"))
    assert UserSession.objects.get().session_key == here.session.session_key


def test_signing_in_changes_the_key_of_the_session(alice):
    """Whoever planted a session in somebody's browser does not come in with it."""
    client = Client()
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    planted = client.session.session_key
    assert planted
    client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    assert client.session.session_key != planted
    assert not Session.objects.filter(pk=planted).exists()


def test_a_stranger_at_the_door_is_remembered_for_an_hour_and_whoever_comes_in_for_long(alice):
    client = Client()
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    assert client.session.get_expiry_age() == 3600
    client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    assert client.session.get_expiry_age() == 60 * 60 * 24 * 30


def test_sessions_that_are_over_are_forgotten(alice):
    here, there = signed_in(), signed_in()
    Session.objects.filter(pk=there.session.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))
    prune(timezone.now())
    assert Session.objects.get().session_key == UserSession.objects.get().session_key == here.session.session_key


def test_the_page_costs_the_same_whatever_the_number_of_sessions(alice, django_assert_num_queries):
    here = signed_in()
    with CaptureQueriesContext(connection) as few:
        here.get(reverse("security"))
    count = len(few)
    for _ in range(5):
        signed_in()
    with django_assert_num_queries(count):
        here.get(reverse("security"))
