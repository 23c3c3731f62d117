"""Called back, put off, and left at the time that was chosen."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from accounts.models import MailAccount
from mailbox import outbox, scheduling
from mailbox.mime.parse import parse
from mailbox.models import Draft, DraftFile, Folder, Message, Original, Outgoing
from tests.cast import deliver, octets_of
from tests.outgoing import FAR, draft_of, make_due, point_to
from tests.smtpsink import SmtpSink
from webmail.celery import app

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
HOLD = timedelta(seconds=10)
LATER = timedelta(days=2)
type Commit = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]


def facts(draft: Draft) -> dict[str, Any]:
    """Everything that the row of a draft says."""
    return Draft.objects.filter(pk=draft.pk).values().get()


@pytest.fixture
def sink(smtp_sink: SmtpSink) -> Iterator[SmtpSink]:
    """An smtp-sink of the test's own; the shared one decides what happens where none is installed."""
    with SmtpSink() as fresh:
        yield fresh


# Undo


def test_undo_gives_the_very_draft_back(account: MailAccount) -> None:
    [parent] = deliver(account, octets_of("Plan", message_id="2@far.test"))
    draft = draft_of(account, to=f"{FAR}, ", bcc="eve@far.test", kind=Draft.Kind.REPLY_ALL, parent=parent)
    file = DraftFile.objects.create(draft=draft, name="a.txt", media_type="text/plain", octets_count=1, octets=b"x")
    typed = facts(draft)
    again = outbox.cancel(outbox.queue(draft, hold=HOLD))
    assert facts(again) == typed
    assert list(again.files.all()) == [file]


def test_what_is_held_is_in_sent_and_does_not_leave_yet(account: MailAccount) -> None:
    outgoing = outbox.queue(draft_of(account), hold=HOLD)
    assert Message.objects.get().folder == Folder.SENT
    assert not outbox.send(outgoing)
    assert not Outgoing.objects.due(timezone.now()).exists()
    assert Outgoing.objects.due(timezone.now() + HOLD).exists()


def test_undo_takes_the_copy_out_of_sent(account: MailAccount) -> None:
    outbox.cancel(outbox.queue(draft_of(account), hold=HOLD))
    assert not Message.objects.exists()
    assert not Original.objects.exists()


def test_what_was_called_back_is_not_sent_by_a_worker_that_had_read_it(account: MailAccount, sink: SmtpSink) -> None:
    point_to(account, sink.port)
    read = make_due(outbox.queue(draft_of(account), hold=HOLD))
    outbox.cancel(Outgoing.objects.get())
    assert not outbox.send(read)
    assert sink.messages() == []


def test_what_a_worker_has_taken_cannot_be_called_back(account: MailAccount) -> None:
    read = make_due(outbox.queue(draft_of(account), hold=HOLD))
    assert Outgoing.objects.get().claim(timezone.now())
    with pytest.raises(outbox.TooLate):
        outbox.cancel(read)
    assert not Draft.objects.exists()
    assert Message.objects.get().folder == Folder.SENT


def test_of_two_who_call_back_one_comes_too_late(account: MailAccount) -> None:
    outgoing = outbox.queue(draft_of(account), hold=HOLD)
    other = Outgoing.objects.get()
    outbox.cancel(outgoing)
    with pytest.raises(outbox.TooLate):
        outbox.cancel(other)
    assert Draft.objects.count() == 1


# Later


def test_what_leaves_later_is_not_in_sent_before(account: MailAccount) -> None:
    outbox.queue(draft_of(account), send_at=timezone.now() + LATER)
    assert not Message.objects.exists()
    assert Original.objects.count() == 1


def test_its_date_is_the_time_at_which_it_leaves(account: MailAccount) -> None:
    send_at = (timezone.now() + LATER).replace(microsecond=0)
    outgoing = outbox.queue(draft_of(account), send_at=send_at)
    assert parse(outgoing.original.octets).header.date == send_at


