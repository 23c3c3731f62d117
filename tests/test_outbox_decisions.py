"""What a person decides about a message in the queue: cancel, try now, it arrived, send it again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import MailAccount, SubmissionServer
from mailbox import delivery, outbox
from mailbox.models import Draft, DraftFile, Entry, Message, Original, Outgoing, Recipient
from tests.cast import deliver, octets_of
from tests.outgoing import FAR, addressed, draft_of, queued

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
Status = Recipient.Status
type Commit = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]


def became(outgoing: Outgoing, status: Status, **columns: Any) -> None:
    outgoing.recipients.update(status=status, decided_at=timezone.now())
    Outgoing.objects.filter(pk=outgoing.pk).update(**columns)
    outgoing.refresh_from_db()


def test_cancelling_gives_the_draft_back_as_it_was_typed(account: MailAccount) -> None:
    [parent] = deliver(account, octets_of("Plan", message_id="2@far.test"))
    draft = draft_of(
        account,
        to=f'"Dana, the first" <{FAR}>, erin@far.test',
        cc='"Frank" <frank@far.test>',
        bcc="grace@far.test",
        subject="Re: Plän 日本語",
        text="Größe\n\n  indented\n> quoted\nFrom here\n.",
        kind=Draft.Kind.REPLY,
        parent=parent,
    )
    DraftFile.objects.create(draft=draft, name="plan.pdf", media_type="application/pdf", octets_count=4, octets=b"%PDF")
    again = outbox.cancel(outbox.queue(draft))
    assert (again.to, again.cc, again.bcc) == (draft.to, draft.cc, draft.bcc)
    assert (again.subject, again.text) == (draft.subject, draft.text)
    assert (again.writer, again.account, again.parent) == (draft.writer, draft.account, parent)
    [file] = again.files.all()
    assert (file.name, file.media_type, file.octets_count, bytes(file.octets)) == (
        "plan.pdf",
        "application/pdf",
        4,
        b"%PDF",
    )


@pytest.mark.parametrize("text", ["", "Some words.", "A line.\n\nAnother.", "long " * 300_000])
def test_cancelling_gives_a_text_without_files_back_whole(account: MailAccount, text: str) -> None:
    draft = draft_of(account, to=FAR, subject="Text alone", text=text)
    assert outbox.cancel(outbox.queue(draft)).text == text


def test_cancelling_leaves_nothing_in_the_queue_or_in_sent(account: MailAccount) -> None:
    outbox.cancel(queued(account))
    assert not Outgoing.objects.exists()
    assert not Recipient.objects.exists()
    assert not Message.objects.exists()
    assert not Original.objects.exists()
    assert not Entry.objects.exists()


def test_cancelling_when_the_copy_in_sent_was_deleted_leaves_no_octets(account: MailAccount) -> None:
    outgoing = queued(account)
    with transaction.atomic():
        delivery.remove(list(Message.objects.all()))
    outbox.cancel(Outgoing.objects.get(pk=outgoing.pk))
    assert not Original.objects.exists()


def test_what_was_cancelled_can_be_queued_again(account: MailAccount) -> None:
    once = queued(account, bcc="grace@far.test")
    first = addressed(once)
    assert addressed(outbox.queue(outbox.cancel(once))) == first


def test_it_is_too_late_to_cancel_what_is_being_sent(account: MailAccount) -> None:
    outgoing = queued(account)
    assert Outgoing.objects.get().claim(timezone.now())
    with pytest.raises(outbox.TooLate):
        outbox.cancel(outgoing)
    assert Outgoing.objects.get().claimed_at


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.UNCERTAIN, Status.REFUSED])
def test_it_is_too_late_to_cancel_what_a_server_has_decided_on(account: MailAccount, status: Status) -> None:
    outgoing = queued(account, to=f"{FAR}, erin@far.test")
    outgoing.recipients.filter(address=FAR).update(status=status)
    with pytest.raises(outbox.TooLate):
        outbox.cancel(outgoing)
    assert Outgoing.objects.get().claimed_at is None


def test_it_is_too_late_to_cancel_when_a_worker_died_amid_the_content(account: MailAccount) -> None:
    outgoing = queued(account)
    Outgoing.objects.update(data_started_at=timezone.now())
    with pytest.raises(outbox.TooLate):
        outbox.cancel(outgoing)


def test_a_failed_cancellation_gives_the_message_back_to_the_queue(account: MailAccount) -> None:
    outgoing = queued(account)
    with mock.patch.object(delivery, "remove", side_effect=DatabaseError("disk full")), pytest.raises(DatabaseError):
        outbox.cancel(outgoing)
    assert not Draft.objects.exists()
    assert Outgoing.objects.due(timezone.now()).get().recipients.get().status == Status.QUEUED


def test_trying_again_makes_it_due_and_wakes_a_worker(
    account: MailAccount, django_capture_on_commit_callbacks: Commit
) -> None:
    outgoing = queued(account)
    became(outgoing, Status.DEFERRED, due_at=timezone.now() + timedelta(hours=1))
    with django_capture_on_commit_callbacks() as callbacks:
        outbox.retry(outgoing)
    assert len(callbacks) == 1
    assert Outgoing.objects.due(timezone.now()).get() == outgoing


def test_trying_again_does_not_reopen_what_is_finished(account: MailAccount) -> None:
    outgoing = queued(account)
    became(outgoing, Status.REFUSED, finished_at=timezone.now())
    outbox.retry(outgoing)
    assert not Outgoing.objects.due(timezone.now() + timedelta(days=9)).exists()


def test_all_that_waits_for_a_server_that_was_cured_is_due_at_once(
    account: MailAccount, django_capture_on_commit_callbacks: Commit
) -> None:
    hour = timezone.now() + timedelta(hours=1)
    for each in (queued(account), queued(account)):
        became(each, Status.DEFERRED, due_at=hour, attempt_count=1)
    # Queued while the server was left alone: it was never tried.
    became(queued(account), Status.QUEUED, due_at=hour)
    SubmissionServer.objects.update(held_until=hour, failure_count=4)
    with django_capture_on_commit_callbacks() as callbacks:
        outbox.retry_all(account)
    assert Outgoing.objects.due(timezone.now()).count() == 3
    assert SubmissionServer.objects.get().held_until is None
    # One word to a worker is enough: a round carries all that is due.
    assert len(callbacks) == 1


def test_what_its_writer_holds_back_keeps_its_time_when_the_server_is_cured(
    account: MailAccount, django_capture_on_commit_callbacks: Commit
) -> None:
    held = outbox.queue(draft_of(account), hold=timedelta(seconds=20))
    later = outbox.queue(draft_of(account), send_at=timezone.now() + timedelta(days=1))
    due = {each.pk: each.due_at for each in (held, later)}
    with django_capture_on_commit_callbacks() as callbacks:
        outbox.retry_all(account)
    assert dict(Outgoing.objects.values_list("pk", "due_at")) == due
    assert callbacks == []


def test_what_waits_for_another_accounts_server_keeps_its_time(account: MailAccount) -> None:
    other = MailAccount.objects.create(owner=account.owner, name="Work", address="alice@work.test")
    became(queued(account), Status.DEFERRED, due_at=timezone.now() + timedelta(hours=1))
    outbox.retry_all(other)
    assert not Outgoing.objects.due(timezone.now()).exists()


def test_the_persons_word_that_it_arrived_ends_it(account: MailAccount) -> None:
    outgoing = queued(account)
    became(outgoing, Status.UNCERTAIN, finished_at=timezone.now())
    outbox.settle(outgoing, arrived=True)
    assert outgoing.recipients.get().status == Status.ACCEPTED
    assert not Outgoing.objects.due(timezone.now()).exists()


def test_the_persons_word_to_send_again_makes_it_due_with_all_its_time(
    account: MailAccount, django_capture_on_commit_callbacks: Commit
) -> None:
    outgoing = queued(account)
    long_ago = timezone.now() - timedelta(days=30)
    became(outgoing, Status.UNCERTAIN, finished_at=long_ago, queued_at=long_ago)
    with django_capture_on_commit_callbacks() as callbacks:
        outbox.settle(outgoing, arrived=False)
    assert len(callbacks) == 1
    due = Outgoing.objects.due(timezone.now()).get()
    assert timezone.now() - due.queued_at < timedelta(minutes=1)
    assert due.recipients.get().status == Status.QUEUED


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.REFUSED])
@pytest.mark.parametrize("arrived", [True, False])
def test_there_is_nothing_to_settle_where_all_is_certain(account: MailAccount, status: Status, arrived: bool) -> None:
    outgoing = queued(account)
    became(outgoing, status, finished_at=timezone.now())
    outbox.settle(outgoing, arrived=arrived)
    assert outgoing.recipients.get().status == status
    assert not Outgoing.objects.due(timezone.now()).exists()
