"""Into the queue and out of it again: what is queued, what the person decides, and what neither may lose."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError
from django.utils import timezone

from accounts.models import Identity, MailAccount, SubmissionServer, User
from mailbox import outbox
from mailbox.mime.compose import Problem, Unfit
from mailbox.mime.parse import Parsed, parse
from mailbox.models import Draft, DraftFile, Entry, Folder, Message, Original, Outgoing, Recipient
from tests.cast import deliver, octets_of
from tests.outgoing import FAR, addressed, draft_of, queued
from webmail.celery import app

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
Header, Status = Recipient.Header, Recipient.Status
type Commit = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]


def parsed(outgoing: Outgoing) -> Parsed:
    return parse(outgoing.original.octets)


# Queueing


def test_the_octets_are_made_once_and_stand_in_sent(account: MailAccount) -> None:
    outgoing = queued(account)
    message = Message.objects.get()
    assert message == outgoing.sent_copy
    assert (message.folder, message.is_read) == (Folder.SENT, True)
    assert message.octets == outgoing.original.octets
    assert Original.objects.count() == 1
    assert parsed(outgoing).header.message_id == outgoing.message_id
    assert (outgoing.reverse_path, outgoing.subject) == ("alice@home.test", "Tea")


def test_writes_under_the_default_identity(account: MailAccount) -> None:
    [sender] = parsed(queued(account)).header.from_
    assert (sender.name, sender.address) == ("Alice", "alice@home.test")


def test_writes_under_the_address_that_was_chosen(account: MailAccount) -> None:
    Identity.objects.create(account=account, name="The shop", address="shop@alice.test", is_catch_all=True)
    for address in ("shop@alice.test", "orders@alice.test"):
        outgoing = queued(account, sender=address)
        [author] = parsed(outgoing).header.from_
        assert (author.name, author.address, outgoing.reverse_path) == ("The shop", address, address)
        assert outgoing.message_id.endswith("@alice.test")


def test_refuses_an_address_that_is_the_writers_no_more(account: MailAccount) -> None:
    with pytest.raises(Unfit) as refused:
        queued(account, sender="shop@alice.test")
    assert (refused.value.field, refused.value.problem) == ("from", Problem.NOT_YOURS)
    assert not Outgoing.objects.exists()


def test_writes_under_the_accounts_address_without_an_identity(account: MailAccount) -> None:
    account.identities.all().delete()
    assert [each.address for each in parsed(queued(account)).header.from_] == ["alice@home.test"]


def test_every_recipient_has_a_row_under_its_header(account: MailAccount) -> None:
    outgoing = queued(account, to=f"{FAR}, Erin <erin@far.test>", cc="frank@far.test", bcc="grace@far.test")
    assert addressed(outgoing) == [
        (Header.TO, FAR),
        (Header.TO, "erin@far.test"),
        (Header.CC, "frank@far.test"),
        (Header.BCC, "grace@far.test"),
    ]


def test_a_person_named_twice_gets_it_once_under_the_first_header(account: MailAccount) -> None:
    outgoing = queued(account, to=FAR, cc="DANA@far.test, erin@far.test", bcc="Erin@FAR.test")
    assert addressed(outgoing) == [(Header.TO, FAR), (Header.CC, "erin@far.test")]


def test_the_envelope_carries_international_domains_as_the_wire_does(account: MailAccount) -> None:
    assert addressed(queued(account, to="dana@bücher.test")) == [(Header.TO, "dana@xn--bcher-kva.test")]


def test_letters_before_the_at_sign_travel_as_utf_8(account: MailAccount) -> None:
    outgoing = queued(account, to="Jürgen <jürgen@bücher.test>")
    assert addressed(outgoing) == [(Header.TO, "jürgen@xn--bcher-kva.test")]
    assert "<jürgen@xn--bcher-kva.test>".encode() in outgoing.original.octets
    assert [each.address for each in parsed(outgoing).header.to] == ["jürgen@xn--bcher-kva.test"]


def test_blind_copies_stand_nowhere_in_the_octets(account: MailAccount) -> None:
    outgoing = queued(account, bcc="Grace <grace@far.test>")
    assert b"grace" not in outgoing.original.octets.lower()
    assert not re.search(rb"^bcc:", outgoing.original.octets, re.I | re.M)


def test_a_message_may_be_for_blind_copies_alone(account: MailAccount) -> None:
    assert addressed(queued(account, to="", bcc=FAR)) == [(Header.BCC, FAR)]


def test_files_go_with_it_octet_for_octet(account: MailAccount) -> None:
    draft = draft_of(account)
    octets = bytes(range(256)) * 40
    DraftFile.objects.create(
        draft=draft, name="bericht für März.bin", media_type="application/x-thing", octets_count=1, octets=octets
    )
    [part] = parsed(outbox.queue(draft)).attachments
    assert (part.file_name, part.media_type) == ("bericht für März.bin", "application/x-thing")
    assert part.content() == octets


def test_an_answer_names_its_parent_and_joins_its_thread(account: MailAccount) -> None:
    [parent] = deliver(account, octets_of("Plan", message_id="2@far.test", references=["1@far.test"]))
    outgoing = queued(account, subject="Re: Plan", kind=Draft.Kind.REPLY, parent=parent)
    header = parsed(outgoing).header
    assert header.in_reply_to == ("2@far.test",)
    assert header.references == ("1@far.test", "2@far.test")
    assert outgoing.sent_copy
    assert outgoing.sent_copy.thread_id == parent.thread_id
    assert Entry.objects.filter(thread=parent.thread_id, folder=Folder.SENT).exists()


def test_an_answer_to_a_message_without_an_id_names_nothing(account: MailAccount) -> None:
    [parent] = deliver(account, octets_of("Plan"))
    header = parsed(queued(account, kind=Draft.Kind.REPLY, parent=parent)).header
    assert (header.in_reply_to, header.references) == ((), ())


def test_what_is_forwarded_is_no_answer(account: MailAccount) -> None:
    [parent] = deliver(account, octets_of("Plan", message_id="2@far.test"))
    outgoing = queued(account, subject="Fwd: Plan", kind=Draft.Kind.FORWARD, parent=parent)
    assert parsed(outgoing).header.references == ()
    assert outgoing.sent_copy
    assert outgoing.sent_copy.thread_id != parent.thread_id


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"to": "nobody"}, "to"),
        ({"to": "", "cc": "", "bcc": ""}, "to"),
        ({"cc": "dana@"}, "cc"),
        ({"bcc": "dana@far..test"}, "bcc"),
        ({"subject": "Tea\r\nBcc: grace@far.test"}, "subject"),
    ],
)
def test_what_no_message_can_carry_is_named_and_the_draft_stays(
    account: MailAccount, fields: dict[str, str], field: str
) -> None:
    draft = draft_of(account, **fields)
    with pytest.raises(Unfit) as unfit:
        outbox.queue(draft)
    assert unfit.value.field == field
    assert str(unfit.value)
    assert Draft.objects.filter(pk=draft.pk).exists()
    assert not Outgoing.objects.exists()
    assert not Message.objects.exists()


def test_a_line_break_in_an_address_never_becomes_a_header(account: MailAccount) -> None:
    outgoing = queued(account, to="dana@far.test\r\nerin@far.test")
    assert addressed(outgoing) == [(Header.TO, FAR), (Header.TO, "erin@far.test")]
    assert [each.address for each in parsed(outgoing).header.to] == [FAR, "erin@far.test"]


def test_a_message_over_the_limit_stays_a_draft(account: MailAccount, settings: Any) -> None:
    settings.MESSAGE_OCTETS_LIMIT = 2**20
    draft = draft_of(account)
    DraftFile.objects.create(draft=draft, name="f", media_type="a/b", octets_count=1, octets=b"x" * 800_000)
    with pytest.raises(Unfit, match="larger than 1 MB") as unfit:
        outbox.queue(draft)
    assert unfit.value.field == "files"
    assert Draft.objects.get().files.count() == 1


def test_without_a_server_it_stays_a_draft(account: MailAccount) -> None:
    SubmissionServer.objects.all().delete()
    draft = draft_of(account)
    with pytest.raises(outbox.NoServer):
        outbox.queue(draft)
    assert Draft.objects.get() == draft
    assert not Outgoing.objects.exists()


def test_draft_and_files_are_out_of_sight_afterwards(account: MailAccount) -> None:
    draft = draft_of(account)
    DraftFile.objects.create(draft=draft, name="f", media_type="a/b", octets_count=1, octets=b"x")
    outgoing = outbox.queue(draft)
    assert not Draft.objects.exists()
    assert Draft.with_hidden.get().outgoing == outgoing


def test_draft_and_files_are_deleted_once_the_message_has_left(account: MailAccount) -> None:
    draft = draft_of(account)
    DraftFile.objects.create(draft=draft, name="f", media_type="a/b", octets_count=1, octets=b"x")
    outgoing = outbox.queue(draft)
    Draft.prune(timezone.now())
    assert Draft.with_hidden.exists()
    Outgoing.objects.filter(pk=outgoing.pk).update(finished_at=timezone.now())
    Draft.prune(timezone.now())
    assert not Draft.with_hidden.exists()
    assert not DraftFile.objects.exists()


@pytest.mark.parametrize("moment", ["mailbox.delivery.deliver", "mailbox.models.Recipient.objects.bulk_create"])
def test_a_failure_halfway_queues_nothing_and_keeps_the_draft(account: MailAccount, moment: str) -> None:
    draft = draft_of(account)
    with mock.patch(moment, side_effect=DatabaseError("disk full")), pytest.raises(DatabaseError):
        outbox.queue(draft)
    assert Draft.objects.get().text == "Shall we?\n"
    assert not Outgoing.objects.exists()
    assert not Message.objects.exists()


def test_a_draft_queued_twice_leaves_once(account: MailAccount) -> None:
    draft = draft_of(account)
    again = Draft.objects.get(pk=draft.pk)
    outbox.queue(draft)
    with pytest.raises(Draft.DoesNotExist):
        outbox.queue(again)
    assert Outgoing.objects.count() == 1
    assert Message.objects.count() == 1


def test_the_task_is_woken_when_it_is_committed_and_not_before(
    account: MailAccount, django_capture_on_commit_callbacks: Commit
) -> None:
    draft = draft_of(account)
    with mock.patch.object(app, "send_task") as send_task, django_capture_on_commit_callbacks(execute=True):
        outgoing = outbox.queue(draft)
        send_task.assert_not_called()
    send_task.assert_called_once()
    assert send_task.call_args.args == ("mailbox.tasks.send", (outgoing.pk,))


def test_what_is_to_leave_later_wakes_nobody_now(
    account: MailAccount, django_capture_on_commit_callbacks: Commit
) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    with django_capture_on_commit_callbacks() as callbacks:
        outgoing = outbox.queue(draft_of(account), send_at=tomorrow)
    assert callbacks == []
    assert outgoing.due_at == tomorrow
    assert not Outgoing.objects.due(timezone.now()).exists()
    assert Outgoing.objects.due(tomorrow).exists()


# Finished messages


def test_a_finished_message_is_queued_as_it_is(account: MailAccount, bob: User) -> None:
    octets = octets_of("Report", sender="alice@home.test", message_id="7@home.test")
    outgoing = outbox.queue_octets(account, bob, octets, reverse_path="alice@home.test", recipients=[FAR])
    assert outgoing.original.octets == octets
    assert (outgoing.message_id, outgoing.writer, outgoing.reverse_path) == ("7@home.test", bob, "alice@home.test")
    assert outgoing.sent_copy
    assert outgoing.sent_copy.folder == Folder.SENT


def test_bare_line_ends_are_made_whole_before_anything_is_stored(account: MailAccount) -> None:
    outgoing = outbox.queue_octets(
        account, account.owner, b"Subject: x\n\n.\nend", reverse_path="alice@home.test", recipients=[FAR]
    )
    assert outgoing.original.octets == b"Subject: x\r\n\r\n.\r\nend\r\n"


def test_recipients_that_no_header_shows_are_blind_copies(account: MailAccount) -> None:
    octets = b"To: Dana <dana@far.test>\r\nCc: erin@far.test\r\n\r\nHello\r\n"
    wanted = ["grace@far.test", "Erin@far.test", FAR]
    outgoing = outbox.queue_octets(account, account.owner, octets, reverse_path="alice@home.test", recipients=wanted)
    assert set(addressed(outgoing)) == {
        (Header.TO, FAR),
        (Header.CC, "Erin@far.test"),
        (Header.BCC, "grace@far.test"),
    }


@pytest.mark.parametrize("wrong", ["nobody", "a@b.test>\r\nRCPT TO:<grace@far.test", "a b@c.test", ""])
def test_an_address_that_is_none_queues_nothing(account: MailAccount, wrong: str) -> None:
    with pytest.raises(Unfit):
        outbox.queue_octets(account, account.owner, b"", reverse_path="alice@home.test", recipients=[FAR, wrong])
    assert not Outgoing.objects.exists()


def test_sending_on_what_was_received_never_takes_it_out_of_the_inbox(account: MailAccount) -> None:
    [received] = deliver(account, octets_of("Plan", message_id="2@far.test"))
    outgoing = outbox.queue_octets(
        account, account.owner, received.octets, reverse_path="alice@home.test", recipients=[FAR]
    )
    outbox.cancel(outgoing)
    assert Message.objects.get() == received
    assert Message.objects.get().folder == Folder.INBOX
