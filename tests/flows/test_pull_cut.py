"""The line breaks at any octet of a pull, whichever way it goes: every message once, and nothing is lost."""

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import MailAccount, RemoteMaildrop, User
from accounts.troubles import Trouble
from mailbox import pull
from mailbox.models import Message, RetrievedUidl
from tests.cast import remote_maildrop
from tests.conftest import started
from tests.dovecot import Dovecot
from tests.flows.cutter import Break, Cutter, Fault, Way, drip, inject, stall
from tests.generated import messages
from tests.servers import wait_until

Mode = RemoteMaildrop.Mode
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
_PASSWORD = "correct horse"
_USERS = [f"user{number:04}" for number in range(2000)]
_unused = iter(_USERS)
_MADE = list(messages(200, octets=160))
# Thirty-four plain ones and six odd ones; Dovecot serves the empty one as an empty line.
_SENT = [*_MADE[:24], *_MADE[25:35], *(_MADE[number] for number in (49, 74, 99, 149, 174, 199))]
# Of them these have been there for a while, so that a session both retrieves and deletes.
_OLD = 12
_LEFT = {Mode.KEEP: 40, Mode.DELETE: 0, Mode.DELETE_AFTER: 40 - _OLD, Mode.LEAVE_NEWEST: 10}
_EVERY = 97
_CUTS = {Way.UP: 8, Way.DOWN: 16}


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    yield from started(lambda: Dovecot(dict.fromkeys(_USERS, _PASSWORD), mechanisms="plain"))


@pytest.fixture
def cutter(server: Dovecot) -> Iterator[Cutter]:
    with Cutter(server.port) as running:
        yield running


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many commits in a session, so that the line breaks before and after them."""
    monkeypatch.setattr(pull, "BATCH_COUNT", 7)
    monkeypatch.setattr(pull, "SESSION_COUNT_DELETING", 25)


class Case:
    """A person of their own, with forty messages on the server of which some are here already."""

    def __init__(self, server: Dovecot, cutter: Cutter, mode: RemoteMaildrop.Mode) -> None:
        self.server, self.cutter, self.mode = server, cutter, mode
        self.login = next(_unused)
        owner = User.objects.create(username=self.login)
        self.account = MailAccount.objects.create(owner=owner, name="Home", address=f"{self.login}@home.test")
        self.maildrop = remote_maildrop(
            self.account, port=cutter.port, login=self.login, password=_PASSWORD, mode=mode, leave_newest=10
        )
        if mode == Mode.DELETE_AFTER:
            self._receive(_SENT[:_OLD])
            assert pull.pull(self.maildrop).retrieved == _OLD
            self.maildrop.retrieved.update(retrieved_at=timezone.now() - timedelta(days=15))
            self._receive(_SENT[_OLD:])
        else:
            self._receive(_SENT)

    def _receive(self, octets: list[bytes]) -> None:
        for each in octets:
            self.server.add(self.login, each)

    def pull(self, fault: Fault | None = None) -> pull.Report:
        self.cutter.expect(fault)
        # The worker is another one each time.
        self.maildrop = RemoteMaildrop.objects.select_related("account").get(pk=self.maildrop.pk)
        report = pull.pull(self.maildrop)
        self._prove_that_nothing_is_lost()
        return report

    def _prove_that_nothing_is_lost(self) -> None:
        # What is on the server is looked at first: a session that ends meanwhile may still empty it.
        left, stored = Counter(self.server.messages(self.login)), self.stored()
        assert not Counter(_SENT) - (left | stored)
        assert not stored - Counter(_SENT)
        assert RemoteMaildrop.objects.filter(pk=self.maildrop.pk, claimed_at=None, claimed_by="").exists()

    def prove_that_all_is_done(self) -> None:
        assert self.stored() == Counter(_SENT)
        wait_until(lambda: len(self.server.messages(self.login)) == _LEFT[self.mode], what="the deletions", seconds=5)
        gone = Counter(_SENT) - Counter(self.server.messages(self.login))
        done = self.maildrop.retrieved.filter(deletion=RetrievedUidl.Deletion.DONE).count()
        absent = self.maildrop.retrieved.exclude(unlisted_at=None).count()
        assert done <= gone.total() <= done + absent

    def stored(self) -> Counter[bytes]:
        kept = Message.objects.filter(account=self.account).select_related("original")
        return Counter(each.original.octets for each in kept)


def places(octets: bytes, count: int, chance: random.Random) -> list[int]:
    """Where to break a stream: `count` places, spread over every 97th octet, each line's end, and the octet before."""
    ends = list(itertools.accumulate(map(len, octets.splitlines(keepends=True))))
    candidates = sorted({*range(0, len(octets), _EVERY), *ends, *(end - 1 for end in ends)})
    edges = [len(candidates) * number // count for number in range(count + 1)]
    return [chance.choice(candidates[start:end]) for start, end in itertools.pairwise(edges)]


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("mode", Mode)
def test_every_message_comes_once_wherever_the_line_breaks(
    server: Dovecot, cutter: Cutter, mode: RemoteMaildrop.Mode, way: Way
) -> None:
    whole = Case(server, cutter, mode)
    assert whole.pull().status == pull.Status.OK
    whole.prove_that_all_is_done()
    broken = failed = 0
    for after in places(cutter.passed[way], _CUTS[way], random.Random(f"{mode} {way}")):
        case = Case(server, cutter, mode)
        failed += case.pull(Fault(way, after)).status == pull.Status.FAILED
        broken += cutter.is_broken
        assert case.pull().status == pull.Status.OK
        case.prove_that_all_is_done()
    assert broken == _CUTS[way]
    # Who hangs up at CAPA is asked once more without it, and after the answer to QUIT nobody minds.
    assert failed >= broken - 2


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("fault", [stall, drip(0.02)])
def test_a_line_that_stalls_or_drips_is_left_in_time(
    server: Dovecot, cutter: Cutter, monkeypatch: pytest.MonkeyPatch, fault: Break, way: Way
) -> None:
    monkeypatch.setattr(pull, "SESSION_SECONDS", 1)
    case = Case(server, cutter, Mode.DELETE)
    # Behind CAPA: who falls silent there is asked once more without it.
    report = case.pull(Fault(way, {Way.UP: 150, Way.DOWN: 3000}[way], fault))
    assert (report.status, report.trouble) == (pull.Status.FAILED, Trouble.UNREACHABLE)
    assert report.seconds < 3
    monkeypatch.undo()
    assert case.pull().status == pull.Status.OK
    case.prove_that_all_is_done()


@pytest.mark.parametrize("mode", [Mode.KEEP, Mode.DELETE])
def test_a_reply_that_is_none_ends_the_session_and_loses_nothing(
    server: Dovecot, cutter: Cutter, mode: RemoteMaildrop.Mode
) -> None:
    whole = Case(server, cutter, mode)
    whole.pull()
    ends = [end.end() for end in re.finditer(rb"\r\n\.\r\n", cutter.passed[Way.DOWN])]
    for after in ends[2:32:10]:
        case = Case(server, cutter, mode)
        report = case.pull(Fault(Way.DOWN, after, inject(b"* BYE for now\r\n")))
        assert (report.status, report.trouble) == (pull.Status.FAILED, Trouble.GARBLED)
        assert case.pull().status == pull.Status.OK
        case.prove_that_all_is_done()
