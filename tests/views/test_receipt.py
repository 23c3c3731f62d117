"""A message that asks to be told when it was read: the line, the answer, and nothing by itself."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import MailAccount, Membership, SubmissionServer, User
from mailbox import receipts
from mailbox.mime.parse import parse
from mailbox.models import Folder, Message, Outgoing
from tests.cast import deliver, octets_of

ASKS = "asks to be told that you have read this"


def asking(subject: str = "Tea") -> bytes:
    octets = octets_of(subject, message_id=f"{subject}@far.test")
    return b"Disposition-Notification-To: Dana <dana@far.test>\r\n" + octets


@pytest.fixture
def message(account: MailAccount) -> Message:
    return deliver(account, asking())[0]


def page(user: User, message: Message) -> str:
    return as_user(user).get(reverse("conversation", args=[message.key])).text


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_says_that_it_asks_and_tells_nobody(alice: User, message: Message) -> None:
    assert "dana@far.test asks to be told that you have read this. Nobody is told unless you say so." in page(
        alice, message
    )
    as_user(alice).post(reverse("act", args=[message.key, "read"]))
    assert not Outgoing.objects.exists()


def test_most_messages_ask_nothing(alice: User, account: MailAccount) -> None:
    assert ASKS not in page(alice, deliver(account, octets_of())[0])


def test_tells_who_asks_when_the_reader_says_so(
    alice: User, message: Message, submission_server: SubmissionServer
) -> None:
    answer = as_user(alice).post(reverse("receipt", args=[message.key]))
    assert answer.headers["Location"].startswith(reverse("conversation", args=[message.key]))
    outgoing = Outgoing.objects.get()
    assert [each.address for each in outgoing.recipients.all()] == ["dana@far.test"]
    assert outgoing.reverse_path == ""
    parsed = parse(outgoing.original.octets)
    assert parsed.header.in_reply_to == ("Tea@far.test",)
    assert "You told dana@far.test that you have read this." in page(alice, message)


def test_tells_once(alice: User, message: Message, submission_server: SubmissionServer) -> None:
    for _ in range(2):
        as_user(alice).post(reverse("receipt", args=[message.key]))
    assert Outgoing.objects.count() == 1


def test_what_asks_nothing_is_not_answered(
    alice: User, account: MailAccount, submission_server: SubmissionServer
) -> None:
    as_user(alice).post(reverse("receipt", args=[deliver(account, octets_of())[0].key]))
    assert not Outgoing.objects.exists()


def test_without_a_server_it_says_so(alice: User, message: Message) -> None:
    answer = as_user(alice).post(reverse("receipt", args=[message.key]), headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "so nobody can be told" in answer.text


def test_answers_a_script_with_the_line(alice: User, message: Message, submission_server: SubmissionServer) -> None:
    answer = as_user(alice).post(reverse("receipt", args=[message.key]), headers={"HX-Request": "true"})
    assert "You told dana@far.test" in answer.text


def test_who_may_only_read_sees_the_question_and_cannot_answer(
    bob: User, charlie: User, message: Message, submission_server: SubmissionServer
) -> None:
    assert ASKS in page(bob, message)
    assert "Tell them" not in page(bob, message)
    for person in (bob, charlie):
        assert as_user(person).post(reverse("receipt", args=[message.key])).status_code == 404
    Membership.objects.update(role=Membership.Role.SEND)
    assert "Tell them" in page(bob, message)


def test_looking_answers_nothing(alice: User, message: Message) -> None:
    assert as_user(alice).get(reverse("receipt", args=[message.key])).status_code == 405


def test_what_was_sent_is_not_asked_about(alice: User, account: MailAccount) -> None:
    [own] = deliver(account, asking(), folder=Folder.SENT)
    assert ASKS not in page(alice, own)


def test_ten_questions_cost_as_much_as_one(alice: User, account: MailAccount) -> None:
    def queries_of(message: Message) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ASKS in page(alice, message)
        return len(queries)

    one = deliver(account, asking("one"))[0]
    many: list[Any] = [b"References: <many-0@far.test>\r\n" + asking(f"many-{number}") for number in range(10)]
    cost = queries_of(one)
    assert queries_of(deliver(account, *many)[0]) <= cost + 1


def test_the_id_of_an_answer_is_the_same_each_time_and_another_for_each_message(
    account: MailAccount, message: Message
) -> None:
    other = deliver(account, asking("Other"))[0]
    assert receipts.receipt_id(message) == receipts.receipt_id(Message.objects.get(pk=message.pk))
    assert receipts.receipt_id(message) != receipts.receipt_id(other)
