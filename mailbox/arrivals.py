"""Messages that came from a remote maildrop, ready to be stored and to be remembered."""

from typing import NamedTuple

from accounts.models import MailAccount, RemoteMaildrop
from mailbox import delivery, listings, pop3
from mailbox.models import Message, RetrievedUidl
from mailbox.models.rows import unsaved


class Arrived(NamedTuple):
    """A message, and what of it is not in its stored octets."""

    listed: pop3.Listed
    prepared: delivery.Prepared
    header_sha256: str


def arrived(account: MailAccount, came: pop3.Retrieved | pop3.Topped) -> Arrived:
    """Prepare what came for `account`, without touching the database."""
    # Read once: a long message comes from a file.
    octets = came.octets
    return Arrived(came.listed, delivery.prepare(account, octets), listings.header_hash(octets))


def remembered(
    maildrop: RemoteMaildrop, arrival: Arrived, message: Message | None, *, proof: RetrievedUidl.Proof
) -> RetrievedUidl:
    """Return the unsaved row that remembers `arrival`, which is stored as `message`, or is gone for ever."""
    return unsaved(
        RetrievedUidl,
        maildrop_id=maildrop.pk,
        uidl=arrival.listed.uidl,
        octets_count=arrival.listed.octets,
        sha256=arrival.prepared.original.sha256,
        header_sha256=arrival.header_sha256,
        proof=proof,
        message_id=message.pk if message else None,
    )
