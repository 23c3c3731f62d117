"""News to push services: taken, refused, out of reach; by whoever holds the row."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from py_vapid import Vapid02

from accounts.fields import UnreadableSecret
from accounts.models import MailAccount, User
from mailbox import news, pushing, tasks
from mailbox.models import Message, Push, PushSubscription, VapidKey
from tests.cast import deliver, octets_of
from tests.push_service import Browser, PushService

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def woken(monkeypatch) -> list[tuple[str, int]]:
    calls: list[tuple[str, int]] = []
    monkeypatch.setattr(news, "wake_at", lambda _moment, name, pk: calls.append((name, pk)))
    monkeypatch.setattr(tasks, "wake", lambda name, pk: calls.append((name, pk)))
    return calls


@pytest.fixture
def service(settings) -> Iterator[PushService]:
    settings.PRIVATE_PUSH_HOSTS = ["127.0.0.1"]
    with PushService() as service:
        yield service


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def subscription(alice: User, service: PushService, browser: Browser) -> PushSubscription:
    return PushSubscription.keep(
        alice, endpoint=service.endpoint, public_key=browser.public_key, secret=browser.secret, browser="Firefox"
    )


def news_of(account: MailAccount, *subjects: str) -> Push:
    news.note(account, deliver(account, *map(octets_of, subjects)))
    return Push.objects.get()


def test_the_browser_reads_what_came(account, service, browser, subscription):
    waiting = news_of(account, "Boats")
    pushing.push(waiting)
    told = browser.read(service.contents[0])
    assert (told["title"], told["body"], told["url"]) == ("Dana", "Boats", f"/m/{Message.objects.get().key}/")
    assert not Push.objects.exists()
    subscription.refresh_from_db()
    assert subscription.told_at


def test_the_service_learns_who_asks_and_nothing_of_the_mail(account, service, subscription):
    pushing.push(news_of(account, "Boats"))
    assert service.requests == [b"POST /push/of-a-browser HTTP/1.1"]
    assert Vapid02.verify(service.fields["authorization"])
    assert service.fields["authorization"].endswith(f"k={VapidKey.current().public}")
    assert service.fields["content-encoding"] == "aes128gcm"
    assert Message.objects.get().key not in str(service.heard)


def test_one_and_the_same_key_for_every_push(db):
    assert VapidKey.current().public == VapidKey.current().public
    assert len(VapidKey.current().public) == 87


def test_the_key_lies_sealed_in_the_database(db):
    key = VapidKey.current()
    with connection.cursor() as cursor:
        cursor.execute("SELECT private FROM mailbox_vapidkey")
        [(sealed,)] = cursor.fetchall()
    assert key.private not in sealed


def test_a_key_that_cannot_be_read_any_more_is_made_anew(subscription, settings):
    old = VapidKey.current().public
    settings.FIELD_KEYS = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
    assert isinstance(VapidKey.objects.get().private, UnreadableSecret)
    assert VapidKey.current().public != old
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "403 Forbidden"])
def test_a_browser_that_is_gone_is_forgotten(account, service, subscription, status):
    service.status = status
    pushing.push(news_of(account, "Boats"))
    assert not PushSubscription.objects.exists()
    assert not Push.objects.exists()


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "429 Too Many Requests"])
def test_a_service_in_trouble_is_asked_again_later(account, service, subscription, status):
    service.status = status
    waiting = news_of(account, "Boats")
    pushing.push(waiting)
    waiting.refresh_from_db()
    assert waiting.failure_count == 1
    assert waiting.claimed_at is None
    assert waiting.due_at > timezone.now() + timedelta(seconds=50)
    assert PushSubscription.objects.exists()


def test_a_service_out_of_reach_is_asked_again_later(account, service, subscription):
    waiting = news_of(account, "Boats")
    PushSubscription.objects.update(endpoint="http://127.0.0.1:9/")
    pushing.push(waiting)
    waiting.refresh_from_db()
    assert waiting.failure_count == 1


def test_yesterday_s_news_are_given_up(account, service, subscription):
    service.status = "503 Busy"
    waiting = news_of(account, "Boats")
    Push.objects.update(made_at=timezone.now() - timedelta(days=2))
    pushing.push(waiting)
    assert not Push.objects.exists()
    assert PushSubscription.objects.exists()


def test_what_is_refused_is_not_asked_again_and_counted(account, service, subscription):
    service.status = "400 Bad Request"
    pushing.push(news_of(account, "Boats"))
    assert not Push.objects.exists()
    assert PushSubscription.objects.get().refused_count == 1


def test_a_browser_whose_service_always_refuses_is_forgotten(account, service, subscription):
    service.status = "400 Bad Request"
    PushSubscription.objects.update(refused_count=9)
    pushing.push(news_of(account, "Boats"))
    assert not PushSubscription.objects.exists()


def test_a_private_address_is_never_asked(account, service, subscription, settings):
    settings.PRIVATE_PUSH_HOSTS = []
    PushSubscription.objects.update(endpoint=service.endpoint.replace("http://", "https://"))
    pushing.push(news_of(account, "Boats"))
    assert service.lines == []
    assert PushSubscription.objects.get().refused_count == 1


def test_nothing_is_pushed_without_tls(account, service, subscription, settings):
    settings.PRIVATE_PUSH_HOSTS = []
    pushing.push(news_of(account, "Boats"))
    assert service.lines == []


def test_what_was_read_meanwhile_is_not_pushed(account, service, subscription):
    waiting = news_of(account, "Boats")
    Message.objects.update(is_read=True)
    pushing.push(waiting)
    assert service.lines == []
    assert not Push.objects.exists()


def test_a_new_password_ends_what_other_browsers_have_subscribed_to(account, alice, service, subscription):
    waiting = news_of(account, "Boats")
    alice.set_password("another quiet password")
    alice.save()
    pushing.push(waiting)
    assert service.lines == []
    assert not PushSubscription.objects.exists()


def test_another_worker_s_row_is_left_alone(account, service, subscription):
    waiting = news_of(account, "Boats")
    assert Push.objects.get().claim(timezone.now())
    pushing.push(waiting)
    assert service.lines == []


def test_what_comes_during_a_push_waits_for_the_next(account, service, browser, subscription):
    waiting = news_of(account, "One")
    assert waiting.claim(timezone.now())
    news_of(account, "Two")
    waiting.sent(timezone.now())
    left = Push.objects.get()
    assert (left.count, left.claimed_at) == (1, None)
    pushing.push(left)
    assert browser.read(service.contents[-1])["body"] == "Two"


def test_the_tick_wakes_what_a_lost_task_left(account, subscription, woken):
    waiting = news_of(account, "Boats")
    woken.clear()
    tasks.push_due()
    assert woken == [("push", waiting.pk)]


def test_the_task_pushes_and_may_run_twice(account, service, subscription):
    waiting = news_of(account, "Boats")
    tasks.push(waiting.pk)
    tasks.push(waiting.pk)
    assert len(service.lines) == 1
