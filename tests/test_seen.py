"""What each member has read is his own; of the owner the mail itself says it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MailAccount, Membership, User
from mailbox import labelling, news, quiet, reading, threads, undoing
from mailbox.models import Entry, Folder, Label, Labelled, Message, Push, PushSubscription, Thread, Unread
from mailbox.views.sidebar import sidebar
from tests.cast import deliver, octets_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(account: MailAccount) -> Message:
    [message] = deliver(account, octets_of("Hello"))
    return message


def unread_for(user: User) -> str:
    return sidebar(user).unread


def open_page(client: Client, user: User, message: Message) -> str:
    client.force_login(user)
    return client.get(f"/m/{message.key}/").content.decode()


def test_new_mail_is_unread_for_the_owner_and_for_each_member(account, alice, bob, message):
    assert (unread_for(alice), unread_for(bob)) == ("1", "1")


def test_what_a_member_reads_stays_unread_for_the_owner(account, alice, bob, message):
    reading.mark_read([message.thread_id], reader=bob.pk)
    assert (unread_for(alice), unread_for(bob)) == ("1", "")


def test_what_the_owner_reads_stays_unread_for_a_member(account, alice, bob, message):
    reading.mark_read([message.thread_id], reader=alice.pk)
    assert (unread_for(alice), unread_for(bob)) == ("", "1")


def test_opening_a_conversation_marks_it_for_its_reader_alone(client, account, alice, bob, message):
    client.force_login(bob)
    client.post(f"/m/{message.key}/read/", {"by_itself": "1"})
    assert "row--unread" not in client.get("/").content.decode()
    client.force_login(alice)
    assert "row--unread" in client.get("/").content.decode()


def test_a_sheet_is_unread_for_whoever_has_not_read_it(client, account, alice, bob, message):
    reading.mark_read([message.thread_id], reader=alice.pk)
    assert "message--unread" not in open_page(client, alice, message)
    assert "message--unread" in open_page(client, bob, message)


def test_marking_as_unread_concerns_the_newest_message(account, bob):
    first, second = deliver(
        account,
        octets_of("Hello", message_id="1@far.test"),
        octets_of("Hello", references=["1@far.test"], date="Tue, 25 Nov 2025 09:00:00 +0000"),
    )
    reading.mark_read([first.thread_id], reader=bob.pk)
    reading.mark_unread([first.thread_id], reader=bob.pk)
    assert Unread.objects.get().since == second.received_at


def test_mail_of_before_he_came_is_there_at_once_read_and_costs_no_row(account, charlie, message):
    Membership.objects.create(account=account, user=charlie)
    assert Message.objects.visible_to(charlie).get() == message
    assert unread_for(charlie) == ""
    assert not Unread.objects.filter(membership__user=charlie).exists()


def test_an_account_without_members_costs_no_row_and_no_query_more(account, alice):
    def cost(subject: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            deliver(account, octets_of(subject))
        return len(queries)

    with_member = cost("One")
    account.memberships.all().delete()
    alone = cost("Two")
    assert not Unread.objects.exists()
    assert with_member == alone + 1


def test_the_cost_of_an_act_is_the_same_for_those_who_share_nothing(account, alice, message):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            undoing.perform(alice, [message.thread_id], lambda ids: reading.mark_read(ids, reader=alice.pk))
        threads.mark_unread([message.thread_id])
        return len([each for each in queries if "unread_since" in each["sql"] or "mailbox_unread" in each["sql"]])

    assert cost() == 0


def test_an_act_of_a_member_is_taken_back_exactly(account, alice, bob, message):
    key = undoing.perform(bob, [message.thread_id], lambda ids: reading.mark_read(ids, reader=bob.pk))
    undoing.take_back(bob, key)
    assert (unread_for(alice), unread_for(bob)) == ("1", "1")


def test_marking_many_takes_own_and_shared_conversations_alike(account, alice, bob, message):
    own = MailAccount.objects.create(owner=bob, name="Bob", address="bob@home.test")
    [mine] = deliver(own, octets_of("Mine"))
    reading.mark_read([message.thread_id, mine.thread_id], reader=bob.pk)
    assert unread_for(bob) == ""
    assert unread_for(alice) == "1"


def test_all_in_the_view_are_read_also_those_that_the_owner_has_read(client, account, alice, bob, message):
    reading.mark_read([message.thread_id], reader=alice.pk)
    client.force_login(bob)
    client.post("/selection/", {"verb": "read", "all": "1"})
    assert unread_for(bob) == ""


def test_what_wakes_is_unread_for_everybody(account, alice, bob, message):
    for each in (alice, bob):
        reading.mark_read([message.thread_id], reader=each.pk)
    quiet.snooze([message.thread_id], until=(timezone.now() - timedelta(minutes=1)).isoformat())
    quiet.wake_due(timezone.now())
    assert (unread_for(alice), unread_for(bob)) == ("1", "1")


def test_conversations_that_become_one_are_as_unread_as_they_were(account, bob):
    one, _other = deliver(
        account, octets_of("Hello", message_id="1@far.test"), octets_of("Hello", message_id="2@far.test")
    )
    reading.mark_read([one.thread_id], reader=bob.pk)
    deliver(account, octets_of("Joins", references=["1@far.test", "2@far.test"]), is_read=True)
    assert Unread.objects.get().thread == Thread.objects.get()
    assert unread_for(bob) == "1"


def test_a_member_s_label_counts_what_he_has_not_read(account, alice, bob, message):
    label = Label.objects.create(owner=bob, name="Work")
    labelling.label([message.thread_id], label=label.pk)
    assert Labelled.objects.get().is_unread
    reading.mark_read([message.thread_id], reader=bob.pk)
    assert not Labelled.objects.get().is_unread
    reading.mark_unread([message.thread_id], reader=bob.pk)
    assert Labelled.objects.get().is_unread


def test_a_notification_is_for_those_who_have_not_read_it(account, alice, bob, message):
    reading.mark_read([message.thread_id], reader=alice.pk)
    assert news.came_since(alice, message.stored_at - timedelta(seconds=1)) == []
    assert len(news.came_since(bob, message.stored_at - timedelta(seconds=1))) == 1


def test_what_a_member_has_read_is_not_pushed_to_him(account, bob):
    subscription = PushSubscription.keep(bob, endpoint="https://push.test/1", public_key="x", secret="x", browser="x")
    [message] = deliver(account, octets_of("Hello"))
    waiting = Push.add(subscription, [message], timezone.now())
    waiting.refresh_from_db()
    assert news.notice_of(waiting) is not None
    reading.mark_read([message.thread_id], reader=bob.pk)
    assert news.notice_of(waiting) is None


@pytest.mark.parametrize("count", [1, 60])
def test_the_list_of_a_member_costs_one_question_more_whatever_is_in_it(client, account, bob, count):
    deliver(account, *(octets_of(f"Hello {number}") for number in range(count)))
    client.force_login(bob)
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    asked = [each["sql"] for each in queries if "mailbox_unread" in each["sql"]]
    # The counter of the side bar is part of its own question.
    assert len(asked) == 2


def test_a_sent_message_is_unread_for_nobody(account, bob, message):
    reading.mark_read([message.thread_id], reader=bob.pk)
    deliver(account, octets_of("Answer"), folder=Folder.SENT)
    assert not Unread.objects.exists()
    assert Entry.objects.filter(folder=Folder.SENT).count() == 1
