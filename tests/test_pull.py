"""Remote maildrop -> inbox, against a real Dovecot: every message once, nothing deleted that is not stored."""

import itertools
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import MailAccount, RemoteMaildrop
from accounts.troubles import Trouble
from mailbox import delivery, documents, emptying, pop3, pull, threads
from mailbox.models import Entry, Message, RetrievedUidl
from mailbox.models.original import sha256
from mailbox.pop3.connection import verifying_context
from tests.cast import octets_of, remote_maildrop
from tests.conftest import started
from tests.dovecot import Dovecot
from tests.generated import messages

Mode = RemoteMaildrop.Mode
pytestmark = pytest.mark.django_db(transaction=True)
_USERS = {f"user{number}": "correct horse" for number in range(60)}
_unused = itertools.cycle(_USERS)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    yield from started(lambda: Dovecot(_USERS))


@pytest.fixture
def user() -> str:
    """A person whom no other test has written to."""
    return next(_unused)


@pytest.fixture
def maildrop(account: MailAccount, server: Dovecot, user: str) -> RemoteMaildrop:
    return remote_maildrop(account, port=server.port, login=user, password=_USERS[user])


def stored(account: MailAccount) -> list[bytes]:
    return sorted(each.octets for each in Message.objects.filter(account=account).select_related("original"))


def served(server: Dovecot, user: str) -> list[bytes]:
    """What RETR gives for each message, read without a line of our own client."""
    with socket.create_connection((server.address, server.port), timeout=10) as line, line.makefile("rwb") as wire:

        def ask(command: str) -> bytes:
            wire.write(command.encode() + b"\r\n")
            wire.flush()
            return wire.readline()

        wire.readline()
        ask(f"USER {user}")
        assert ask(f"PASS {_USERS[user]}").startswith(b"+OK")
        count = int(ask("STAT").split()[1])
        messages = []
        for number in range(1, count + 1):
            assert ask(f"RETR {number}").startswith(b"+OK")
            octets = b""
            while (row := wire.readline()) != b".\r\n":
                octets += row[1:] if row.startswith(b".") else row
            messages.append(octets)
        ask("QUIT")
    return messages


def test_keeps_then_knows_then_deletes_three_hundred(
    maildrop: RemoteMaildrop, server: Dovecot, user: str, account: MailAccount
) -> None:
    sent = list(messages(300))
    for octets in sent:
        server.add(user, octets)
    on_server = served(server, user)

    first = pull.pull(maildrop)
    assert (first.status, first.retrieved, first.known, first.deleted, first.error) == (pull.Status.OK, 300, 0, 0, "")
    assert stored(account) == sorted(on_server)
    # Dovecot serves an empty message as an empty line; all the others are on the wire what they were in the file.
    assert sorted(on_server) == sorted(octets or b"\r\n" for octets in sent)
    assert len(server.messages(user)) == 300

    again = pull.pull(maildrop)
    assert (again.retrieved, again.known, again.octets) == (0, 300, 0)

    maildrop.mode = Mode.DELETE
    maildrop.save()
    emptied = pull.pull(maildrop)
    assert (emptied.retrieved, emptied.deleted) == (0, 300)
    assert server.messages(user) == []
    assert stored(account) == sorted(on_server)
    assert not RetrievedUidl.objects.exclude(deletion=RetrievedUidl.Deletion.DONE).exists()


def test_deletes_what_it_retrieved_in_the_same_session(maildrop: RemoteMaildrop, server: Dovecot, user: str) -> None:
    maildrop.mode = Mode.DELETE
    maildrop.save()
    server.add(user, octets_of("one"))
    assert pull.pull(maildrop).deleted == 1
    assert server.messages(user) == []
    row = RetrievedUidl.objects.get()
    assert (row.deletion, row.sha256) == (RetrievedUidl.Deletion.DONE, sha256(octets_of("one")))
    assert row.deleted_at


def test_what_it_brings_is_made_ready_to_be_shown(maildrop: RemoteMaildrop, server: Dovecot, user: str) -> None:
    server.add(user, b"Subject: News\r\nContent-Type: text/html\r\n\r\n" + b"<p>Hello</p>\r\n" * 1_000)
    server.add(user, octets_of("short"))
    with mock.patch.object(documents, "wake") as wake:
        pull.pull(maildrop)
    wake.assert_called_once_with("make_documents", Message.objects.get(subject="News").pk)


