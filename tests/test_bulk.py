"""An act on many conversations: batch by batch, over the death of a worker, stopped, and taken back exactly."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox import bulk, labelling, threads
from mailbox.extent import Extent
from mailbox.models import BulkAct, Entry, Folder, Label, Message
from tests.cast import deliver, octets_of


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)


@pytest.fixture
def messages(account: MailAccount) -> list[Message]:
    """Five conversations in Alice's inbox."""
    return deliver(account, *(octets_of(f"Letter {number}") for number in range(5)))


def threads_of(messages: Sequence[Message]) -> list[int]:
    return [message.thread_id for message in messages]


def folders(messages: Sequence[Message]) -> list[str]:
    return list(
        Message.objects.filter(pk__in=[each.pk for each in messages]).order_by("pk").values_list("folder", flat=True)
    )


def test_does_all_of_it_while_somebody_waits(alice: User, messages: list[Message]) -> None:
    act = bulk.begin(alice, "archive", threads_of(messages), is_awaited=True)
    assert (act.state, act.done_count, act.claimed_at) == ("done", 5, None)
    assert folders(messages) == ["archive"] * 5
    assert Entry.objects.filter(folder=Folder.ARCHIVE).count() == 5


def test_leaves_a_long_one_to_a_worker(alice: User, messages: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, int]] = []
    monkeypatch.setattr(bulk, "wake", lambda name, pk: woken.append((name, pk)))
    act = bulk.begin(alice, "archive", threads_of(messages), is_awaited=False)
    assert woken == [("act_on_many", act.pk)]
    assert act.is_under_way
    assert folders(messages) == ["inbox"] * 5


def test_takes_back_exactly_what_it_did(alice: User, messages: list[Message]) -> None:
    threads.archive([messages[0].thread_id])
    act = bulk.begin(alice, "archive", threads_of(messages), is_awaited=True)
    assert bulk.undo(act, is_awaited=True)
    assert folders(messages) == ["archive", "inbox", "inbox", "inbox", "inbox"]
    act.refresh_from_db()
    assert (act.state, act.done_count) == ("undone", 0)


def test_taking_back_leaves_alone_what_it_did_not_change(alice: User, messages: list[Message]) -> None:
    act = bulk.begin(alice, "archive", threads_of(messages[:3]), is_awaited=True)
    threads.trash([messages[4].thread_id])
    bulk.undo(act, is_awaited=True)
    assert folders(messages) == ["inbox", "inbox", "inbox", "inbox", "trash"]


def test_an_act_may_be_given_something_beside_the_conversations(alice: User, messages: list[Message]) -> None:
    until = (timezone.now() + timedelta(days=1)).isoformat()
    act = bulk.begin(alice, "snooze", threads_of(messages), is_awaited=True, given={"until": until})
    assert folders(messages) == ["snoozed"] * 5
    bulk.undo(act, is_awaited=True)
    assert folders(messages) == ["inbox"] * 5


@pytest.mark.parametrize(
    "verb", sorted(bulk.CHANGES.keys() - {"snooze", "label", "unlabel", "unmute", "assign", "done", "reopen"})
)
def test_every_verb_can_be_taken_back(alice: User, messages: list[Message], verb: str) -> None:
    threads.archive([messages[0].thread_id])
    threads.trash([messages[1].thread_id])
    threads.star([messages[2].thread_id])
    threads.mark_read([messages[3].thread_id])
    threads.spam([messages[4].thread_id])
    columns = ("pk", "folder", "is_read", "is_starred", "trashed_from")
    before = list(Message.objects.order_by("pk").values_list(*columns))
    entries = list(Entry.objects.order_by("thread").values_list("thread", "folder", "unread_count", "is_starred"))
    act = bulk.begin(alice, verb, threads_of(messages), is_awaited=True)
    assert list(Message.objects.order_by("pk").values_list(*columns)) != before
    bulk.undo(act, is_awaited=True)
    assert list(Message.objects.order_by("pk").values_list(*columns)) == before
    again = Entry.objects.order_by("thread").values_list("thread", "folder", "unread_count", "is_starred")
    assert list(again) == entries


