"""Labels: on whose conversations they are, and where these stand in their lists."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from accounts.models import MailAccount, User
from mailbox import labelling, threads
from mailbox.models import Folder, Label, Labelled, Message
from tests.cast import deliver, octets_of


@pytest.fixture
def travel(alice: User) -> Label:
    return Label.objects.create(owner=alice, name="Travel")


@pytest.fixture
def tea(account: MailAccount) -> Message:
    return deliver(account, octets_of("Tea", message_id="a@x.test"))[0]


def test_a_label_twice_is_one(travel: Label, tea: Message) -> None:
    for _ in range(2):
        labelling.label([tea.thread_id], label=travel.pk)
    assert Labelled.objects.count() == 1


def test_an_answer_takes_the_conversation_to_the_top_of_its_labels(
    account: MailAccount, travel: Label, tea: Message
) -> None:
    labelling.label([tea.thread_id], label=travel.pk)
    assert Labelled.objects.get().newest_at == tea.received_at
    deliver(account, octets_of("Re", references=["a@x.test"], date="Tue, 25 Nov 2025 10:00:00 +0000"))
    assert Labelled.objects.get().newest_at == datetime(2025, 11, 25, 10, tzinfo=UTC)


def test_an_own_answer_does_not_stand_for_the_conversation(account: MailAccount, travel: Label, tea: Message) -> None:
    labelling.label([tea.thread_id], label=travel.pk)
    deliver(account, octets_of("Re", references=["a@x.test"]), folder=Folder.SENT)
    assert Labelled.objects.get().folder == Folder.INBOX


@pytest.mark.parametrize("throw_away", [threads.trash, threads.spam])
def test_what_is_thrown_away_keeps_its_label_and_leaves_the_list(
    travel: Label, tea: Message, throw_away: threads.Act
) -> None:
    labelling.label([tea.thread_id], label=travel.pk)
    throw_away([tea.thread_id])
    there = Labelled.objects.get()
    assert (there.newest_at, there.folder, there.is_unread) == (None, "", False)


def test_counts_as_unread_until_it_is_read(travel: Label, tea: Message) -> None:
    labelling.label([tea.thread_id], label=travel.pk)
    assert Labelled.objects.get().is_unread
    threads.mark_read([tea.thread_id])
    assert not Labelled.objects.get().is_unread


def test_conversations_that_turn_out_to_be_one_have_the_labels_of_both(
    account: MailAccount, alice: User, travel: Label, tea: Message
) -> None:
    [cake] = deliver(account, octets_of("Cake", message_id="c@x.test"))
    home = Label.objects.create(owner=alice, name="Home")
    labelling.label([tea.thread_id, cake.thread_id], label=travel.pk)
    labelling.label([cake.thread_id], label=home.pk)
    [both] = deliver(account, octets_of("Both", references=["a@x.test", "c@x.test"]))
    assert set(Labelled.objects.values_list("label__name", "thread")) == {
        ("Travel", both.thread_id),
        ("Home", both.thread_id),
    }
    assert all(Labelled.objects.values_list("newest_at", flat=True))


def test_a_deleted_label_leaves_the_mail(travel: Label, tea: Message) -> None:
    labelling.label([tea.thread_id], label=travel.pk)
    travel.delete()
    assert not Labelled.objects.exists()
    assert Message.objects.filter(pk=tea.pk).exists()


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [
        (" Travel ", "Travel"),
        ("a//b/", "a/b"),
        ("  two   words / x ", "two words/x"),
        (" / ", ""),
        ("旅行/京都", "旅行/京都"),
    ],
)
def test_a_typed_name_is_tidied(typed: str, tidy: str) -> None:
    assert Label.tidy(typed) == tidy


def test_a_person_has_each_name_once_whatever_its_case(alice: User, bob: User, travel: Label) -> None:
    Label.objects.create(owner=bob, name="travel")
    with pytest.raises(IntegrityError):
        Label.objects.create(owner=alice, name="TRAVEL")


def test_what_is_nested_moves_along(alice: User, travel: Label) -> None:
    for name in ("Travel/Japan", "Travel/Japan/Kyoto", "Travels"):
        Label.objects.create(owner=alice, name=name)
    travel.rename("Trips")
    travel.save()
    names = sorted(Label.objects.values_list("name", flat=True))
    assert names == ["Travels", "Trips", "Trips/Japan", "Trips/Japan/Kyoto"]


def test_what_arrives_in_a_labelled_account_is_labelled(account: MailAccount) -> None:
    account.arrival_label = "Club/Garden"
    account.save()
    message, sent = deliver(account, octets_of("Tea"))[0], deliver(account, octets_of("Out"), folder=Folder.SENT)[0]
    label = Label.objects.get()
    assert (label.name, label.owner) == ("Club/Garden", account.owner)
    assert list(Labelled.objects.values_list("thread", flat=True)) == [message.thread_id]
    assert sent.thread_id != message.thread_id


def test_the_label_for_what_arrives_is_the_one_that_is_there(account: MailAccount, travel: Label) -> None:
    MailAccount.objects.update(arrival_label="travel")
    deliver(account, octets_of("Tea"), octets_of("More"))
    assert set(Labelled.objects.values_list("label", flat=True)) == {travel.pk}
