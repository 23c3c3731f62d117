"""What a provider gives back of one's own mail is not shown twice; what only claims to be it, is."""

import itertools
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Identity, MailAccount, User
from mailbox import delivery, outbox, own_copies, pull
from mailbox.models import Folder, Message, Outgoing, RetrievedUidl
from tests.cast import octets_of, remote_maildrop
from tests.conftest import started
from tests.dovecot import Dovecot
from tests.outgoing import draft_of

pytestmark = pytest.mark.django_db(transaction=True)
TRACE = b"Received: from home by mx.home.test; Wed, 25 Nov 2026 09:00:00 +0000\r\nX-Provider: yes\r\n"
_USERS = {f"user{number}": "correct horse" for number in range(4)}
_unused = itertools.cycle(_USERS)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    yield from started(lambda: Dovecot(_USERS))


@pytest.fixture(autouse=True)
def sent(account: MailAccount, submission_server: object) -> Outgoing:
    """A message that Alice has sent to Dana."""
    return outbox.queue(draft_of(account))


def given_back(outgoing: Outgoing) -> bytes:
    return TRACE + outgoing.original.octets


def arrive(account: MailAccount, *octets: bytes) -> list[Message | None]:
    """Deliver as a pull does; return the twins."""
    prepared = [delivery.prepare(account, each) for each in octets]
    with transaction.atomic():
        twins = own_copies.twins(account, prepared, is_moved=False)
        delivery.deliver(account, [each for each, twin in zip(prepared, twins, strict=True) if not twin])
    return twins


def folders() -> list[str]:
    return sorted(Message.objects.values_list("folder", flat=True))


def test_a_copy_is_the_message_in_sent(account: MailAccount, sent: Outgoing) -> None:
    assert arrive(account, given_back(sent)) == [sent.sent_copy]
    assert folders() == [Folder.SENT]


def test_empty_lines_at_the_end_make_no_other_message(account: MailAccount, sent: Outgoing) -> None:
    assert arrive(account, given_back(sent) + b"\r\n\r\n") == [sent.sent_copy]


def test_a_copy_of_what_is_in_sent_no_more_goes_there_as_read(account: MailAccount, sent: Outgoing) -> None:
    with transaction.atomic():
        delivery.remove(list(Message.objects.all()))
    assert arrive(account, given_back(sent)) == [None]
    copy = Message.objects.get()
    assert (copy.folder, copy.is_read) == (Folder.SENT, True)


def test_a_copy_under_another_of_the_own_names_is_one(account: MailAccount) -> None:
    Identity.objects.create(account=account, name="Ally", address="ally@work.test", is_default=True)
    account.identities.exclude(address="ally@work.test").update(is_default=False)
    outgoing = outbox.queue(draft_of(account))
    assert b"ally@work.test" in outgoing.original.octets
    assert arrive(MailAccount.objects.get(pk=account.pk), given_back(outgoing)) == [outgoing.sent_copy]


def test_another_content_under_the_same_name_stays_in_the_inbox(account: MailAccount, sent: Outgoing) -> None:
    arrive(account, given_back(sent).replace(b"Shall we", b"Pay now"))
    assert folders() == [Folder.INBOX, Folder.SENT]


def test_somebody_elses_message_stays_in_the_inbox(account: MailAccount, sent: Outgoing) -> None:
    arrive(account, given_back(sent).replace(b"alice@home.test", b"eve@far.test"))
    assert folders() == [Folder.INBOX, Folder.SENT]


def test_what_somebody_wrote_to_himself_did_arrive(account: MailAccount) -> None:
    note = outbox.queue(draft_of(account, to="dana@far.test", bcc="Alice@home.test"))
    assert arrive(account, given_back(note)) == [None]
    assert folders() == [Folder.INBOX, Folder.SENT, Folder.SENT]


def test_what_another_account_of_the_person_receives_did_arrive(alice: User, sent: Outgoing) -> None:
    other = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    assert arrive(other, given_back(sent)) == [None]
    assert Message.objects.get(account=other).folder == Folder.INBOX


def test_what_another_person_receives_did_arrive(charlie: User, sent: Outgoing) -> None:
    other = MailAccount.objects.create(owner=charlie, name="Own", address="charlie@home.test")
    assert arrive(other, given_back(sent)) == [None]
    assert Message.objects.get(account=other).folder == Folder.INBOX


def test_other_mail_costs_no_query_once_the_own_addresses_are_known(account: MailAccount) -> None:
    prepared = [delivery.prepare(account, octets_of(message_id=f"{number}@lists.far.test")) for number in range(20)]
    own_copies.twins(account, prepared, is_moved=False)
    with CaptureQueriesContext(connection) as queries:
        assert own_copies.twins(account, prepared, is_moved=False) == [None] * 20
    assert not queries.captured_queries


def test_ten_copies_cost_a_few_queries_more_than_one(account: MailAccount, sent: Outgoing) -> None:
    others = [outbox.queue(draft_of(account, subject=f"Tea {number}")) for number in range(9)]
    prepared = [delivery.prepare(account, given_back(each)) for each in (sent, *others)]
    with CaptureQueriesContext(connection) as queries:
        assert None not in own_copies.twins(account, prepared, is_moved=False)
    # For the own addresses, the messages, their recipients; octets are read one by one, for they may be large.
    assert len(queries) == 3 + 10


@pytest.mark.parametrize("mode", ["keep", "delete"])
def test_a_pull_shows_it_once_knows_it_then_and_deletes_nothing_unproven(
    account: MailAccount, server: Dovecot, sent: Outgoing, mode: str
) -> None:
    user = next(_unused)
    maildrop = remote_maildrop(account, port=server.port, login=user, password=_USERS[user], mode=mode)
    server.add(user, given_back(sent))
    server.add(user, octets_of(message_id="1@far.test"))
    for _ in range(2):
        pull.pull(maildrop)
        assert folders() == [Folder.INBOX, Folder.SENT]
    [row] = RetrievedUidl.objects.filter(message=sent.sent_copy)
    assert (row.proof, row.deletion) == (RetrievedUidl.Proof.BODY, RetrievedUidl.Deletion.NONE)
