"""The only door into the database."""

from collections.abc import Sequence
from typing import Any, NoReturn

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import LocalMaildrop, MailAccount, User
from mailbox import delivery, search
from mailbox.mime import apart
from mailbox.models import Attachment, Deposit, Entry, Folder, Message, Original, Thread, rows
from tests.cast import deliver, octets_of

WITH_FILE = (
    b"From: Dana <dana@far.test>\r\nTo: Alice <alice@home.test>, Bob <bob@home.test>\r\nSubject: Plan\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee the file.\r\n--b\r\n'
    b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=plan.pdf\r\n\r\n%PDF\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r\n",
        b"no header, no line end",
        b"Subject: \xff\xfe\x00raw\r\n\r\n\x00\x01\x02 NUL and more \x80\r\n",
        b"Subject: bare\nline\rends\r\n\n\r\r\n",
        octets_of(text="x" * 20_000),
        b"Subject: =?utf-8?b?7aCA?= =?utf-7?q?+2AA-?=\r\nFrom: \xed\xa0\x80 <a\x00b@c.test>\r\n\r\n\xed\xa0\x80",
        WITH_FILE,
    ],
    ids=["empty", "line end only", "no header", "NUL", "bare ends", "long line", "surrogates", "file"],
)
def test_keeps_every_octet_whatever_it_is(account: MailAccount, octets: bytes) -> None:
    (message,) = deliver(account, octets)
    stored = Message.objects.select_related("original").get(pk=message.pk)
    assert stored.octets == octets
    assert stored.original.is_whole()
    assert stored.octets_count == len(octets)
    assert Entry.objects.get(account=account).key == stored.key


def test_derives_what_lists_show(account: MailAccount) -> None:
    (message,) = deliver(account, WITH_FILE)
    assert (message.sender_name, message.sender_address, message.subject) == ("Dana", "dana@far.test", "Plan")
    assert message.recipient_names == ["Alice", "Bob"]
    assert message.preview == "See the file."
    assert message.has_attachments
    attachment = Attachment.objects.get(message=message)
    assert (attachment.file_name, attachment.media_type, attachment.octets_count) == ("plan.pdf", "application/pdf", 4)


def test_stores_the_same_octets_once_in_an_account(account: MailAccount) -> None:
    octets = octets_of(message_id="1@far.test")
    (first,) = deliver(account, octets)
    (again,) = deliver(account, octets)
    assert again.pk == first.pk
    assert Message.objects.count() == Original.objects.count() == 1


def test_stores_the_same_octets_once_within_a_batch(account: MailAccount) -> None:
    prepared = [delivery.prepare(account, octets_of()) for _ in range(3)]
    with transaction.atomic():
        delivered = delivery.deliver(account, prepared)
    assert [each.is_new for each in delivered] == [True, False, False]
    assert len({each.message.pk for each in delivered}) == 1
    assert Message.objects.count() == 1


def test_two_accounts_of_one_person_share_the_octets(account: MailAccount, alice: User) -> None:
    other = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    deliver(account, octets_of())
    deliver(other, octets_of())
    assert Message.objects.count() == 2
    assert Original.objects.count() == 1


def test_two_people_share_nothing(account: MailAccount, charlie: User) -> None:
    other = MailAccount.objects.create(owner=charlie, name="Home", address="charlie@home.test")
    deliver(account, octets_of())
    deliver(other, octets_of())
    assert Original.objects.count() == 2


def test_is_undone_with_its_callers_transaction(account: MailAccount) -> None:
    prepared = delivery.prepare(account, octets_of())
    with transaction.atomic():
        delivery.deliver(account, [prepared])
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert not Original.objects.exists()
    assert not Entry.objects.exists()
    assert search.find("words", [account.pk]) == []


def test_costs_the_same_queries_for_one_and_for_two_hundred(account: MailAccount) -> None:
    deliver(account, octets_of("warm up"))
    prepared = [delivery.prepare(account, octets_of(str(number))) for number in range(201)]
    counts = []
    for batch in (prepared[:1], prepared[1:]):
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            delivery.deliver(account, batch)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 22


