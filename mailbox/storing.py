"""What a pull has retrieved, committed: messages and their unique-ids in one transaction, or neither of them."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import RemoteMaildrop
from mailbox import delivery, documents, listings, news, own_copies, pop3
from mailbox.arrivals import Arrived, arrived, remembered
from mailbox.deletions import Stored
from mailbox.listings import Proof
from mailbox.models import Message, RetrievedUidl


class Batch(NamedTuple):
    """What became of one batch: its rows, how many of its messages are new, and their octets."""

    stored: Stored
    new_count: int
    octets: int


def store(maildrop: RemoteMaildrop, batch: Sequence[Arrived], *, is_moved: bool) -> Batch:
    """Commit a batch for `maildrop`; raises ClaimLost, and stores nothing, where another pull has taken it over.

    With `is_moved` the same mail may have come another way, with another trace above it.
    """
    account = maildrop.account
    with transaction.atomic():
        twins = own_copies.twins(account, [each.prepared for each in batch], is_moved=is_moved)
        gone = listings.gone(maildrop, [each.prepared.original.sha256 for each in batch])
        arrivals = [each.prepared for each, twin in zip(batch, twins, strict=True) if not twin]
        arrivals = [each for each in arrivals if each.original.sha256 not in gone]
        delivered = delivery.deliver(account, arrivals)
        new_count = sum(each.is_new for each in delivered)
        stored_as = {each.original.sha256: one.message for each, one in zip(arrivals, delivered, strict=True)}
        rows: list[RetrievedUidl] = []
        for each, twin in zip(batch, twins, strict=True):
            message = twin or stored_as.get(each.prepared.original.sha256)
            rows.append(remembered(maildrop, each, message, proof=Proof.BODY if twin else Proof.HASH))
        documents.ask_for(each.message for each in arrivals)
        news.note(account, [each.message for each in delivered if each.is_new])
        listings.store(rows)
        # In the same transaction: who has lost the claim stores nothing, and a flush to disk is saved.
        maildrop.renew_claim(timezone.now(), came_count=F("came_count") + new_count)
    stored = [(row, each.listed) for row, each in zip(rows, batch, strict=True)]
    return Batch(stored, new_count, sum(each.prepared.message.octets_count for each in batch))


def store_stub(maildrop: RemoteMaildrop, topped: pop3.Topped) -> Stored:
    """Commit the beginning of a message that is too large to be retrieved unasked."""
    beginning = arrived(maildrop.account, topped)
    with transaction.atomic():
        message = delivery.deliver(maildrop.account, [beginning.prepared])[0].message
        row = remembered(maildrop, beginning, message, proof=Proof.STUB)
        listings.store([row])
    return [(row, topped.listed)]


def replace_stub(maildrop: RemoteMaildrop, retrieved: pop3.Retrieved) -> Message:
    """Commit a whole message in the place of its beginning."""
    whole = arrived(maildrop.account, retrieved)
    with transaction.atomic():
        stub = maildrop.retrieved.select_related("message").get(uidl=retrieved.listed.uidl).message
        message = delivery.replace(maildrop.account, stub, whole.prepared)
        listings.store([remembered(maildrop, whole, message, proof=Proof.HASH)])
    return message
