"""What comes back is told of the message that was sent, and changes nothing else."""

from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox import delivery, outbox
from mailbox.models import Folder, Message, Outgoing, Recipient
from tests.cast import deliver, octets_of
from tests.outgoing import draft_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
BOUNCES = Path(__file__).parent / "mime" / "bounces"
Action, Status = Recipient.Action, Recipient.Status


def bounce(name: str, outgoing: Outgoing) -> bytes:
    """Return a report about `outgoing` as it comes from a server."""
    octets = (BOUNCES / f"{name}.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return octets.replace(b"tea.1@home.test", outgoing.message_id.encode())


@pytest.fixture
def sent(account: MailAccount) -> Outgoing:
    """A message to Dana and Bob that Alice's server has accepted."""
    outgoing = outbox.queue(draft_of(account, to="dana@far.test", bcc="bob@far.test"))
    outgoing.recipients.update(status=Status.ACCEPTED, reply="250 Ok", decided_at=timezone.now())
    Outgoing.objects.update(finished_at=timezone.now())
    return outgoing


def told(outgoing: Outgoing) -> dict[str, tuple[str, str, str]]:
    rows = outgoing.recipients.values_list("address", "status", "action", "status_code")
    return {address.partition("@")[0]: (status, action, code) for address, status, action, code in rows}


def test_notes_what_became_of_each_recipient_beside_what_the_server_said(account: MailAccount, sent: Outgoing) -> None:
    [message] = deliver(account, bounce("exchange", sent))
    assert told(sent) == {
        "dana": (Status.ACCEPTED, Action.FAILED, "5.2.2"),
        "bob": (Status.ACCEPTED, Action.DELIVERED, "2.0.0"),
    }
    dana = sent.recipients.get(address="dana@far.test")
    assert dana.diagnostic.startswith("554 5.2.2 mailbox full")
    assert (dana.reply, dana.report) == ("250 Ok", message)
    assert dana.reported_at


def test_the_report_itself_stays_in_the_inbox(account: MailAccount, sent: Outgoing) -> None:
    [message] = deliver(account, bounce("postfix", sent))
    assert Message.objects.get(pk=message.pk).folder == Folder.INBOX


def test_a_forged_report_sends_nothing_again_and_deletes_nothing(account: MailAccount) -> None:
    outgoing = outbox.queue(draft_of(account))
    before = Outgoing.objects.filter(pk=outgoing.pk).values().get()
    deliver(account, bounce("postfix", outgoing))
    after = Outgoing.objects.filter(pk=outgoing.pk).values().get()
    # The mark that asks the writer to look is all.
    assert after["troubled_at"]
    assert {**after, "troubled_at": None} == before
    assert told(outgoing) == {"dana": (Status.QUEUED, Action.FAILED, "5.1.1")}
    assert Message.objects.filter(folder=Folder.SENT).exists()


def test_of_a_message_of_another_person_nothing_is_told(account: MailAccount, sent: Outgoing, charlie: User) -> None:
    other = MailAccount.objects.create(owner=charlie, name="Own", address="charlie@home.test")
    deliver(other, bounce("postfix", sent))
    assert told(sent)["dana"] == (Status.ACCEPTED, "", "")


def test_a_report_to_another_account_of_the_same_person_counts(
    account: MailAccount, sent: Outgoing, alice: User
) -> None:
    other = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    deliver(other, bounce("postfix", sent))
    assert told(sent)["dana"] == (Status.ACCEPTED, Action.FAILED, "5.1.1")


def test_an_address_that_was_not_written_to_is_passed_over(account: MailAccount, sent: Outgoing) -> None:
    deliver(account, bounce("postfix", sent).replace(b"ana@far.test", b"ora@far.test"))
    assert {action for _status, action, _code in told(sent).values()} == {""}


def test_the_only_recipient_is_meant_also_under_another_address(account: MailAccount) -> None:
    outgoing = outbox.queue(draft_of(account))
    deliver(account, bounce("postfix", outgoing).replace(b"ana@far.test", b"ora@far.test"))
    assert told(outgoing)["dana"][1] == Action.FAILED


@pytest.mark.parametrize(
    ("first", "then", "stands"),
    [("gmail", "postfix", Action.FAILED), ("postfix", "gmail", Action.FAILED), ("gmail", "gmail", Action.DELAYED)],
)
def test_that_it_failed_is_not_taken_back(
    account: MailAccount, sent: Outgoing, first: str, then: str, stands: Recipient.Action
) -> None:
    deliver(account, bounce(first, sent), bounce(then, sent) + b"\r\n")
    assert told(sent)["dana"][1] == stands


def test_the_words_stay_when_the_report_is_deleted(account: MailAccount, sent: Outgoing) -> None:
    [message] = deliver(account, bounce("postfix", sent))
    with transaction.atomic():
        delivery.remove([message])
    dana = sent.recipients.get(address="dana@far.test")
    assert (dana.action, dana.report) == (Action.FAILED, None)


def test_costs_nothing_where_nothing_came_back(account: MailAccount, sent: Outgoing) -> None:
    prepared = [delivery.prepare(account, octets_of("Hello", message_id="5@far.test"))]
    assert prepared[0].bounce is None
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        delivery.deliver(account, prepared)
    assert not [each for each in queries.captured_queries if "mailbox_recipient" in each["sql"]]


def test_many_reports_cost_as_many_queries_as_one(account: MailAccount, sent: Outgoing) -> None:
    def queries_of(*octets: bytes) -> int:
        prepared = [delivery.prepare(account, each) for each in octets]
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            delivery.deliver(account, prepared)
        return len(queries)

    one = queries_of(bounce("postfix", sent))
    assert queries_of(*(bounce("exim", sent) + b"%d\r\n" % number for number in range(20))) <= one + 1