def test_a_message_that_cannot_be_read_is_stored_all_the_same(
    account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(octets: bytes) -> NoReturn:
        raise RecursionError

    monkeypatch.setattr(delivery, "parse_apart", fail)
    octets = octets_of("Never read")
    (message,) = deliver(account, octets)
    assert message.octets == octets
    assert message.subject == "Never read"
    assert [each.file_name for each in message.attachments.all()] == ["message.eml"]


@pytest.mark.parametrize("error", [DataError("out of range"), ValueError("cannot contain NUL")])
def test_a_message_that_the_database_refuses_is_stored_bare_and_keeps_no_other_out(
    account: MailAccount, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    insert = rows.insert_new

    def refuse(instances: Sequence[Any], *, by: str) -> dict[Any, int]:
        if any(getattr(each, "subject", "") == "poison" for each in instances):
            raise error
        return insert(instances, by=by)

    monkeypatch.setattr(rows, "insert_new", refuse)
    poison = octets_of("poison")
    messages = deliver(account, octets_of("one"), poison, octets_of("two"))
    assert [message.subject for message in messages] == ["one", "", "two"]
    assert messages[1].defects == ["could not be read"]
    assert messages[1].octets == poison
    assert Entry.objects.count() == 3


def test_a_clock_that_runs_ahead_does_not_pin_its_mail_on_top(account: MailAccount) -> None:
    (message,) = deliver(account, octets_of(date="Mon, 1 Jan 2120 00:00:00 +0000"))
    assert message.received_at < message.stored_at + delivery._AHEAD * 2
    assert message.dated_at
    assert message.dated_at.year == 2120


def test_delivering_moves_the_revision_that_open_pages_watch(account: MailAccount) -> None:
    deliver(account, octets_of())
    before = account.revision
    account.refresh_from_db()
    assert account.revision > before


def test_removing_a_message_leaves_nothing_behind(account: MailAccount) -> None:
    messages = deliver(account, octets_of("one"), octets_of("two"))
    with transaction.atomic():
        delivery.remove(messages[:1])
    assert Message.objects.get().subject == "two"
    assert Original.objects.count() == Thread.objects.count() == Entry.objects.count() == 1


def test_octets_that_wait_in_a_local_maildrop_survive_the_message(
    account: MailAccount, local_maildrop: LocalMaildrop
) -> None:
    messages = deliver(account, octets_of())
    Deposit.objects.create(maildrop=local_maildrop, original=messages[0].original)
    with transaction.atomic():
        delivery.remove(messages)
    assert Original.objects.count() == 1


def test_octets_cannot_go_while_a_message_needs_them(account: MailAccount) -> None:
    (message,) = deliver(account, octets_of())
    with pytest.raises(IntegrityError), transaction.atomic():
        Original.objects.filter(pk=message.original_id).delete()
    assert Message.objects.get().octets == octets_of()


def test_sweeping_takes_only_what_nothing_needs(account: MailAccount) -> None:
    deliver(account, octets_of("kept"))
    Original.of(account.owner_id, b"left behind").save()
    delivery.sweep()
    assert Original.objects.get().octets == octets_of("kept")


def test_sent_copies_are_listed_by_recipients(account: MailAccount) -> None:
    deliver(account, WITH_FILE, folder=Folder.SENT, is_read=True)
    entry = Entry.objects.get()
    assert entry.folder == Folder.SENT
    assert entry.senders == [["Alice", False], ["Bob", False]]
    assert not entry.is_unread


def test_what_cannot_be_read_in_time_is_delivered_as_its_header_and_a_file(account: MailAccount, monkeypatch) -> None:
    octets = b"From: Dana <dana@far.test>\r\nSubject: Odd\r\nX-A: " + b"y" * 200_000 + b"\r\n\r\nwords\r\n"
    monkeypatch.setattr(apart, "_ends", lambda octets, seconds: False)

    (message,) = deliver(account, octets)

    stored = Message.objects.get(pk=message.pk)
    assert (stored.subject, stored.sender_name, stored.preview) == ("Odd", "Dana", "")
    assert stored.defects == [apart.UNREAD]
    assert stored.octets == octets
    assert Attachment.objects.get(message=stored).file_name == "message.eml"
    assert stored.parsed().bodies == ()
