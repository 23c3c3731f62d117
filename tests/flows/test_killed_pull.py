"""kill -9 at random moments of a pull: every message once, and nothing gone from the server that is not stored."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import MailAccount, RemoteMaildrop
from mailbox.models import Message, RetrievedUidl
from tests.cast import remote_maildrop
from tests.conftest import started
from tests.dovecot import Dovecot
from tests.flows.killing import Killer, moments
from tests.generated import messages

Mode = RemoteMaildrop.Mode
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
_PASSWORDS = {mode.value: "correct horse" for mode in Mode}
_KILLS = 50
_SENT = [octets or b"\r\n" for octets in messages(200)]


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    yield from started(lambda: Dovecot(_PASSWORDS))


@pytest.mark.parametrize("mode", Mode)
def test_every_message_comes_exactly_once(
    server: Dovecot, account: MailAccount, killer: Killer, mode: RemoteMaildrop.Mode
) -> None:
    for octets in _SENT:
        server.add(mode, octets)
    maildrop = remote_maildrop(
        account, port=server.port, login=mode, password=_PASSWORDS[mode], mode=mode, leave_newest=50
    )
    killed = 0
    for moment in moments(_KILLS, most=0.25, seed=len(mode)):
        killed += not killer.run("pull", maildrop.pk, seconds=moment)
        # Some of what is stored has been here for long, so that deletions after days are cut off too.
        RetrievedUidl.objects.filter(pk__in=RetrievedUidl.objects.values("pk")[:40]).update(
            retrieved_at=timezone.now() - timedelta(days=15)
        )
        assert not lost(account, server, mode)
    assert killer.run("pull", maildrop.pk)
    assert killed > _KILLS // 4
    assert Counter(_stored(account)) == Counter(_SENT)
    old = RetrievedUidl.objects.filter(retrieved_at__lt=timezone.now() - timedelta(days=14)).count()
    left = {Mode.KEEP: 200, Mode.DELETE: 0, Mode.DELETE_AFTER: 200 - old, Mode.LEAVE_NEWEST: 50}
    assert len(server.messages(mode)) == left[mode]


def lost(account: MailAccount, server: Dovecot, user: str) -> Counter[bytes]:
    """What is neither stored here nor on the server any more."""
    left = [octets or b"\r\n" for octets in server.messages(user)]
    return Counter(set(_SENT)) - Counter(set(_stored(account)) | set(left))


def _stored(account: MailAccount) -> list[bytes]:
    return [each.octets for each in Message.objects.filter(account=account).select_related("original")]