def test_deletes_after_the_days_and_not_before(maildrop: RemoteMaildrop, server: Dovecot, user: str) -> None:
    maildrop.mode, maildrop.delete_after_days = Mode.DELETE_AFTER, 7
    maildrop.save()
    server.add(user, octets_of("old"))
    pull.pull(maildrop)
    RetrievedUidl.objects.update(retrieved_at=timezone.now() - timedelta(days=8))
    server.add(user, octets_of("new"))
    assert pull.pull(maildrop).deleted == 1
    assert server.messages(user) == [octets_of("new")]


def test_a_message_removed_here_is_not_pulled_again(
    maildrop: RemoteMaildrop, server: Dovecot, user: str, account: MailAccount
) -> None:
    server.add(user, octets_of())
    pull.pull(maildrop)
    with transaction.atomic():
        delivery.remove(list(Message.objects.all()))
    assert pull.pull(maildrop).retrieved == 0
    assert not Message.objects.exists()


def test_deletes_nothing_whose_stored_octets_are_damaged(maildrop: RemoteMaildrop, server: Dovecot, user: str) -> None:
    server.add(user, octets_of("whole"))
    server.add(user, octets_of("damaged"))
    pull.pull(maildrop)
    damaged = Message.objects.select_related("original").get(subject="damaged").original
    other = type(damaged).of(damaged.owner_id, octets_of("d@maged"))
    type(damaged).objects.filter(pk=damaged.pk).update(compressed=other.compressed)
    maildrop.mode = Mode.DELETE
    maildrop.save()
    assert pull.pull(maildrop).deleted == 1
    assert server.messages(user) == [octets_of("damaged")]


def test_an_id_whose_size_changed_is_another_message(maildrop: RemoteMaildrop, server: Dovecot, user: str) -> None:
    server.add(user, octets_of("one"))
    pull.pull(maildrop)
    RetrievedUidl.objects.update(octets_count=1)
    maildrop.mode = Mode.DELETE
    maildrop.save()
    report = pull.pull(maildrop)
    assert (report.known, report.retrieved, report.deleted) == (0, 0, 1)
    assert Message.objects.count() == 1


def test_an_id_that_comes_back_after_its_deletion_is_not_believed(
    maildrop: RemoteMaildrop, server: Dovecot, user: str
) -> None:
    server.add(user, octets_of("new mail under an old id"))
    listed = _listing(server, user)[0]
    RetrievedUidl.objects.create(
        maildrop=maildrop, uidl=listed.uidl, octets_count=listed.octets, sha256="0", deletion="done"
    )
    assert pull.pull(maildrop).retrieved == 1
    assert Message.objects.get().subject == "new mail under an old id"


def test_the_same_octets_under_a_new_id_show_once(maildrop: RemoteMaildrop, server: Dovecot, user: str) -> None:
    server.add(user, octets_of())
    server.add(user, octets_of())
    report = pull.pull(maildrop)
    assert (report.retrieved, RetrievedUidl.objects.count(), Entry.objects.count()) == (1, 2, 1)


def test_a_message_that_was_deleted_for_ever_does_not_come_again_under_a_new_id(
    maildrop: RemoteMaildrop, server: Dovecot, user: str
) -> None:
    server.add(user, octets_of("one"))
    pull.pull(maildrop)
    thread = Message.objects.get().thread_id
    threads.trash([thread])
    emptying.delete([thread])
    server.add(user, octets_of("one"))
    server.add(user, octets_of("two"))
    assert pull.pull(maildrop).retrieved == 1
    assert list(Message.objects.values_list("subject", flat=True)) == ["two"]
    assert RetrievedUidl.objects.filter(message=None).count() == 2
    assert pull.pull(maildrop).known == 3


def test_a_message_over_the_limit_stays_on_the_server_and_does_not_keep_the_others(
    maildrop: RemoteMaildrop, server: Dovecot, user: str, settings: Any
) -> None:
    settings.MESSAGE_OCTETS_LIMIT = 5_000
    maildrop.mode = Mode.DELETE
    maildrop.save()
    large = octets_of("large", text="x" * 6_000)
    for octets in (octets_of("first"), large, octets_of("last")):
        server.add(user, octets)
    report = pull.pull(maildrop)
    assert (report.status, report.retrieved, report.oversize, report.deleted) == (pull.Status.OK, 2, 1, 2)
    assert server.messages(user) == [large]