def test_it_is_in_sent_when_it_has_left_with_the_octets_that_left(account: MailAccount, sink: SmtpSink) -> None:
    point_to(account, sink.port)
    outgoing = make_due(outbox.queue(draft_of(account), send_at=timezone.now() + LATER))
    assert outbox.send(outgoing)
    copy = Message.objects.get()
    outgoing.refresh_from_db()
    assert (copy.folder, copy.is_read, outgoing.sent_copy) == (Folder.SENT, True, copy)
    assert not outgoing.is_scheduled
    assert copy.octets == outgoing.original.octets
    assert len(sink.messages()) == 1


def test_it_is_in_sent_also_where_the_server_does_not_answer(account: MailAccount) -> None:
    outgoing = make_due(outbox.queue(draft_of(account), send_at=timezone.now() + LATER))
    assert outbox.send(outgoing)
    assert Message.objects.get().folder == Folder.SENT
    assert outbox.send(make_due(outgoing))
    assert Message.objects.count() == 1


def test_cancelling_leaves_no_octets(account: MailAccount) -> None:
    draft = outbox.cancel(outbox.queue(draft_of(account), send_at=timezone.now() + LATER))
    assert draft.text == "Shall we?\n"
    assert not Original.objects.exists()


def test_another_time_changes_the_date_and_nothing_else(account: MailAccount) -> None:
    outgoing = outbox.queue(draft_of(account), send_at=timezone.now() + LATER)
    before = outgoing.original.octets
    sooner = (timezone.now() + timedelta(hours=3)).replace(microsecond=0)
    scheduling.reschedule(outgoing, sooner)
    outgoing = Outgoing.objects.get()
    after = outgoing.original.octets
    assert (outgoing.due_at, outgoing.queued_at, outgoing.claimed_at) == (sooner, sooner, None)
    assert parse(after).header.date == sooner
    assert [line for line in after.splitlines() if not line.startswith(b"Date:")] == [
        line for line in before.splitlines() if not line.startswith(b"Date:")
    ]
    assert Original.objects.count() == 1


def test_sending_now_makes_it_due(account: MailAccount, sink: SmtpSink) -> None:
    point_to(account, sink.port)
    outgoing = outbox.queue(draft_of(account), send_at=timezone.now() + LATER)
    scheduling.reschedule(outgoing, timezone.now())
    assert outbox.send(Outgoing.objects.due(timezone.now()).get())
    assert len(sink.messages()) == 1


def test_what_is_being_sent_keeps_its_time(account: MailAccount) -> None:
    outgoing = outbox.queue(draft_of(account), send_at=timezone.now() + LATER)
    assert Outgoing.objects.get().claim(timezone.now())
    with pytest.raises(scheduling.TooLate):
        scheduling.reschedule(outgoing, timezone.now())
    assert Outgoing.objects.get().due_at == outgoing.due_at


def test_only_what_is_scheduled_can_be_given_another_time(account: MailAccount) -> None:
    outgoing = outbox.queue(draft_of(account), hold=HOLD)
    with pytest.raises(scheduling.TooLate):
        scheduling.reschedule(outgoing, timezone.now() + LATER)


def test_a_time_that_has_passed_is_now(account: MailAccount) -> None:
    outgoing = outbox.queue(draft_of(account), send_at=timezone.now() - LATER)
    assert not outgoing.is_scheduled
    assert Outgoing.objects.due(timezone.now()).exists()


@pytest.mark.parametrize(("wait", "woken"), [(HOLD, 1), (LATER, 0)])
def test_a_worker_is_woken_when_the_time_is_near(
    account: MailAccount, django_capture_on_commit_callbacks: Commit, wait: timedelta, woken: int
) -> None:
    with mock.patch.object(app, "send_task") as send_task, django_capture_on_commit_callbacks(execute=True):
        outbox.queue(draft_of(account), send_at=timezone.now() + wait)
    assert send_task.call_count == woken
    for call in send_task.call_args_list:
        assert 8 < call.kwargs["countdown"] <= 10
        assert call.kwargs["expires"] > call.kwargs["countdown"]
