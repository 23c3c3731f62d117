"""Telling somebody that his message was read: only when its reader says so, and once."""

import hashlib

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Identity, User
from mailbox import outbox
from mailbox.mime.addresses import Address
from mailbox.mime.receipts import Receipt, asking, report
from mailbox.models import Message, Outgoing


def receipt_id(message: Message) -> str:
    """Return the Message-ID of the answer to `message`: always the same, so that it is known whether there was one."""
    digest = hashlib.sha256(f"receipt {message.key}".encode()).hexdigest()[:32]
    return f"{digest}@{message.account.domain}"


def answer(message: Message, reader: User) -> Outgoing | None:
    """Queue the answer to `message`; None where nobody asks for one or it was given.

    Its reverse path is empty, so that nothing comes back for it. Raises mime.compose.Unfit and outbox.NoServer.
    """
    header = message.parsed().header
    wanted = asking(header)
    message_id = receipt_id(message)
    if not wanted or Outgoing.objects.filter(account=message.account_id, message_id=message_id).exists():
        return None
    identity = message.account.default_identity() or Identity(address=message.account.address)
    octets = report(
        Receipt(
            reader=Address(identity.name, identity.address),
            asking=wanted,
            subject=_("Read: %s") % header.subject,
            text=_("Your message was opened. That says nothing about whether it was read to the end or understood."),
            date=timezone.localtime(),
            message_id=message_id,
            original_id=header.message_id,
        )
    )
    recipients = [each.address for each in wanted]
    return outbox.queue_octets(message.account, reader, octets, reverse_path="", recipients=recipients)