def test_several_sessions_bring_what_one_may_not(maildrop: RemoteMaildrop, server: Dovecot, user: str) -> None:
    maildrop.mode = Mode.DELETE
    maildrop.save()
    for number in range(12):
        server.add(user, octets_of(str(number)))
    shown: list[tuple[int, int]] = []
    with mock.patch.multiple(pull, SESSION_COUNT_DELETING=5, BATCH_COUNT=2):
        report = pull.pull(maildrop, on_progress=lambda done, wanted: shown.append((done, wanted)))
    assert (report.retrieved, report.deleted) == (12, 12)
    assert server.messages(user) == []
    assert shown[0] == (0, 12)
    assert shown[-1] == (12, 12)


def test_a_wrong_password_pauses_and_says_so(maildrop: RemoteMaildrop) -> None:
    maildrop.password = "wrong"
    maildrop.save()
    report = pull.pull(maildrop)
    maildrop.refresh_from_db()
    assert (report.status, maildrop.trouble, maildrop.is_paused) == (pull.Status.FAILED, Trouble.PASSWORD, True)
    assert "Authentication failed" in maildrop.last_error
    assert maildrop.claimed_at is None
    assert "wrong" not in report.error


def test_a_closed_port_backs_off_and_keeps_trying(maildrop: RemoteMaildrop) -> None:
    maildrop.port = 9
    maildrop.save()
    waits = []
    for _ in range(3):
        pull.pull(maildrop)
        maildrop.refresh_from_db()
        waits.append(maildrop.due_at - timezone.now())
    assert (maildrop.trouble, maildrop.failure_count, maildrop.is_paused) == (Trouble.UNREACHABLE, 3, False)
    assert waits == sorted(waits)
    assert waits[2] > timedelta(minutes=15)


