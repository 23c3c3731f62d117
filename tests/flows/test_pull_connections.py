"""The thread that retrieves ahead touches no database: a connection of its own would never be closed."""

import pytest
from django.db.backends.signals import connection_created

from mailbox import pull
from tests.cast import octets_of, remote_maildrop
from tests.flows.odd_server import OddServer
from tests.pop3.misbehaving import Misbehaving

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_pull_opens_no_connection_of_its_own(account) -> None:
    opened = []

    def note(**_more: object) -> None:
        opened.append(1)

    with Misbehaving(OddServer(octets_of("one"))) as running:
        maildrop = remote_maildrop(account, port=running.port, login="alice", password="secret")
        connection_created.connect(note)
        try:
            assert pull.pull(maildrop).retrieved == 1
        finally:
            connection_created.disconnect(note)
    assert opened == []
