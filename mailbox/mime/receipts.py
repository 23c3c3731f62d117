"""The question whether a message was read, and the answer to it (RFC 8098)."""

from dataclasses import dataclass
from datetime import datetime

from mailbox.mime import entities
from mailbox.mime.addresses import Address
from mailbox.mime.compose import check_address
from mailbox.mime.encode import address_list, fold_ids, unstructured
from mailbox.mime.entities import Entity
from mailbox.mime.headers import addresses
from mailbox.mime.parse import Header
from mailbox.mime.trace import format_date
from mailbox.mime.words import clean

_ASKING_COUNT = 5
_LONGEST_SUBJECT = 500


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer that its reader wishes to give, in his own words."""

    reader: Address
    asking: tuple[Address, ...]
    subject: str
    text: str
    date: datetime
    """When it was read; aware."""
    message_id: str
    original_id: str
    """Of the message that was read; without angle brackets, and "" where it has none."""


def asking(header: Header) -> tuple[Address, ...]:
    """Return who wants to be told that the message was read; nobody for most."""
    found = addresses(header.field("Disposition-Notification-To"), limit=_ASKING_COUNT)
    return tuple(each for each in found if "@" in each.address)


def report(receipt: Receipt) -> bytes:
    """Return the message that says so: read by a person, and sent because he wished it (RFC 8098, 3).

    Raises compose.Unfit for an address that no message can carry.
    """
    reader = check_address(receipt.reader, field="from")
    to = [check_address(each, field="to") for each in receipt.asking]
    original_id = "".join(clean(receipt.original_id).split())
    lines = [
        f"Date: {format_date(receipt.date)}",
        address_list("From", [(reader.name, reader.address)]),
        address_list("To", [(each.name, each.address) for each in to]),
        unstructured("Subject", " ".join(clean(receipt.subject).split())[:_LONGEST_SUBJECT]),
        f"Message-ID: <{receipt.message_id}>",
    ]
    if original_id.isascii() and original_id:
        lines += [fold_ids("In-Reply-To", [original_id]), fold_ids("References", [original_id])]
    # No program answers an answer (RFC 3834, 5).
    lines += ["Auto-Submitted: auto-replied", "MIME-Version: 1.0"]
    header = "\r\n".join([*lines, ""]).encode("ascii")
    parts = [entities.text("text/plain", receipt.text), _disposition(reader.address, original_id)]
    frame = {"report-type": "disposition-notification"}
    return entities.joined((header,), entities.multipart("report", parts, **frame))


def _disposition(reader: str, original_id: str) -> Entity:
    fields = ["Reporting-UA: Letterbox", f"Final-Recipient: rfc822; {reader}"]
    if original_id.isascii() and original_id:
        fields.append(f"Original-Message-ID: <{original_id}>")
    fields.append("Disposition: manual-action/MDN-sent-manually; displayed")
    head = ["Content-Type: message/disposition-notification", ""]
    return ("\r\n".join([*head, *fields, ""]).encode("ascii"),)
