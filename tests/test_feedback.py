"""That a message was opened or called spam is told beside it, and changes nothing else."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import MailAccount, User
from mailbox import outbox
from mailbox.models import Feedback, Folder, Message, Outgoing
from tests.cast import deliver, octets_of
from tests.mime.test_feedback import COMPLAINT, OPENED
from tests.outgoing import draft_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
Kind = Feedback.Kind


def about(outgoing: Outgoing, text: str) -> bytes:
    return text.replace("tea.1@home.test", outgoing.message_id).replace("\n", "\r\n").encode()


@pytest.fixture
def sent(account: MailAccount) -> Outgoing:
    return outbox.queue(draft_of(account, to="dana@far.test", bcc="bob@far.test"))


def told(outgoing: Outgoing) -> list[tuple[str, str]]:
    return list(outgoing.feedback.values_list("address", "kind"))


def page(user: User, outgoing: Outgoing) -> str:
    client = Client()
    client.force_login(user)
    assert outgoing.sent_copy
    return client.get(reverse("conversation", args=[outgoing.sent_copy.key])).text


def test_is_noted_with_the_recipient_as_he_was_written_to(account: MailAccount, sent: Outgoing) -> None:
    [message] = deliver(account, about(sent, OPENED))
    deliver(account, about(sent, COMPLAINT))
    assert told(sent) == [("dana@far.test", Kind.DISPLAYED), ("dana@far.test", Kind.ABUSE)]
    assert sent.feedback.earliest("id").report == message
    assert Message.objects.get(pk=message.pk).folder == Folder.INBOX


def test_the_same_told_again_is_no_news(account: MailAccount, sent: Outgoing) -> None:
    for number in range(3):
        deliver(account, about(sent, f"X-Number: {number}\n{OPENED}"))
    assert told(sent) == [("dana@far.test", Kind.DISPLAYED)]


def test_whoever_was_not_written_to_has_no_name(account: MailAccount, sent: Outgoing) -> None:
    for number in range(3):
        deliver(account, about(sent, OPENED.replace("dana@", f"eve{number}@")))
    assert told(sent) == [("", Kind.DISPLAYED)]


def test_the_only_recipient_is_meant_whatever_the_report_calls_him(account: MailAccount) -> None:
    outgoing = outbox.queue(draft_of(account))
    deliver(account, about(outgoing, COMPLAINT.replace("Original-Rcpt-To: <dana@far.test>\n", "")))
    assert told(outgoing) == [("dana@far.test", Kind.ABUSE)]


def test_of_a_message_of_another_person_nothing_is_told(sent: Outgoing, charlie: User) -> None:
    other = MailAccount.objects.create(owner=charlie, name="Own", address="charlie@home.test")
    deliver(other, about(sent, OPENED))
    assert told(sent) == []


def test_nothing_is_answered_or_changed_for_it(account: MailAccount, sent: Outgoing) -> None:
    before = Outgoing.objects.filter(pk=sent.pk).values().get()
    deliver(account, about(sent, OPENED), about(sent, COMPLAINT))
    assert Outgoing.objects.filter(pk=sent.pk).values().get() == before
    assert Outgoing.objects.count() == 1
    assert {each.action for each in sent.recipients.all()} == {""}


def test_ordinary_mail_costs_no_query_for_it(account: MailAccount, sent: Outgoing) -> None:
    with CaptureQueriesContext(connection) as queries:
        deliver(account, octets_of(subject="Tea"))
    assert not [each for each in queries if "mailbox_feedback" in each["sql"]]


def test_the_log_says_who_opened_it_and_shows_the_report(alice: User, account: MailAccount, sent: Outgoing) -> None:
    sent.recipients.update(status="accepted", reply="250 Ok")
    [message] = deliver(account, about(sent, OPENED))
    text = page(alice, sent)
    assert "Opened by 1 recipient" in text
    assert reverse("conversation", args=[message.key]) in text


def test_the_log_says_who_complained(alice: User, account: MailAccount, sent: Outgoing) -> None:
    deliver(account, about(sent, COMPLAINT))
    assert "Reported as spam" in page(alice, sent)


def test_the_log_costs_the_same_however_much_was_reported(alice: User, account: MailAccount, sent: Outgoing) -> None:
    deliver(account, about(sent, OPENED))
    page(alice, sent)
    with CaptureQueriesContext(connection) as one:
        page(alice, sent)
    deliver(account, about(sent, COMPLAINT), about(sent, OPENED.replace("displayed\n--b--", "deleted\n--b--")))
    with CaptureQueriesContext(connection) as many:
        page(alice, sent)
    assert len(many) <= len(one) + 1  # the reports themselves join the conversation