def test_is_taken_back_only_once(alice: User, messages: list[Message]) -> None:
    act = bulk.begin(alice, "archive", threads_of(messages), is_awaited=True)
    assert bulk.undo(act, is_awaited=True)
    assert not bulk.undo(act, is_awaited=True)


def test_goes_on_where_a_dead_worker_stopped(
    alice: User, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    act = bulk.begin(alice, "archive", threads_of(messages), is_awaited=False)
    dies_after(monkeypatch, batches=1)
    with pytest.raises(Died):
        bulk.run(act, pause_seconds=0)
    assert folders(messages).count("archive") == 2
    # The claim of a process that is gone is free at once, and that of this one goes stale.
    BulkAct.objects.update(claimed_at=timezone.now() - timedelta(minutes=20))
    monkeypatch.undo()
    [left] = BulkAct.objects.due(timezone.now())
    bulk.run(left, pause_seconds=0)
    assert folders(messages) == ["archive"] * 5
    left.refresh_from_db()
    assert (left.state, left.done_count) == ("done", 5)
    bulk.undo(left, is_awaited=True)
    assert folders(messages) == ["inbox"] * 5


class Died(Exception):
    """What ends a worker in the middle of a batch."""


def dies_after(monkeypatch: pytest.MonkeyPatch, *, batches: int) -> None:
    """Let the act die within the transaction of the batch after these."""
    done: list[int] = []

    def archive(thread_ids: Sequence[int]) -> None:
        threads.archive(thread_ids)
        done.append(1)
        if len(done) > batches:
            raise Died

    monkeypatch.setattr(bulk, "CHANGES", {"archive": archive})


def test_nobody_else_works_on_a_claimed_act(alice: User, messages: list[Message]) -> None:
    act = bulk.begin(alice, "archive", threads_of(messages), is_awaited=False)
    assert act.claim(timezone.now())
    bulk.run(BulkAct.objects.get(), pause_seconds=0)
    assert folders(messages) == ["inbox"] * 5


def test_stops_between_two_batches_and_can_be_taken_back(
    alice: User, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    act = bulk.begin(alice, "archive", threads_of(messages), is_awaited=False)
    monkeypatch.setattr(bulk.time, "sleep", lambda _seconds: act.stop())
    bulk.run(act)
    act.refresh_from_db()
    assert (act.state, act.done_count) == ("stopped", 2)
    assert act.can_be_undone
    monkeypatch.undo()
    bulk.undo(act, is_awaited=True)
    assert folders(messages) == ["inbox"] * 5


def test_a_worker_that_is_told_to_end_gives_the_act_back(
    alice: User, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    act = bulk.begin(alice, "archive", threads_of(messages), is_awaited=False)
    monkeypatch.setattr(bulk.time, "sleep", lambda _seconds: bulk.stopping.set())
    try:
        bulk.run(act)
    finally:
        bulk.stopping.clear()
    [left] = BulkAct.objects.due(timezone.now())
    assert (left.state, left.done_count) == ("doing", 2)


def test_touches_no_account_that_the_person_may_not_read_any_more(
    alice: User, bob: User, account: MailAccount, messages: list[Message]
) -> None:
    act = bulk.begin(bob, "trash", threads_of(messages), is_awaited=False)
    account.memberships.all().delete()
    bulk.run(act, pause_seconds=0)
    assert folders(messages) == ["inbox"] * 5


def test_passes_over_a_conversation_that_is_gone(alice: User, messages: list[Message]) -> None:
    act = bulk.begin(alice, "archive", [*threads_of(messages), 10_000], is_awaited=True)
    assert (act.state, act.done_count) == ("done", 6)


def test_is_forgotten_after_hours_unless_it_is_under_way(alice: User, messages: list[Message]) -> None:
    bulk.begin(alice, "archive", threads_of(messages), is_awaited=True)
    going = bulk.begin(alice, "star", threads_of(messages), is_awaited=False)
    BulkAct.prune(timezone.now() + timedelta(days=2))
    assert list(BulkAct.objects.all()) == [going]


# A whole list ---------------------------------------------------------------------------------------------------------


def of_inbox(account: MailAccount) -> Extent:
    return Extent.now([account.pk], folder="inbox")


def test_of_a_whole_list_nothing_is_listed_while_somebody_waits(
    alice: User, account: MailAccount, messages: list[Message], django_assert_num_queries
) -> None:
    # The end of each of two indexes, the row, and the transaction around it.
    with django_assert_num_queries(5):
        act = bulk.begin_all(alice, "archive", of_inbox(account))
    assert not act.is_listed
    bulk.run(act, pause_seconds=0)
    assert (act.state, act.conversation_count, act.done_count) == ("done", 5, 5)
    assert folders(messages) == ["archive"] * 5


def test_what_comes_after_the_press_does_not_belong_to_the_list(
    alice: User, account: MailAccount, messages: list[Message]
) -> None:
    act = bulk.begin_all(alice, "star", of_inbox(account))
    [late] = deliver(account, octets_of("Late"))
    bulk.run(act, pause_seconds=0)
    late.refresh_from_db()
    assert (act.done_count, late.is_starred) == (5, False)


def test_an_answer_that_nobody_has_seen_is_not_put_away(alice: User, account: MailAccount) -> None:
    [asked, other] = deliver(account, octets_of("Boats", message_id="boats@far.test"), octets_of("Other"))
    act = bulk.begin_all(alice, "archive", of_inbox(account))
    [answer] = deliver(account, octets_of("Re: Boats", references=["boats@far.test"]))
    bulk.run(act, pause_seconds=0)
    assert folders([asked, other, answer]) == ["inbox", "archive", "inbox"]


def test_a_conversation_with_an_answer_is_starred_all_the_same(alice: User, account: MailAccount) -> None:
    deliver(account, octets_of("Boats", message_id="boats@far.test"))
    act = bulk.begin_all(alice, "star", of_inbox(account))
    [answer] = deliver(account, octets_of("Re: Boats", references=["boats@far.test"]))
    bulk.run(act, pause_seconds=0)
    answer.refresh_from_db()
    assert answer.is_starred


def test_the_newest_are_done_first(alice: User, account: MailAccount, messages: list[Message]) -> None:
    in_order = list(Entry.objects.order_by("-newest_at", "-pk").values_list("thread_id", flat=True))
    act = bulk.begin_all(alice, "archive", of_inbox(account))
    bulk.run(act, pause_seconds=0)
    assert [pk for batch in act.batches.order_by("number") for pk in batch.threads] == in_order


def test_a_list_of_a_label_and_that_of_stars(alice: User, account: MailAccount, messages: list[Message]) -> None:
    label = Label.objects.create(owner=alice, name="Boats")
    labelling.label([messages[0].thread_id], label=label.pk)
    threads.star([messages[1].thread_id])
    threads.star([messages[2].thread_id])
    threads.trash([messages[2].thread_id])
    assert Extent.now([account.pk], label=label.pk).thread_ids("archive") == [messages[0].thread_id]
    assert Extent.now([account.pk]).thread_ids("archive") == [messages[1].thread_id]


def test_a_worker_that_died_before_the_list_was_written_lists_it_again(
    alice: User, account: MailAccount, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    act = bulk.begin_all(alice, "archive", of_inbox(account))

    def dies(*_: object) -> None:
        raise Died

    monkeypatch.setattr(BulkAct, "fill", dies)
    with pytest.raises(Died):
        bulk.run(act, pause_seconds=0)
    monkeypatch.undo()
    BulkAct.objects.update(claimed_at=timezone.now() - timedelta(minutes=20))
    bulk.run(BulkAct.objects.get(), pause_seconds=0)
    assert folders(messages) == ["archive"] * 5
