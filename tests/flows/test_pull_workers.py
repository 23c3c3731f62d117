"""Two workers, or more, are woken for one maildrop: one pulls, the others are told that it is busy."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.models import MailAccount, RemoteMaildrop
from mailbox import pull
from mailbox.models import Message
from tests.cast import octets_of, remote_maildrop
from tests.conftest import started
from tests.dovecot import Dovecot
from tests.flows.killing import Killer
from tests.flows.odd_server import OddServer
from tests.generated import messages
from tests.pop3.misbehaving import Misbehaving
from tests.servers import wait_until

Mode = RemoteMaildrop.Mode
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
_SENT = [octets or b"\r\n" for octets in messages(60)]
_PASSWORDS = dict.fromkeys([*(f"{mode}-{kind}" for mode in Mode for kind in ("threads", "processes"))], "correct horse")


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    yield from started(lambda: Dovecot(_PASSWORDS))


def worker(pk: int) -> Callable[[], pull.Report]:
    """What a thread of a worker does."""

    def work() -> pull.Report:
        try:
            return pull.pull(RemoteMaildrop.objects.select_related("account").get(pk=pk))
        finally:
            connection.close()

    return work


def filled(server: Dovecot, account: MailAccount, mode: RemoteMaildrop.Mode, kind: str) -> RemoteMaildrop:
    login = f"{mode}-{kind}"
    for octets in _SENT:
        server.add(login, octets)
    return remote_maildrop(
        account, port=server.port, login=login, password=_PASSWORDS[login], mode=mode, leave_newest=10
    )


def stored(account: MailAccount) -> Counter[bytes]:
    return Counter(each.octets for each in Message.objects.filter(account=account).select_related("original"))


def test_the_second_worker_is_told_that_it_is_busy(account: MailAccount) -> None:
    odd, go_on = OddServer(octets_of("one")), threading.Event()
    odd.meanwhile[b"LIST"] = lambda: go_on.wait(20)
    with Misbehaving(odd) as running, ThreadPoolExecutor() as threads:
        maildrop = remote_maildrop(account, port=running.port, login="alice", password="secret")
        first = threads.submit(worker(maildrop.pk))
        wait_until(lambda: b"LIST" in running.heard, what="the first session")
        second = threads.submit(worker(maildrop.pk)).result()
        go_on.set()
        assert (second.status, second.retrieved) == (pull.Status.BUSY, 0)
        assert (first.result().status, first.result().retrieved) == (pull.Status.OK, 1)
        assert len(running.lines) == 1


@pytest.mark.parametrize("mode", Mode)
def test_threads_that_race_bring_each_message_once(
    server: Dovecot, account: MailAccount, mode: RemoteMaildrop.Mode
) -> None:
    maildrop = filled(server, account, mode, "threads")
    with ThreadPoolExecutor() as threads:
        reports = [each.result() for each in [threads.submit(worker(maildrop.pk)) for _ in range(4)]]
    assert {report.status for report in reports} <= {pull.Status.OK, pull.Status.BUSY}
    assert sum(report.retrieved for report in reports) == len(_SENT)
    prove_that_all_is_done(server, account, maildrop)


@pytest.mark.parametrize("mode", Mode)
def test_processes_that_race_bring_each_message_once(
    server: Dovecot, account: MailAccount, killer: Killer, second_killer: Killer, mode: RemoteMaildrop.Mode
) -> None:
    maildrop = filled(server, account, mode, "processes")
    with ThreadPoolExecutor() as threads:
        assert all(threads.map(lambda each: each.run("pull", maildrop.pk), [killer, second_killer]))
    prove_that_all_is_done(server, account, maildrop)


def prove_that_all_is_done(server: Dovecot, account: MailAccount, maildrop: RemoteMaildrop) -> None:
    assert stored(account) == Counter(_SENT)
    assert not RemoteMaildrop.objects.exclude(claimed_at=None).exists()
    left = {Mode.DELETE: 0, Mode.LEAVE_NEWEST: 10}.get(RemoteMaildrop.Mode(maildrop.mode), len(_SENT))
    assert len(server.messages(maildrop.login)) == left
