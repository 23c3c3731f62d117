"""A sent message shows what became of it for each recipient, in words, with what the servers said behind them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox import outbox
from mailbox.models import Message, Outgoing, Recipient
from mailbox.views.status_codes import explained
from tests.cast import deliver, octets_of
from tests.outgoing import draft_of

pytestmark = pytest.mark.usefixtures("submission_server")
BOUNCE = (Path(__file__).parent.parent / "mime" / "bounces" / "postfix.eml").read_bytes()
Status, Action = Recipient.Status, Recipient.Action


@pytest.fixture
def sent(account: MailAccount) -> Outgoing:
    return outbox.queue(draft_of(account, to="dana@far.test, bob@far.test"))


def became(outgoing: Outgoing, address: str = "", **columns: Any) -> None:
    recipients = outgoing.recipients.filter(address=address) if address else outgoing.recipients.all()
    recipients.update(decided_at=timezone.now(), **columns)


def page(user: User, outgoing: Outgoing) -> str:
    client = Client()
    client.force_login(user)
    assert outgoing.sent_copy
    return client.get(reverse("conversation", args=[outgoing.sent_copy.key])).text


@pytest.mark.parametrize(
    ("columns", "summary"),
    [
        ({}, "On its way"),
        ({"status": Status.DEFERRED, "reply": "451 4.3.2 Busy"}, "On its way"),
        ({"status": Status.ACCEPTED, "reply": "250 Ok: queued as 77"}, "Accepted by the server"),
        ({"status": Status.ACCEPTED, "action": Action.DELIVERED, "reported_at": timezone.now()}, "Delivered"),
        ({"status": Status.ACCEPTED, "action": Action.DELAYED, "reported_at": timezone.now()}, "Delayed on the way"),
        ({"status": Status.ACCEPTED, "action": Action.FAILED, "reported_at": timezone.now()}, "Not delivered to 2"),
        ({"status": Status.REFUSED, "reply": "550 5.1.1 No"}, "Not delivered to 2 addresses"),
        ({"status": Status.UNCERTAIN}, "It may not have arrived"),
    ],
)
def test_says_in_one_line_what_became_of_it(alice: User, sent: Outgoing, columns: dict[str, Any], summary: str) -> None:
    became(sent, **columns)
    text = page(alice, sent)
    assert summary in text
    assert str(columns.get("reply", "")) in text


def test_the_worst_stands_first_and_is_explained(alice: User, sent: Outgoing) -> None:
    became(sent, status=Status.ACCEPTED, reply="250 Ok")
    became(sent, "bob@far.test", status=Status.REFUSED, reply="552 5.2.2 Over quota")
    log = page(alice, sent).partition("delivery-log__list")[2]
    assert log.index("bob@far.test") < log.index("dana@far.test")
    assert "The mailbox is full." in log


def test_shows_what_came_back_with_its_report(alice: User, account: MailAccount, sent: Outgoing) -> None:
    became(sent, status=Status.ACCEPTED, reply="250 Ok")
    [report] = deliver(account, BOUNCE.replace(b"tea.1@home.test", sent.message_id.encode()))
    text = page(alice, sent)
    assert "Not delivered to 1 address" in text
    assert "There is no such address." in text
    assert "Recipient address rejected" in text
    assert "250 Ok" in text
    assert reverse("conversation", args=[report.key]) in text


def test_the_outbox_asks_for_a_look_at_what_came_back(alice: User, account: MailAccount, sent: Outgoing) -> None:
    became(sent, status=Status.ACCEPTED)
    Outgoing.objects.update(finished_at=timezone.now())
    deliver(account, BOUNCE.replace(b"tea.1@home.test", sent.message_id.encode()))
    client = Client()
    client.force_login(alice)
    text = client.get("/outbox/").text
    assert "Needs you" in text
    assert "has sent it back" in text
    assert "Came back" in text


def test_a_report_that_comes_late_brings_an_old_message_back_to_the_outbox(
    alice: User, account: MailAccount, sent: Outgoing
) -> None:
    became(sent, status=Status.ACCEPTED)
    Outgoing.objects.update(finished_at=timezone.now() - timedelta(days=30))
    deliver(account, BOUNCE.replace(b"tea.1@home.test", sent.message_id.encode()))
    client = Client()
    client.force_login(alice)
    assert "has sent it back" in client.get("/outbox/").text


def test_what_servers_say_is_escaped(alice: User, sent: Outgoing) -> None:
    became(sent, status=Status.ACCEPTED, action=Action.FAILED, reported_at=timezone.now(), diagnostic="<script>x")
    assert "<script>x" not in page(alice, sent)


def test_a_member_who_reads_the_account_reads_the_log(bob: User, sent: Outgoing) -> None:
    assert "On its way" in page(bob, sent)


def test_a_received_message_has_no_log_and_costs_no_query(alice: User, account: MailAccount) -> None:
    client = Client()
    client.force_login(alice)
    url = reverse("conversation", args=[deliver(account, octets_of())[0].key])
    with CaptureQueriesContext(connection) as queries:
        text = client.get(url).text
    assert "delivery-log" not in text.partition("<main")[2]
    assert not [each for each in queries.captured_queries if "mailbox_recipient" in each["sql"]]


def test_twenty_sent_messages_cost_as_much_as_one(alice: User, account: MailAccount) -> None:
    def queries_of(message: Message) -> int:
        client = Client()
        client.force_login(alice)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("conversation", args=[message.key]))
        return len(queries)

    [parent] = deliver(account, octets_of("Plan", message_id="2@far.test"))
    first = outbox.queue(draft_of(account, kind="reply", parent=parent))
    assert first.sent_copy
    one = queries_of(first.sent_copy)
    for _ in range(9):
        outbox.queue(draft_of(account, kind="reply", parent=parent))
    Message.objects.update(is_read=False)
    assert queries_of(first.sent_copy) <= one + 1


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ("550 5.1.1 <dana@far.test>: User unknown", "There is no such address."),
        ("5.2.2", "The mailbox is full."),
        ("554 5.7.26 unauthenticated", "The recipient's server does not believe"),
        ("552-5.3.4 too big", "The message is too large"),
        ("5.4.99", "The recipient's server could not be reached."),
        ("250 2.0.0 Ok", ""),
        ("host 192.5.1.1 said no", ""),
        ("", ""),
        ("451 4.7.1 Greylisting in action, please come back later", "The recipient's server lets senders wait"),
        ("550 5.7.1 Not wanted", "The recipient's server does not want"),
    ],
)
def test_explains_a_status_code(words: str, begins: str) -> None:
    found = explained(words)
    assert found.startswith(begins)
    assert bool(found) == bool(begins)
