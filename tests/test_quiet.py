"""What sleeps comes back in time, and what is muted stays out of the inbox."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MailAccount
from mailbox import quiet, threads
from mailbox.models import Entry, Folder, Message, ThreadMark
from mailbox.tasks import wake_due
from tests.cast import deliver, octets_of

ANSWER = octets_of("Re: Tea", message_id="b@x.test", references=["a@x.test"])


@pytest.fixture
def tea(account: MailAccount) -> Message:
    return deliver(account, octets_of("Tea", message_id="a@x.test"), is_read=True)[0]


def snooze(message: Message, hours: float = 1) -> None:
    quiet.snooze([message.thread_id], until=(timezone.now() + timedelta(hours=hours)).isoformat())


def folders() -> dict[str, str]:
    return dict(Entry.objects.values_list("subject", "folder"))


def test_a_snoozed_conversation_is_in_no_other_list(tea: Message) -> None:
    snooze(tea)
    assert folders() == {"Tea": "snoozed"}


def test_comes_back_on_top_and_unread_when_its_time_has_come(account: MailAccount, tea: Message) -> None:
    deliver(account, octets_of("Newer", date=timezone.now().strftime("%a, %d %b %Y %H:%M:%S +0000")))
    snooze(tea, hours=-1)
    wake_due()
    assert list(Entry.objects.order_by("-newest_at").values_list("subject", flat=True)) == ["Tea", "Newer"]
    assert Entry.objects.get(subject="Tea").unread_count == 1
    assert Entry.objects.get(subject="Tea").folder == Folder.INBOX


def test_stays_on_top_when_its_entries_are_derived_again(account: MailAccount, tea: Message) -> None:
    snooze(tea, hours=-1)
    wake_due()
    before = Entry.objects.get().newest_at
    threads.mark_read([tea.thread_id])
    assert Entry.objects.get().newest_at == before


def test_sleeps_on_while_its_time_has_not_come(tea: Message) -> None:
    snooze(tea)
    assert quiet.wake_due(timezone.now()) == 0
    assert folders() == {"Tea": "snoozed"}


def test_wakes_once_however_often_it_is_called(tea: Message) -> None:
    snooze(tea, hours=-1)
    assert quiet.wake_due(timezone.now()) == 1
    threads.archive([tea.thread_id])
    assert quiet.wake_due(timezone.now()) == 0
    quiet.wake([tea.thread_id])
    assert folders() == {"Tea": "archive"}


def test_another_time_takes_the_place_of_the_first(tea: Message) -> None:
    snooze(tea, hours=-1)
    snooze(tea, hours=5)
    assert quiet.wake_due(timezone.now()) == 0


def test_an_answer_wakes_it_at_once(account: MailAccount, tea: Message) -> None:
    snooze(tea)
    deliver(account, ANSWER)
    assert set(Entry.objects.values_list("folder", "message_count")) == {("inbox", 2)}
    assert quiet.wake_due(timezone.now() + timedelta(days=1)) == 0


def test_what_the_reader_writes_himself_does_not_wake_it(account: MailAccount, tea: Message) -> None:
    snooze(tea)
    deliver(account, ANSWER, folder=Folder.SENT, is_read=True)
    assert set(Entry.objects.values_list("folder", flat=True)) == {"snoozed", "sent"}


def test_an_archived_conversation_can_be_snoozed(tea: Message) -> None:
    threads.archive([tea.thread_id])
    snooze(tea)
    assert folders() == {"Tea": "snoozed"}


def test_only_what_others_wrote_sleeps(account: MailAccount) -> None:
    [sent] = deliver(account, octets_of("Mine"), folder=Folder.SENT)
    snooze(sent)
    assert folders() == {"Mine": "sent"}
    assert not ThreadMark.objects.exists()


@pytest.mark.parametrize(("act", "folder"), [(threads.archive, "archive"), (threads.to_inbox, "inbox")])
def test_what_is_moved_by_hand_is_woken_no_more(tea: Message, act: threads.Act, folder: str) -> None:
    snooze(tea)
    act([tea.thread_id])
    assert quiet.wake_due(timezone.now() + timedelta(days=1)) == 0
    assert folders() == {"Tea": folder}


def test_what_is_put_back_from_the_trash_does_not_sleep_for_ever(tea: Message) -> None:
    snooze(tea)
    threads.trash([tea.thread_id])
    threads.restore([tea.thread_id])
    assert folders() == {"Tea": "inbox"}


def test_conversations_that_turn_out_to_be_one_sleep_until_the_first_of_them_wakes(
    account: MailAccount, tea: Message
) -> None:
    [other] = deliver(account, octets_of("Cake", message_id="c@x.test"))
    snooze(tea, hours=-1)
    snooze(other, hours=5)
    deliver(account, octets_of("Both", references=["a@x.test", "c@x.test"]), folder=Folder.SENT)
    assert ThreadMark.objects.get().wakes_at
    assert quiet.wake_due(timezone.now()) == 1
    assert not Entry.objects.filter(folder=Folder.SNOOZED).exists()


def test_new_messages_of_a_muted_conversation_go_past_the_inbox(account: MailAccount, tea: Message) -> None:
    quiet.mute([tea.thread_id])
    deliver(account, ANSWER)
    assert set(Entry.objects.values_list("folder", "message_count")) == {("archive", 2)}


def test_a_muted_conversation_sleeps_no_more(account: MailAccount, tea: Message) -> None:
    snooze(tea)
    quiet.mute([tea.thread_id])
    assert quiet.wake_due(timezone.now() + timedelta(days=1)) == 0
    assert folders() == {"Tea": "archive"}


def test_new_messages_come_again_when_it_is_unmuted(account: MailAccount, tea: Message) -> None:
    quiet.mute([tea.thread_id])
    quiet.unmute([tea.thread_id])
    deliver(account, ANSWER)
    assert set(Entry.objects.values_list("folder", flat=True)) == {"archive", "inbox"}


def test_a_conversation_that_joins_a_muted_one_is_muted(account: MailAccount, tea: Message) -> None:
    quiet.mute([tea.thread_id])
    deliver(account, octets_of("Cake", message_id="c@x.test"))
    deliver(account, octets_of("Both", references=["a@x.test", "c@x.test"]))
    assert ThreadMark.objects.get().is_muted
    assert Message.objects.get(subject="Both").folder == Folder.ARCHIVE


def test_a_delivery_asks_as_often_however_many_messages_come(account: MailAccount) -> None:
    def cost(count: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            deliver(account, *(octets_of(f"{count} {number}") for number in range(count)))
        return len(queries)

    assert cost(100) == cost(10)
