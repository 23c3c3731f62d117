"""Conversations: who belongs to whom, what the lists show, what a person does."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import MailAccount, User
from mailbox import threads
from mailbox.models import Entry, Folder, Message, Thread, ThreadReference
from tests.cast import deliver, octets_of

A, B, C = (
    octets_of("Lunch", message_id="a@x.test", date="Mon, 24 Nov 2025 09:00:00 +0000", sender="Ann <ann@x.test>"),
    octets_of(
        "Re: Lunch",
        message_id="b@x.test",
        references=["a@x.test"],
        date="Mon, 24 Nov 2025 10:00:00 +0000",
        sender="Ben <ben@x.test>",
    ),
    octets_of(
        "Re: Lunch",
        message_id="c@x.test",
        references=["a@x.test", "b@x.test"],
        date="Mon, 24 Nov 2025 11:00:00 +0000",
        sender="Ann <ann@x.test>",
    ),
)


@pytest.mark.parametrize("order", list(itertools.permutations([A, B, C])))
@pytest.mark.parametrize("is_one_batch", [True, False])
def test_joins_a_conversation_in_whatever_order_it_arrives(
    account: MailAccount, order: tuple[bytes, ...], is_one_batch: bool
) -> None:
    if is_one_batch:
        deliver(account, *order)
    else:
        for octets in order:
            deliver(account, octets)
    assert Thread.objects.count() == 1
    entry = Entry.objects.get()
    assert (entry.message_count, entry.unread_count, entry.subject) == (3, 3, "Lunch")
    assert entry.senders == [["Ben", True], ["Ann", True]]
    assert entry.key == Message.objects.get(message_id="c@x.test").key


def test_joins_two_answers_to_a_message_that_never_came(account: MailAccount) -> None:
    deliver(account, octets_of("Re: x", message_id="1@x.test", references=["gone@x.test"]))
    deliver(account, octets_of("Re: x", message_id="2@x.test", references=["gone@x.test"]))
    assert Thread.objects.count() == 1


def test_merges_threads_that_turn_out_to_be_one(account: MailAccount) -> None:
    deliver(account, octets_of(message_id="1@x.test"), octets_of("other", message_id="2@x.test"))
    assert Thread.objects.count() == 2
    deliver(account, octets_of("both", message_id="3@x.test", references=["1@x.test", "2@x.test"]))
    assert Thread.objects.count() == 1
    assert Entry.objects.get().message_count == 3
    assert set(ThreadReference.objects.values_list("thread", flat=True)) == {Thread.objects.get().pk}


def test_a_chain_within_a_batch_meets_two_stored_threads(account: MailAccount) -> None:
    deliver(account, octets_of(message_id="1@x.test"), octets_of("other", message_id="9@x.test"))
    deliver(
        account,
        octets_of("p", message_id="p@x.test", references=["1@x.test"]),
        octets_of("q", message_id="q@x.test", references=["9@x.test"]),
        octets_of("r", message_id="r@x.test", references=["p@x.test", "q@x.test"]),
    )
    assert Thread.objects.count() == 1
    assert Entry.objects.get().message_count == 5


def test_messages_without_ids_stay_apart(account: MailAccount) -> None:
    deliver(account, octets_of("one"), octets_of("two"))
    assert Thread.objects.count() == 2


def test_an_id_of_another_account_joins_nothing(account: MailAccount, charlie: User) -> None:
    other = MailAccount.objects.create(owner=charlie, name="Home", address="charlie@home.test")
    deliver(account, A)
    deliver(other, B)
    assert Thread.objects.count() == 2


def test_an_id_that_is_too_long_for_its_column_still_joins(account: MailAccount) -> None:
    long = "x" * 400 + "@x.test"
    deliver(account, octets_of(message_id=long))
    deliver(account, octets_of("Re", message_id="2@x.test", references=[long]))
    assert Thread.objects.count() == 1


def test_an_answer_and_its_question_are_one_line_in_each_folder(account: MailAccount) -> None:
    deliver(account, A)
    deliver(account, B, folder=Folder.SENT, is_read=True)
    assert set(Entry.objects.values_list("folder", "message_count")) == {("inbox", 2), ("sent", 2)}


def test_archives_and_brings_back(account: MailAccount) -> None:
    (message,) = deliver(account, A)
    threads.archive([message.thread_id])
    assert Entry.objects.get().folder == Folder.ARCHIVE
    threads.to_inbox([message.thread_id])
    assert Entry.objects.get().folder == Folder.INBOX


def test_restores_each_message_to_where_it_was(account: MailAccount) -> None:
    (message,) = deliver(account, A)
    deliver(account, B, folder=Folder.SENT, is_read=True)
    threads.trash([message.thread_id])
    assert set(Entry.objects.values_list("folder", "message_count")) == {("trash", 2)}
    assert all(each.trashed_at for each in Message.objects.all())
    threads.restore([message.thread_id])
    assert set(Entry.objects.values_list("folder", flat=True)) == {"inbox", "sent"}
    assert not any(each.trashed_at for each in Message.objects.all())


def test_trashing_twice_still_restores(account: MailAccount) -> None:
    (message,) = deliver(account, A)
    threads.trash([message.thread_id])
    threads.trash([message.thread_id])
    threads.restore([message.thread_id])
    assert Entry.objects.get().folder == Folder.INBOX


def test_reads_all_and_unreads_the_newest(account: MailAccount) -> None:
    (message, *_) = deliver(account, A, B, C)
    threads.mark_read([message.thread_id])
    assert Entry.objects.get().unread_count == 0
    threads.mark_unread([message.thread_id])
    assert Entry.objects.get().senders == [["Ben", False], ["Ann", True]]
    assert list(Message.objects.filter(is_read=False).values_list("message_id", flat=True)) == ["c@x.test"]


def test_stars_the_newest_and_unstars_all(account: MailAccount) -> None:
    (message, *_) = deliver(account, A, B)
    threads.star([message.thread_id])
    assert list(Message.objects.filter(is_starred=True).values_list("message_id", flat=True)) == ["b@x.test"]
    assert Entry.objects.get().is_starred
    threads.unstar([message.thread_id])
    assert not Entry.objects.get().is_starred


def test_an_entry_keeps_its_row_when_it_is_derived_again(account: MailAccount) -> None:
    (message,) = deliver(account, A)
    before = Entry.objects.get().pk
    deliver(account, B)
    threads.refresh([message.thread_id])
    assert Entry.objects.get().pk == before


@pytest.mark.parametrize("act", [threads.star, threads.mark_unread, threads.archive, threads.trash, threads.spam])
def test_an_act_asks_as_often_for_a_hundred_conversations(account: MailAccount, act: threads.Act) -> None:
    def cost(count: int) -> int:
        messages = deliver(account, *(octets_of(f"{count} {number}") for number in range(count)))
        with CaptureQueriesContext(connection) as queries:
            act([each.thread_id for each in messages])
        return len(queries)

    assert cost(100) == cost(2)
