"""A forwarded file is a part of the message that it came with: nothing is copied, and nothing is lost with it."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import MailAccount, User
from mailbox import delivery, outbox
from mailbox.answers import store
from mailbox.mime.compose import Unfit
from mailbox.mime.encode import base64_lines
from mailbox.mime.parse import parse
from mailbox.models import Draft, Message, Original, Outgoing
from tests.cast import deliver, octets_of

KEY = "abcdefghijklmnop"
PDF = bytes(range(256)) * 4_000

pytestmark = pytest.mark.usefixtures("submission_server")


def with_file(account: MailAccount) -> Message:
    head = b'Content-Type: application/pdf; name="plan.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    text = b"Content-Type: text/plain\r\n\r\nLook.\r\n"
    body = b"--b\r\n" + text + b"--b\r\n" + head + base64_lines(PDF) + b"--b--\r\n"
    octets = octets_of(text="").replace(b"text/plain; charset=utf-8", b"multipart/mixed; boundary=b")
    return deliver(account, octets.replace(b"8bit\r\n\r\n", b"8bit\r\n\r\n" + body))[0]


def forward(message: Message, writer: User) -> Draft:
    draft = store(KEY, writer, message.account, kind=Draft.Kind.FORWARD, parent=message)
    draft.to, draft.subject = "bob@far.test", "Fwd"
    draft.save()
    return draft


def delete(message: Message) -> None:
    with transaction.atomic():
        delivery.remove([message])


def test_a_forward_holds_no_octets_of_its_own(account: MailAccount, alice: User) -> None:
    file = forward(with_file(account), alice).files.get()
    assert (bytes(file.octets), file.octets_count, file.name) == (b"", len(PDF), "plan.pdf")
    assert file.content() == PDF


def test_the_octets_stay_when_the_message_is_deleted(account: MailAccount, alice: User) -> None:
    message = with_file(account)
    draft = forward(message, alice)
    delete(message)
    delivery.sweep()
    assert not Message.objects.exists()
    assert draft.files.get().content() == PDF


def test_it_is_sent_although_the_message_is_deleted(account: MailAccount, alice: User) -> None:
    message = with_file(account)
    draft = forward(message, alice)
    delete(message)
    outbox.queue(Draft.objects.get(pk=draft.pk))
    [part] = parse(Outgoing.objects.get().original.octets).attachments
    assert (part.file_name, part.media_type, part.content()) == ("plan.pdf", "application/pdf", PDF)


def test_the_octets_go_with_the_last_draft_that_needs_them(account: MailAccount, alice: User) -> None:
    message = with_file(account)
    draft = forward(message, alice)
    delete(message)
    draft.delete()
    delivery.sweep()
    assert not Original.objects.exists()


def test_a_part_that_is_read_elsewhere_today_is_found_by_its_name(account: MailAccount, alice: User) -> None:
    file = forward(with_file(account), alice).files.get()
    file.part = 99
    assert file.content() == PDF


def test_a_part_that_is_nowhere_is_said_and_not_sent_as_something_else(account: MailAccount, alice: User) -> None:
    file = forward(with_file(account), alice).files.get()
    file.octets_count = 1
    with pytest.raises(LookupError):
        file.content()


def test_a_part_that_is_nowhere_is_said_at_the_files(account: MailAccount, alice: User) -> None:
    draft = forward(with_file(account), alice)
    draft.files.update(octets_count=1)
    with pytest.raises(Unfit) as unfit:
        outbox.queue(draft)
    assert (unfit.value.field, unfit.value.value) == ("files", "plan.pdf")
    assert Draft.objects.exists()


def test_many_forwarded_files_cost_the_list_one_query(account: MailAccount, alice: User) -> None:
    draft = forward(with_file(account), alice)
    with CaptureQueriesContext(connection) as queries:
        assert [each.octets_count for each in draft.files.defer("octets")] == [len(PDF)]
    assert len(queries) == 1
