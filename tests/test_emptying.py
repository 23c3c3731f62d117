"""What leaves the trash and spam for ever: when, by whose word, and that it never comes again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MailAccount, RemoteMaildrop, User
from mailbox import emptying, listings, threads
from mailbox.models import Entry, Folder, Message, Original, Outgoing, RetrievedUidl
from mailbox.models.original import sha256
from mailbox.tasks import empty_due
from tests.cast import deliver, octets_of, remote_maildrop

TEA = octets_of("Tea", message_id="tea@x.test")
THROW_AWAY = [(threads.trash, Folder.TRASH), (threads.spam, Folder.SPAM)]


@pytest.fixture
def message(account: MailAccount) -> Message:
    return deliver(account, TEA)[0]


@pytest.fixture
def maildrop(account: MailAccount) -> RemoteMaildrop:
    return remote_maildrop(account, port=9, login="alice", password="x")


def throw_away(message: Message, *, days: float, act: Callable[[list[int]], None] = threads.trash) -> None:
    act([message.thread_id])
    Message.objects.filter(pk=message.pk).update(trashed_at=timezone.now() - timedelta(days=days))


@pytest.mark.parametrize(("act", "folder"), THROW_AWAY)
def test_leaves_after_thirty_days_and_not_before(
    message: Message, act: Callable[[list[int]], None], folder: Folder
) -> None:
    throw_away(message, days=29.9, act=act)
    empty_due()
    assert Entry.objects.get().folder == folder
    throw_away(message, days=30.1, act=act)
    empty_due()
    assert not Message.objects.exists()
    assert not Entry.objects.exists()
    assert not Original.objects.exists()


@pytest.mark.parametrize(("act", "folder"), THROW_AWAY)
def test_zero_days_keep_it(alice: User, message: Message, act: Callable[[list[int]], None], folder: Folder) -> None:
    User.objects.filter(pk=alice.pk).update(trash_days=0, spam_days=0)
    throw_away(message, days=3000, act=act)
    empty_due()
    assert Entry.objects.get().folder == folder


def test_each_owner_has_days_of_his_own(account: MailAccount, message: Message, alice: User, charlie: User) -> None:
    User.objects.filter(pk=alice.pk).update(trash_days=5)
    other = MailAccount.objects.create(owner=charlie, name="Home", address="charlie@home.test")
    [his] = deliver(other, octets_of("His"))
    for each in (message, his):
        throw_away(each, days=10)
    empty_due()
    assert list(Message.objects.values_list("subject", flat=True)) == ["His"]


def test_leaves_nothing_that_is_in_no_trash(account: MailAccount, message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(trashed_at=timezone.now() - timedelta(days=99))
    empty_due()
    assert Message.objects.exists()


def test_what_was_put_back_in_the_meantime_stays(message: Message) -> None:
    throw_away(message, days=99)
    threads.restore([message.thread_id])
    assert emptying.empty_due(timezone.now()) == 0
    assert Message.objects.exists()


def test_the_rest_of_a_conversation_stays(account: MailAccount, message: Message) -> None:
    throw_away(message, days=99)
    deliver(account, octets_of("Re: Tea", references=["tea@x.test"]))
    empty_due()
    assert list(Entry.objects.values_list("folder", "message_count")) == [("inbox", 1)]


def test_octets_that_are_on_their_way_out_stay(account: MailAccount, message: Message) -> None:
    Outgoing.objects.create(account=account, original=message.original, message_id="x@x.test")
    throw_away(message, days=99)
    empty_due()
    assert not Message.objects.exists()
    assert Original.objects.get().octets == TEA


def test_octets_of_another_account_of_the_same_person_stay(account: MailAccount, alice: User, message: Message) -> None:
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    [copy] = deliver(work, TEA)
    throw_away(message, days=99)
    empty_due()
    assert Message.objects.get() == copy
    assert Original.objects.get().octets == TEA


def test_deletes_for_ever_only_what_was_thrown_away(account: MailAccount, message: Message) -> None:
    threads.trash([message.thread_id])
    deliver(account, octets_of("Re: Tea", references=["tea@x.test"]))
    emptying.delete([message.thread_id])
    assert list(Message.objects.values_list("subject", flat=True)) == ["Re: Tea"]
    emptying.delete([message.thread_id])
    assert Message.objects.exists()


def test_what_is_emptied_is_out_of_sight_at_once_and_gone_soon(
    account: MailAccount, alice: User, message: Message
) -> None:
    User.objects.filter(pk=alice.pk).update(trash_days=0)
    threads.trash([message.thread_id])
    assert emptying.empty([account], Folder.TRASH) == 1
    assert not Entry.objects.exists()
    empty_due()
    assert not Message.objects.exists()


def test_a_deleted_message_is_known_by_its_octets_when_it_comes_again(
    maildrop: RemoteMaildrop, message: Message
) -> None:
    row = RetrievedUidl(maildrop=maildrop, uidl="1", octets_count=len(TEA), sha256=sha256(TEA), message=message)
    row.save()
    assert listings.gone(maildrop, [sha256(TEA)]) == set()
    threads.trash([message.thread_id])
    emptying.delete([message.thread_id])
    assert RetrievedUidl.objects.get().message is None
    assert listings.gone(maildrop, [sha256(TEA), "other"]) == {sha256(TEA)}


def test_what_somebody_brought_back_by_hand_is_not_gone(
    account: MailAccount, maildrop: RemoteMaildrop, message: Message
) -> None:
    RetrievedUidl.objects.create(
        maildrop=maildrop, uidl="1", octets_count=len(TEA), sha256=sha256(TEA), message=message
    )
    threads.trash([message.thread_id])
    emptying.delete([message.thread_id])
    deliver(account, TEA)
    assert listings.gone(maildrop, [sha256(TEA)]) == set()


def test_nobody_waits_for_the_rest_of_a_deleted_message(maildrop: RemoteMaildrop, message: Message) -> None:
    RetrievedUidl.objects.create(
        maildrop=maildrop, uidl="1", octets_count=9, sha256="0", message=message, is_wanted=True
    )
    threads.trash([message.thread_id])
    emptying.delete([message.thread_id])
    assert not RetrievedUidl.objects.get().is_wanted


def test_finds_what_is_due_by_its_index(message: Message) -> None:
    with CaptureQueriesContext(connection) as queries:
        emptying.empty_due(timezone.now())
    due = [each["sql"] for each in queries if "trashed_at" in each["sql"]]
    assert len(due) == 4
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One row is cheaper to read whole and to sort; the question is what can be done with a million.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        for question in due:
            cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + question)
            assert "message_trashed" in "\n".join(str(line[-1]) for line in cursor.fetchall())
