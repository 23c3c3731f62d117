"""Ids that come back, maildrops that are renumbered, and large messages: nothing shown twice, nothing lost."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import MailAccount, RemoteMaildrop, User
from accounts.troubles import Notice
from mailbox import delivery, listings, pop3, pull
from mailbox.models import Message, PullLog, RetrievedUidl
from mailbox.tasks import housekeeping
from tests.cast import octets_of, remote_maildrop
from tests.shelf import PASSWORD, Shelf

deliver_now = delivery.deliver
Mode, Proof, Deletion = RemoteMaildrop.Mode, RetrievedUidl.Proof, RetrievedUidl.Deletion
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with Shelf() as running:
        yield running


@pytest.fixture
def maildrop(account: MailAccount, shelf: Shelf) -> RemoteMaildrop:
    return remote_maildrop(account, port=shelf.port, login="alice", password=PASSWORD)


def fill(shelf: Shelf, count: int = 20) -> None:
    shelf.messages = {
        f"old{number}": octets_of(f"Message {number}", message_id=f"{number}@far.test", text=f"Number {number}")
        for number in range(count)
    }


def moved(octets: bytes) -> bytes:
    """Return a message as a new server serves it: one more field on top."""
    return b"X-Moved: yes\r\n" + octets


def test_a_renumbered_maildrop_is_recognised_without_retrieving_it(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    fill(shelf)
    pull.pull(maildrop)
    shelf.renumber("new")
    report = pull.pull(maildrop)
    assert (report.status, report.retrieved, report.octets, report.known) == (pull.Status.OK, 0, 0, 20)
    assert report.notice == Notice.RENUMBERED
    assert Message.objects.count() == 20
    maildrop.refresh_from_db()
    assert (maildrop.notice, maildrop.notice_count) == (Notice.RENUMBERED, 20)
    again = pull.pull(maildrop)
    assert (again.known, again.notice) == (20, "")


def test_new_mail_in_a_renumbered_maildrop_comes(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    fill(shelf)
    pull.pull(maildrop)
    shelf.renumber("new")
    shelf.messages["fresh"] = octets_of("Fresh", message_id="fresh@far.test")
    report = pull.pull(maildrop)
    assert (report.retrieved, report.known) == (1, 20)
    assert Message.objects.filter(subject="Fresh").count() == 1


def test_a_moved_maildrop_with_one_more_field_shows_nothing_twice(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    fill(shelf)
    pull.pull(maildrop)
    shelf.messages = {f"new{number}": moved(octets) for number, octets in enumerate(shelf.messages.values())}
    report = pull.pull(maildrop)
    assert (report.retrieved, Message.objects.count()) == (0, 20)
    assert RetrievedUidl.objects.filter(proof=Proof.BODY).count() == 20
    assert pull.pull(maildrop).known == 20


def test_what_is_known_by_its_body_only_is_never_deleted_there(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    fill(shelf)
    pull.pull(maildrop)
    shelf.messages = {f"new{number}": moved(octets) for number, octets in enumerate(shelf.messages.values())}
    pull.pull(maildrop)
    RemoteMaildrop.objects.update(mode=Mode.DELETE)
    maildrop.refresh_from_db()
    assert pull.pull(maildrop).deleted == 0
    assert len(shelf.messages) == 20


def test_what_was_recognised_by_its_header_is_retrieved_before_it_is_deleted_there(
    maildrop: RemoteMaildrop, shelf: Shelf
) -> None:
    fill(shelf)
    pull.pull(maildrop)
    shelf.renumber("new")
    pull.pull(maildrop)
    assert RetrievedUidl.objects.filter(proof=Proof.HEADER).count() == 20
    # One of them is another message under the same header: the header alone would have cost it.
    shelf.messages["new7"] = shelf.messages["new7"].replace(b"Number 7", b"Number X")
    RemoteMaildrop.objects.update(mode=Mode.DELETE)
    maildrop.refresh_from_db()
    report = pull.pull(maildrop)
    assert (report.retrieved, report.deleted, shelf.messages) == (1, 20, {})
    assert Message.objects.count() == 21


def test_a_few_new_messages_are_no_renumbering(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    fill(shelf, 5)
    pull.pull(maildrop)
    shelf.renumber("new")
    report = pull.pull(maildrop)
    assert (report.notice, report.retrieved, Message.objects.count()) == ("", 0, 5)


def test_a_maildrop_that_was_empty_for_a_while_floods_nobody(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    fill(shelf)
    pull.pull(maildrop)
    hidden, shelf.messages = shelf.messages, {}
    pull.pull(maildrop)
    assert RetrievedUidl.objects.filter(unlisted_at=None).count() == 0
    shelf.messages = hidden
    report = pull.pull(maildrop)
    assert (report.retrieved, report.octets, report.notice) == (0, 0, Notice.RESTORED)
    assert RetrievedUidl.objects.filter(unlisted_at=None, proof=Proof.HEADER).count() == 20


def test_an_id_that_comes_back_with_another_message_brings_it(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    first, second = octets_of("First", message_id="1@far.test"), octets_of("Other", message_id="2@far.test")
    assert len(first) == len(second)
    shelf.messages = {"1": first}
    pull.pull(maildrop)
    shelf.messages = {}
    pull.pull(maildrop)
    shelf.messages = {"1": second}
    assert pull.pull(maildrop).retrieved == 1
    assert set(Message.objects.values_list("subject", flat=True)) == {"First", "Other"}


def test_messages_restored_after_their_deletion_are_shown_once_and_deleted_again(
    maildrop: RemoteMaildrop, shelf: Shelf
) -> None:
    RemoteMaildrop.objects.update(mode=Mode.DELETE)
    maildrop.refresh_from_db()
    fill(shelf)
    kept = dict(shelf.messages)
    assert pull.pull(maildrop).deleted == 20
    shelf.messages = kept
    report = pull.pull(maildrop)
    assert (report.retrieved, report.deleted, Message.objects.count(), shelf.messages) == (0, 20, 20, {})


def test_headers_that_say_nothing_prove_nothing() -> None:
    assert listings.header_hash(b"X: y\r\n\r\nbody") == ""
    assert listings.header_hash(b"") == ""
    assert listings.header_hash(b"Date: x\r\n\r\nbody") == listings.header_hash(b"Date: x\r\n\r\n")
    assert listings.header_hash(b"Date: x\r\n\r\nbody") != listings.header_hash(b"Date: y\r\n\r\nbody")


def test_a_repeated_id_is_told_apart(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    fill(shelf, 3)
    listing = pop3.Client.listing

    def repeated(client: pop3.Client) -> list[pop3.Listed]:
        return [pop3.Listed(each.number, each.octets, "same") for each in listing(client)]

    with mock.patch.object(pop3.Client, "listing", repeated):
        assert pull.pull(maildrop).retrieved == 3
        report = pull.pull(maildrop)
    assert (report.known, report.octets, Message.objects.count()) == (3, 0, 3)


def test_leaves_the_newest(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    RemoteMaildrop.objects.update(mode=Mode.LEAVE_NEWEST, leave_newest=5)
    maildrop.refresh_from_db()
    fill(shelf)
    assert pull.pull(maildrop).deleted == 15
    assert list(shelf.messages) == [f"old{number}" for number in range(15, 20)]


def test_recent_mode_logs_in_as_recent_and_deletes_nothing(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    RemoteMaildrop.objects.update(mode=Mode.DELETE, is_recent=True)
    maildrop.refresh_from_db()
    fill(shelf)
    with mock.patch.object(shelf, "open", wraps=shelf.open) as opened:
        report = pull.pull(maildrop)
    assert opened.call_args.args[0] == "recent:alice"
    assert (report.retrieved, report.deleted, len(shelf.messages)) == (20, 0, 20)


def test_a_worker_that_is_told_to_end_stops_after_its_batch(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    fill(shelf)
    stopping = threading.Event()
    with (
        mock.patch.object(pull, "stopping", stopping),
        mock.patch.object(pull, "BATCH_COUNT", 5),
        mock.patch.object(delivery, "deliver", side_effect=lambda *args: stopping.set() or deliver_now(*args)),
    ):
        report = pull.pull(maildrop)
    assert report.status == pull.Status.OK
    assert report.retrieved < 20
    assert pull.pull(maildrop).retrieved == 20 - report.retrieved


# Large messages ------------------------------------------------------------------------------------------------------


@pytest.fixture
def large(shelf: Shelf, maildrop: RemoteMaildrop) -> bytes:
    """A message of over a megabyte, with only small ones wanted."""
    octets = octets_of("Large", message_id="large@far.test", text="\r\n".join(f"line {n}" for n in range(150_000)))
    shelf.messages = {"large": octets, "small": octets_of("Small")}
    RemoteMaildrop.objects.update(preview_over_mb=1)
    maildrop.refresh_from_db()
    return octets


def test_a_large_message_is_previewed(maildrop: RemoteMaildrop, large: bytes) -> None:
    report = pull.pull(maildrop)
    assert (report.retrieved, report.oversize) == (1, 1)
    stub = Message.objects.get(subject="Large")
    assert "line 50" in stub.octets.decode()
    assert stub.octets_count < 5_000
    row = RetrievedUidl.objects.get(message=stub)
    assert (row.proof, row.octets_count) == (Proof.STUB, len(large))
    again = pull.pull(maildrop)
    assert (again.known, again.oversize) == (2, 0)


def test_what_is_only_a_stub_is_never_deleted_there(maildrop: RemoteMaildrop, shelf: Shelf, large: bytes) -> None:
    RemoteMaildrop.objects.update(mode=Mode.DELETE)
    maildrop.refresh_from_db()
    pull.pull(maildrop)
    pull.pull(maildrop)
    assert shelf.messages == {"large": large}


def test_the_rest_takes_the_place_of_the_stub(maildrop: RemoteMaildrop, large: bytes) -> None:
    pull.pull(maildrop)
    stub = Message.objects.get(subject="Large")
    Message.objects.filter(pk=stub.pk).update(is_read=True, is_starred=True)
    RetrievedUidl.objects.filter(message=stub).update(is_wanted=True)
    pull.pull(maildrop)
    whole = Message.objects.select_related("original").get(subject="Large")
    assert (whole.pk, whole.key, whole.is_read, whole.is_starred) == (stub.pk, stub.key, True, True)
    assert whole.octets == large
    row = RetrievedUidl.objects.get(message=whole)
    assert (row.proof, row.is_wanted) == (Proof.HASH, False)
    assert Message.objects.count() == 2


def test_the_rest_over_the_hard_limit_stays_a_stub(maildrop: RemoteMaildrop, large: bytes, settings: Any) -> None:
    settings.MESSAGE_OCTETS_LIMIT = 1_100_000
    pull.pull(maildrop)
    RetrievedUidl.objects.filter(proof=Proof.STUB).update(is_wanted=True)
    report = pull.pull(maildrop)
    assert report.status == pull.Status.OK
    assert Message.objects.get(subject="Large").octets_count < 5_000


def test_a_message_larger_than_it_was_listed_is_previewed(maildrop: RemoteMaildrop, large: bytes) -> None:
    listing = pop3.Client.listing

    def lying(client: pop3.Client) -> list[pop3.Listed]:
        return [pop3.Listed(each.number, 1000, each.uidl) for each in listing(client)]

    with mock.patch.object(pop3.Client, "listing", lying):
        first, second = pull.pull(maildrop), pull.pull(maildrop)
    assert (first.oversize, first.retrieved) == (1, 1)
    assert (second.known, second.octets) == (2, 0)


def test_the_rest_that_was_asked_for_during_a_pull_is_due_at_once(maildrop: RemoteMaildrop, large: bytes) -> None:
    pull.pull(maildrop)

    def ask(client: pop3.Client) -> None:
        RetrievedUidl.objects.filter(proof=Proof.STUB).update(is_wanted=True)

    with mock.patch.object(pop3.Client, "quit", ask):
        pull.pull(maildrop)
    assert RemoteMaildrop.objects.due(timezone.now()).exists()


def test_ids_are_forgotten_after_four_hundred_days_of_absence(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    fill(shelf, 2)
    pull.pull(maildrop)
    now = timezone.now()
    RetrievedUidl.objects.filter(uidl="old0").update(unlisted_at=now - timedelta(days=399))
    RetrievedUidl.objects.filter(uidl="old1").update(unlisted_at=now - timedelta(days=401))
    housekeeping()
    assert list(RetrievedUidl.objects.values_list("uidl", flat=True)) == ["old0"]
    assert Message.objects.count() == 2


# Telling -------------------------------------------------------------------------------------------------------------


def test_keeps_the_log_of_the_latest_pulls(maildrop: RemoteMaildrop, shelf: Shelf) -> None:
    fill(shelf, 3)
    for _ in range(4):
        pull.pull(maildrop)
    PullLog.objects.update(at=F("at") - timedelta(hours=3))
    with mock.patch.object(PullLog, "KEPT", 2):
        housekeeping()
    assert list(PullLog.objects.values_list("status", "retrieved", "known")) == [("ok", 0, 3), ("ok", 0, 3)]


def test_pauses_after_five_failures_and_tells_in_another_account(maildrop: RemoteMaildrop) -> None:
    other = MailAccount.objects.create(owner=maildrop.account.owner, name="Work", address="alice@work.test")
    RemoteMaildrop.objects.update(port=9)
    for _ in range(5):
        maildrop.refresh_from_db()
        assert not maildrop.is_paused
        pull.pull(maildrop)
    maildrop.refresh_from_db()
    assert maildrop.is_paused
    (told,) = Message.objects.filter(account=other)
    assert "alice@home.test" in told.subject
    assert "cannot be reached" in told.octets.decode()
    assert PullLog.objects.filter(status="failed", trouble="unreachable").count() == 5


def test_a_wrong_password_tells_at_once_and_only_once(maildrop: RemoteMaildrop) -> None:
    other = MailAccount.objects.create(owner=maildrop.account.owner, name="Work", address="alice@work.test")
    RemoteMaildrop.objects.update(password=maildrop._meta.get_field("password").get_prep_value("wrong"))
    for _ in range(2):
        maildrop.refresh_from_db()
        maildrop.password = "wrong"
        pull.pull(maildrop)
    assert Message.objects.filter(account=other).count() == 1


def test_no_more_than_a_few_pulls_of_one_host_at_a_time(maildrop: RemoteMaildrop, alice: User) -> None:
    others = [
        remote_maildrop(
            MailAccount.objects.create(owner=alice, name=name, address=f"{name}@home.test"),
            port=9,
            login=name,
            password="x",
        )
        for name in "abcd"
    ]
    for other in others[: pull.PER_HOST - 1]:
        assert other.claim(timezone.now())
    assert pull.pull(maildrop).status == pull.Status.OK
    assert others[pull.PER_HOST - 1].claim(timezone.now())
    assert pull.pull(maildrop).status == pull.Status.BUSY
    maildrop.refresh_from_db()
    assert maildrop.claimed_at is None
    assert timedelta(0) < maildrop.due_at - timezone.now() <= pull.HOST_WAIT * 2
