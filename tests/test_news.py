"""Which mail is news, for whose browsers, and in what words."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox import news
from mailbox.models import Folder, Message, NotificationChoice, Push, PushSubscription
from mailbox.models.push import NAMED
from tests.cast import deliver, octets_of
from tests.push_service import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def woken(monkeypatch) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(news, "wake_at", lambda moment, name, pk: calls.append((name, pk)))
    return calls


def subscribed(user: User, endpoint: str = "https://push.test/1") -> PushSubscription:
    browser = Browser()
    return PushSubscription.keep(
        user, endpoint=endpoint, public_key=browser.public_key, secret=browser.secret, browser="Firefox, Linux"
    )


def came(account: MailAccount, *subjects: str, **options: Any) -> list[Message]:
    messages = deliver(account, *map(octets_of, subjects), **options)
    news.note(account, messages)
    return messages


def told(user: User) -> tuple[str, str]:
    """Return title and text of the notification; two empty ones where there is none."""
    found = news.notice_of(Push.objects.get(subscription__user=user))
    return (found.title, found.body) if found else ("", "")


def test_new_mail_waits_for_each_browser_of_each_reader(account, alice, bob, charlie, woken):
    subscribed(alice, "https://push.test/1")
    subscribed(alice, "https://push.test/2")
    subscribed(bob, "https://push.test/3")
    subscribed(charlie, "https://push.test/4")
    came(account, "Boats")
    rows = Push.objects.order_by("subscription_id")
    assert [row.subscription.user for row in rows] == [alice, alice, bob]
    assert sorted(woken) == sorted(("push", row.pk) for row in rows)


def test_costs_one_question_where_nobody_wants_to_hear(account, django_assert_num_queries):
    messages = deliver(account, *map(octets_of, ("One", "Two")))
    with django_assert_num_queries(1):
        news.note(account, messages)


def test_costs_no_question_where_nothing_is_news(account, alice, django_assert_num_queries):
    subscribed(alice)
    messages = deliver(account, octets_of("Old"), is_read=True)
    messages += deliver(account, octets_of("Mine"), folder=Folder.SENT)
    with django_assert_num_queries(0):
        news.note(account, messages)


def test_an_account_that_was_silenced_is_not_told_of(account, alice, bob):
    subscribed(alice)
    subscribed(bob, "https://push.test/2")
    choice = NotificationChoice.objects.create(user=alice)
    choice.silenced.add(account)
    came(account, "Boats")
    assert [row.subscription.user for row in Push.objects.all()] == [bob]


def test_one_message_is_told_by_its_sender_and_subject(account, alice):
    subscribed(alice)
    [message] = came(account, "Boats")
    found = news.notice_of(Push.objects.get())
    assert (found.title, found.body) == ("Dana", "Boats")
    assert (found.url, found.tag) == (f"/m/{message.key}/", message.key)


def test_more_messages_join_those_that_wait(account, alice):
    subscribed(alice)
    came(account, "One")
    came(account, "Two")
    assert told(alice) == ("2 new messages", "Dana: Two\nDana: One")
    assert news.notice_of(Push.objects.get()).url == f"/?account={account.key}"


def test_thousands_are_one_notification_once_it_is_quiet(account, alice, monkeypatch):
    subscribed(alice)
    before = timezone.now()
    for batch in range(3):
        came(account, *(f"{batch}-{number}" for number in range(100)))
    row = Push.objects.get()
    assert row.count == 300
    assert len(row.message_pks) == NAMED
    assert row.due_at > before + timedelta(seconds=15)
    assert told(alice)[0] == "300 new messages"
    assert told(alice)[1].startswith("Dana: 2-99\n")


def test_a_pull_that_lasts_is_told_of_in_the_end(account, alice):
    subscribed(alice)
    came(account, *map(str, range(10)))
    Push.objects.update(made_at=timezone.now() - timedelta(hours=1))
    came(account, "more")
    assert Push.objects.get().due_at <= timezone.now()


def test_news_wait_until_a_service_in_trouble_is_asked_again(account, alice):
    subscribed(alice)
    came(account, "One")
    later = timezone.now() + timedelta(minutes=5)
    Push.objects.update(failure_count=1, due_at=later)
    came(account, "Two")
    assert Push.objects.get().due_at == later


def test_what_was_read_meanwhile_is_not_told(account, alice):
    subscribed(alice)
    [one, two] = came(account, "One", "Two")
    Message.objects.filter(pk=one.pk).update(is_read=True)
    assert told(alice) == ("Dana", "Two")
    Message.objects.filter(pk=two.pk).update(folder=Folder.ARCHIVE)
    assert told(alice) == ("", "")


def test_a_discreet_notification_names_nobody(account, alice):
    subscribed(alice)
    NotificationChoice.objects.create(user=alice, is_discreet=True)
    came(account, "Secret")
    assert told(alice) == ("New mail", "")
    came(account, "Secret too")
    assert told(alice) == ("New mail", "2 new messages")


def test_names_the_account_where_there_are_several(account, alice):
    MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    subscribed(alice)
    came(account, "Boats")
    assert told(alice) == ("Dana", "Boats\nHome")


def test_speaks_the_reader_s_language(account, alice):
    alice.language = "ja"
    alice.save()
    subscribed(alice)
    came(account, "Boats")
    assert news.notice_of(Push.objects.get()).lang == "ja"


def test_fits_into_a_push_whatever_strangers_write(account, alice):
    subscribed(alice)
    octets = octets_of("長" * 5000, sender='"' + "名" * 3000 + '" <eve@far.test>')
    news.note(account, deliver(account, octets, octets.replace(b"A few", b"Some"), octets.replace(b"A few", b"Few")))
    assert len(news.notice_of(Push.objects.get()).octets()) < 3000


def test_nothing_in_it_turns_the_direction_of_text(account, alice):
    subscribed(alice)
    came(account, "gpj.\u202eexe")
    assert told(alice) == ("Dana", "gpj.exe")


# For the notifications of an open page


def test_an_open_page_is_told_what_came_since(account, alice):
    deliver(account, octets_of("Old"))
    Message.objects.update(stored_at=timezone.now() - timedelta(minutes=5))
    deliver(account, octets_of("Read"), is_read=True)
    deliver(account, octets_of("New", date="Mon, 24 Nov 2025 10:00:00 +0000"))
    found = news.came_since(alice, timezone.now() - timedelta(minutes=1))
    assert [(each.title, each.body) for each in found] == [("Dana", "New")]


def test_an_open_page_is_told_nothing_of_silenced_accounts_and_those_of_others(account, alice, charlie):
    deliver(account, octets_of("New"))
    since = timezone.now() - timedelta(minutes=1)
    assert news.came_since(charlie, since) == []
    choice = NotificationChoice.objects.create(user=alice)
    choice.silenced.add(account)
    assert news.came_since(alice, since) == []
