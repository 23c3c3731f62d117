"""Large octets go into the database and come out as they are, without copies of them on the way."""

import os

import pytest
from django.db import transaction

from accounts.models import MailAccount, User
from mailbox import delivery, outbox
from mailbox.models import DraftFile, Original, Outgoing, blobs
from mailbox.sending import batches
from tests.misbehaving_smtp import MisbehavingSmtp
from tests.outgoing import draft_of, point_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
BIG = b"Subject: big\r\n\r\n" + os.urandom(blobs.LARGE + 700_000)


@pytest.mark.parametrize("octets", [b"", b"a", BIG, bytes(9_000_000)])
def test_come_out_as_they_went_in(alice: User, octets: bytes) -> None:
    with transaction.atomic():
        row = Original.of(alice.pk, octets).kept()
    assert Original.objects.get(pk=row.pk).octets == octets
    assert Original.objects.defer("compressed").get(pk=row.pk).octets == octets
    assert Original.objects.get(pk=row.pk).is_whole()


def test_are_stored_once(alice: User) -> None:
    first, second = Original.stored(alice.pk, BIG), Original.stored(alice.pk, BIG)
    assert first.pk == second.pk
    assert Original.objects.get().octets == BIG


def test_are_delivered_beside_small_ones(account: MailAccount) -> None:
    all_octets = [b"Subject: a\r\n\r\n", BIG, b"Subject: b\r\n\r\n"]
    with transaction.atomic():
        delivered = delivery.deliver(account, [delivery.prepare(account, each) for each in all_octets])
    assert [each.message.octets for each in delivered] == all_octets


def test_are_sent(account: MailAccount) -> None:
    draft = draft_of(account)
    content = os.urandom(blobs.LARGE + 1)
    DraftFile.objects.create(draft=draft, name="f", media_type="a/b", octets_count=len(content), octets=content)
    outgoing = outbox.queue(draft)
    with MisbehavingSmtp() as server:
        point_to(account, server.port)
        outbox.send(outgoing)
    assert server.messages == [Outgoing.objects.get().original.octets]


def test_are_left_in_the_database_until_their_turn_comes(account: MailAccount) -> None:
    outbox.queue_octets(account, account.owner, BIG, reverse_path=account.address, recipients=["dana@far.test"])
    outbox.queue(draft_of(account))
    large, small = (
        batches.claimed(Outgoing.objects.filter(subject="big")),
        batches.claimed(Outgoing.objects.filter(subject="Tea")),
    )
    assert "compressed" in large[0].original.get_deferred_fields()
    assert "compressed" not in small[0].original.get_deferred_fields()
