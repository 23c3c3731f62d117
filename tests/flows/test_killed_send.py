"""kill -9 at random moments while messages leave: each at the server once, or uncertain for all to see.

KILLS=200 in the environment kills so often; the suite has time for a handful.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from accounts.models import MailAccount
from mailbox.models import Outgoing, Recipient
from tests.conftest import started
from tests.flows.killing import Killer, moments
from tests.misbehaving_smtp import Drip, MisbehavingSmtp
from tests.outgoing import point_to, queued
from tests.smtpsink import SmtpSink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.usefixtures("submission_server")]
Status = Recipient.Status
_KILLS = int(os.environ.get("KILLS", "20"))
# Before every kill; enough that their starts are committed in groups.
_MESSAGES = 6


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    yield from started(SmtpSink)


@pytest.fixture
def slow_server() -> Iterator[MisbehavingSmtp]:
    """Has the message long before it says so: time to die in doubt."""
    with MisbehavingSmtp({".": Drip(b"250 2.0.0 Taken\r\n", seconds=0.002)}) as server:
        yield server


def test_nothing_is_lost_and_nothing_leaves_twice(account: MailAccount, killer: Killer, sink: SmtpSink) -> None:
    send_and_kill(account, killer, sink.port)
    settle_the_account(sink.messages)


def test_what_may_have_left_is_never_sent_again_alone(
    account: MailAccount, killer: Killer, slow_server: MisbehavingSmtp
) -> None:
    send_and_kill(account, killer, slow_server.port)
    settle_the_account(lambda: slow_server.messages)
    assert Recipient.objects.filter(status=Status.UNCERTAIN).exists()


def send_and_kill(account: MailAccount, killer: Killer, port: int) -> None:
    """Queue messages and kill their sender, again and again, until all are done with."""
    point_to(account, port)
    most = 1.5 * seconds_undisturbed(account, killer)
    killed = 0
    for number, fraction in enumerate(moments(_KILLS, most=1, seed=8), start=1):
        queue_few(account, number)
        has_ended = killer.run("send", seconds=fraction * most)
        killed += not has_ended
        # A machine that was busy a minute ago is not for ever: about half of them are to die.
        most *= 0.9 if has_ended else 1.1
    assert killer.run("send")
    assert killed >= _KILLS // 4


def seconds_undisturbed(account: MailAccount, killer: Killer) -> float:
    """Send some messages undisturbed, so that the moments to die at fit the speed of this machine."""
    assert killer.run("send")
    queue_few(account, 0)
    begun = time.monotonic()
    assert killer.run("send")
    return time.monotonic() - begun


def queue_few(account: MailAccount, number: int) -> None:
    for each in range(_MESSAGES):
        queue(account, number * _MESSAGES + each)


def queue(account: MailAccount, number: int) -> None:
    queued(account, subject=str(number), to=f"a{number}@far.test, b{number}@far.test")


def settle_the_account(messages: Callable[[], list[bytes]]) -> None:
    """Compare what the server has with what the outbox says of it."""
    came = Counter(messages())
    known = Outgoing.objects.select_related("original")
    assert set(came) <= {outgoing.original.octets for outgoing in known}
    assert set(came.values()) == {1}
    for outgoing in known:
        assert outgoing.finished_at
        [status] = set(outgoing.recipients.values_list("status", flat=True))
        assert status in {Status.ACCEPTED, Status.UNCERTAIN}
        if status == Status.ACCEPTED:
            assert came[outgoing.original.octets] == 1
    assert Outgoing.objects.count() == (_KILLS + 1) * _MESSAGES
    assert Recipient.objects.count() == 2 * Outgoing.objects.count()
