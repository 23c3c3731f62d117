"""The copy in Sent: the octets that leave."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import MailAccount
from mailbox import delivery
from mailbox.models import Folder, Message, Original, Outgoing
from webmail.claims import ClaimLost


def prepared(
    account: MailAccount, octets: bytes, *, received_at: datetime | None = None, original: Original | None = None
) -> delivery.Prepared:
    moment = received_at or timezone.now()
    return delivery.prepare(account, octets, folder=Folder.SENT, is_read=True, received_at=moment, original=original)


def store(account: MailAccount, copy: delivery.Prepared) -> tuple[Message | None, int]:
    """Put the copy into Sent; return it and the key of its octets.

    A message with the same octets that was here before is nobody's to take back when this one is cancelled.
    """
    [delivered] = delivery.deliver(account, [copy])
    return delivered.message if delivered.is_new else None, delivered.message.original_id


def show(outgoing: Outgoing) -> None:
    """Put the copy of a message whose time has come into Sent. Raises ClaimLost."""
    if not outgoing.is_scheduled:
        return
    copy = prepared(outgoing.account, outgoing.original.octets, original=outgoing.original)
    with transaction.atomic():
        message, _original_id = store(outgoing.account, copy)
        if not outgoing.held().update(is_scheduled=False, sent_copy=message):
            raise ClaimLost(outgoing.key)
    outgoing.is_scheduled = False


def recode(outgoing: Outgoing, octets: bytes) -> None:
    """Have these octets leave and stand in Sent, where the copy keeps its place and its flags. Raises ClaimLost."""
    outdated, copy, account = outgoing.original_id, outgoing.sent_copy, outgoing.account
    with transaction.atomic():
        if copy:
            copy = delivery.replace(account, copy, prepared(account, octets, received_at=copy.received_at))
            original_id = copy.original_id
        else:
            original_id = Original.stored(account.owner_id, octets).pk
        if not outgoing.held().update(original=original_id, sent_copy=copy):
            raise ClaimLost(outgoing.key)
        delivery.drop_unused([outdated])
    outgoing.original, outgoing.sent_copy = Original.objects.get(pk=original_id), copy