def test_a_certificate_for_another_name_is_not_trusted(
    maildrop: RemoteMaildrop, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    # Contexts are made once per process, and this one must not outlive the test.
    monkeypatch.setattr("mailbox.pop3.connection.verifying_context", verifying_context.__wrapped__)
    maildrop.port, maildrop.security = server.tls_port, "tls"
    maildrop.save()
    assert pull.pull(maildrop).status == pull.Status.FAILED
    maildrop.refresh_from_db()
    assert maildrop.trouble == Trouble.UNTRUSTED
    maildrop.host = "localhost"
    maildrop.save()
    report = pull.pull(maildrop)
    assert (report.status, report.error) == (pull.Status.OK, "")


def test_a_host_in_a_private_network_needs_the_operators_word(maildrop: RemoteMaildrop) -> None:
    maildrop.may_be_private = False
    maildrop.save()
    pull.pull(maildrop)
    maildrop.refresh_from_db()
    assert maildrop.trouble == Trouble.HOST


def test_a_locked_maildrop_is_not_a_wrong_password(maildrop: RemoteMaildrop) -> None:
    with mock.patch.object(pop3.Client, "login", side_effect=pop3.Refused("IN-USE", "maildrop already locked")):
        pull.pull(maildrop)
    maildrop.refresh_from_db()
    assert (maildrop.trouble, maildrop.is_paused) == (Trouble.LOCKED, False)


def test_keep_mode_needs_unique_ids_and_delete_mode_does_not(
    maildrop: RemoteMaildrop, server: Dovecot, user: str
) -> None:
    server.add(user, octets_of("one"))
    listing = pop3.Client.listing

    def without_uidl(client: pop3.Client) -> list[pop3.Listed]:
        return [pop3.Listed(each.number, each.octets, "") for each in listing(client)]

    with mock.patch.object(pop3.Client, "listing", without_uidl):
        assert pull.pull(maildrop).status == pull.Status.FAILED
        maildrop.refresh_from_db()
        assert maildrop.trouble == Trouble.CANNOT_KEEP
        maildrop.mode = Mode.DELETE
        maildrop.save()
        report = pull.pull(maildrop)
    assert (report.retrieved, report.deleted, server.messages(user)) == (1, 1, [])


def test_a_second_pull_of_the_same_maildrop_is_turned_away(maildrop: RemoteMaildrop) -> None:
    assert maildrop.claim(timezone.now())
    assert pull.pull(RemoteMaildrop.objects.get(pk=maildrop.pk)).status == pull.Status.BUSY
    assert maildrop.release()
    report = pull.pull(maildrop)
    assert (report.status, report.error) == (pull.Status.OK, "")


def test_the_claim_of_a_dead_process_is_free_at_once(maildrop: RemoteMaildrop) -> None:
    assert maildrop.claim(timezone.now())
    RemoteMaildrop.objects.update(claimed_by=f"{maildrop.claimed_by}0")
    assert pull.pull(RemoteMaildrop.objects.get()).status == pull.Status.OK


def test_a_claim_that_went_stale_is_not_written_to(maildrop: RemoteMaildrop) -> None:
    def take_over(*_: object) -> None:
        RemoteMaildrop.objects.update(claimed_at=timezone.now(), claimed_by="another machine")

    with mock.patch.object(pop3.Client, "quit", take_over):
        pull.pull(maildrop)
    assert RemoteMaildrop.objects.get().claimed_by == "another machine"


@pytest.mark.parametrize("moment", ["prepare", "deliver"])
def test_a_failure_of_our_own_deletes_nothing_and_gives_the_claim_back(
    maildrop: RemoteMaildrop, server: Dovecot, user: str, moment: str
) -> None:
    maildrop.mode = Mode.DELETE
    maildrop.save()
    server.add(user, octets_of())
    with mock.patch.object(delivery, moment, side_effect=DatabaseError("disk full")), pytest.raises(DatabaseError):
        pull.pull(maildrop)
    assert len(server.messages(user)) == 1
    maildrop.refresh_from_db()
    assert maildrop.claimed_at is None
    assert maildrop.due_at > timezone.now()
    assert pull.pull(maildrop).retrieved == 1
    assert server.messages(user) == []


def test_a_line_that_breaks_before_quit_deletes_nothing_and_the_next_pull_repeats_it(
    maildrop: RemoteMaildrop, server: Dovecot, user: str
) -> None:
    maildrop.mode = Mode.DELETE
    maildrop.save()
    server.add(user, octets_of())

    def drop(client: pop3.Client) -> None:
        client.close()
        raise pop3.Unreachable("the line broke")

    with mock.patch.object(pop3.Client, "quit", drop):
        report = pull.pull(maildrop)
    assert (report.status, report.retrieved, report.deleted) == (pull.Status.FAILED, 1, 0)
    assert RetrievedUidl.objects.get().deletion == RetrievedUidl.Deletion.PENDING
    assert len(server.messages(user)) == 1
    report = pull.pull(maildrop)
    assert (report.retrieved, report.known, report.deleted) == (0, 1, 1)
    assert server.messages(user) == []
    assert Message.objects.count() == 1


def test_nothing_new_costs_ten_queries_at_most(
    maildrop: RemoteMaildrop,
    server: Dovecot,
    user: str,
    django_assert_max_num_queries: Callable[..., AbstractContextManager[object]],
) -> None:
    for octets in messages(20):
        server.add(user, octets)
    pull.pull(maildrop)
    with django_assert_max_num_queries(10):
        pull.pull(maildrop)


def _listing(server: Dovecot, user: str) -> list[pop3.Listed]:
    where = pop3.Server("127.0.0.1", server.port, pop3.Security.NONE)
    with pop3.Client.connect(where) as client:
        client.login(user, _USERS[user])
        return client.listing()


def test_takes_what_its_owner_has_room_for_and_leaves_the_rest_on_the_server(
    account: MailAccount, maildrop: RemoteMaildrop, server: Dovecot, user: str
) -> None:
    for number in range(3):
        server.add(user, octets_of(f"Number {number}", text="\r\n".join(["x" * 998] * 400)))
    owner = account.owner
    owner.quota_mb, maildrop.mode = 1, Mode.DELETE
    owner.save()
    maildrop.save()
    report = pull.pull(RemoteMaildrop.objects.get())
    maildrop.refresh_from_db()
    assert [each.subject for each in Message.objects.order_by("-subject")] == ["Number 2", "Number 1"]
    assert (report.retrieved, report.deleted, maildrop.trouble) == (2, 2, Trouble.FULL)
    assert len(served(server, user)) == 1
    owner.quota_mb = 0
    owner.save()
    report = pull.pull(RemoteMaildrop.objects.get())
    assert (report.status, report.retrieved, report.deleted) == (pull.Status.OK, 1, 1)
    assert Message.objects.count() == 3
