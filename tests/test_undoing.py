"""Taking back: everything that an act changed is as it was, and nothing else."""

from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import MailAccount, Membership, User
from mailbox import labelling, quiet, threads, undoing
from mailbox.models import Deed, Entry, Folder, Label, Labelled, Message, ThreadMark
from tests.cast import deliver, octets_of

UNTIL = "2100-01-01T08:00:00+09:00"


@pytest.fixture
def scattered(account: MailAccount) -> int:
    """A conversation whose messages lie in four folders, read and unread, one of them starred."""
    [first] = deliver(account, octets_of("Lunch", message_id="a@x.test"), folder=Folder.ARCHIVE, is_read=True)
    answers = [octets_of("Re: Lunch", message_id=f"{name}@x.test", references=["a@x.test"]) for name in "bcd"]
    for octets, folder in zip(answers, (Folder.INBOX, Folder.SENT, Folder.TRASH), strict=True):
        deliver(account, octets, folder=folder, is_read=folder == Folder.SENT)
    Message.objects.filter(folder=Folder.TRASH).update(trashed_from=Folder.INBOX, trashed_at=timezone.now())
    Message.objects.filter(pk=first.pk).update(is_starred=True)
    threads.refresh([first.thread_id])
    return first.thread_id


def everything() -> tuple[list[Any], ...]:
    messages = Message.objects.order_by("pk").values_list(
        "folder", "trashed_from", "trashed_at", "is_read", "is_starred"
    )
    entries = Entry.objects.order_by("folder").values_list("folder", "message_count", "unread_count", "newest_at")
    marks = ThreadMark.objects.values_list("is_muted", "wakes_at", "woke_at")
    labelled = Labelled.objects.order_by("label").values_list("label", "folder", "newest_at", "is_unread")
    return list(messages), list(entries), list(marks), list(labelled)


ACTS: dict[str, Callable[[Collection[int]], None]] = {
    "archive": threads.archive,
    "inbox": threads.to_inbox,
    "trash": threads.trash,
    "restore": threads.restore,
    "spam": threads.spam,
    "snooze": partial(quiet.snooze, until=UNTIL),
    "mute": quiet.mute,
    "star": threads.star,
    "unstar": threads.unstar,
    "read": threads.mark_read,
}


@pytest.mark.parametrize("act", ACTS)
def test_every_message_is_again_where_and_how_it_was(alice: User, scattered: int, act: str) -> None:
    before = everything()
    key = undoing.perform(alice, [scattered], ACTS[act])
    assert everything() != before
    assert undoing.take_back(alice, key) == [scattered]
    assert everything() == before


@pytest.mark.parametrize("act", ["archive", "trash", "spam", "mute"])
def test_what_slept_sleeps_again_until_the_same_time(alice: User, account: MailAccount, act: str) -> None:
    [message] = deliver(account, octets_of("Tea"))
    quiet.snooze([message.thread_id], until=UNTIL)
    before = everything()
    undoing.take_back(alice, undoing.perform(alice, [message.thread_id], ACTS[act]))
    assert everything() == before


def test_a_label_goes_and_comes(alice: User, scattered: int) -> None:
    label = Label.objects.create(owner=alice, name="Travel")
    put = partial(labelling.label, label=label.pk)
    undoing.take_back(alice, undoing.perform(alice, [scattered], put))
    assert not Labelled.objects.exists()
    put([scattered])
    before = everything()
    undoing.take_back(alice, undoing.perform(alice, [scattered], partial(labelling.unlabel, label=label.pk)))
    assert everything() == before


@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_may_not_label_leaves_labels_as_they_are(alice: User, scattered: int, act: str) -> None:
    labelling.label([scattered], label=Label.objects.create(owner=alice, name="Travel").pk)
    before = everything()
    undoing.take_back(alice, undoing.perform(alice, [scattered], ACTS[act], may_label=False))
    assert everything() == before


def test_a_label_that_was_deleted_meanwhile_stays_away(alice: User, scattered: int) -> None:
    label = Label.objects.create(owner=alice, name="Travel")
    labelling.label([scattered], label=label.pk)
    key = undoing.perform(alice, [scattered], partial(labelling.unlabel, label=label.pk))
    label.delete()
    undoing.take_back(alice, key)
    assert not Labelled.objects.exists()


def test_what_came_meanwhile_stays_as_it_came(alice: User, account: MailAccount, scattered: int) -> None:
    key = undoing.perform(alice, [scattered], threads.archive)
    [new] = deliver(account, octets_of("Re: Lunch", message_id="e@x.test", references=["a@x.test"]))
    Message.objects.filter(message_id="a@x.test").update(is_starred=False)
    undoing.take_back(alice, key)
    new.refresh_from_db()
    assert new.folder == Folder.INBOX
    assert not Message.objects.get(message_id="a@x.test").is_starred


def test_an_act_in_pieces_is_taken_back_whole(alice: User, account: MailAccount) -> None:
    messages = deliver(account, *(octets_of(str(number)) for number in range(3)))
    key = ""
    for message in messages:
        key = undoing.perform(alice, [message.thread_id], threads.trash, key=key)
    assert Deed.objects.filter(key=key).count() == 3
    undoing.take_back(alice, key)
    assert set(Message.objects.values_list("folder", flat=True)) == {"inbox"}


def test_an_act_that_changes_nothing_leaves_nothing_to_take_back(alice: User, account: MailAccount) -> None:
    [message] = deliver(account, octets_of())
    assert undoing.perform(alice, [message.thread_id], threads.to_inbox) == ""
    assert undoing.perform(alice, [], threads.trash) == ""
    assert not Deed.objects.exists()


def test_who_may_no_longer_read_the_account_takes_nothing_back(bob: User, account: MailAccount) -> None:
    [message] = deliver(account, octets_of())
    key = undoing.perform(bob, [message.thread_id], threads.trash)
    Membership.objects.all().delete()
    assert undoing.take_back(bob, key) == []
    message.refresh_from_db()
    assert message.folder == Folder.TRASH


def test_takes_back_once(alice: User, account: MailAccount) -> None:
    [message] = deliver(account, octets_of())
    key = undoing.perform(alice, [message.thread_id], threads.trash)
    undoing.take_back(alice, key)
    threads.trash([message.thread_id])
    assert undoing.take_back(alice, key) == []
    message.refresh_from_db()
    assert message.folder == Folder.TRASH


def test_forgets_after_some_hours(alice: User, account: MailAccount) -> None:
    [message] = deliver(account, octets_of())
    key = undoing.perform(alice, [message.thread_id], threads.trash)
    assert Deed.prune(timezone.now() + timedelta(hours=1)) == 0
    assert Deed.prune(timezone.now() + timedelta(hours=3)) == 1
    assert undoing.take_back(alice, key) == []
