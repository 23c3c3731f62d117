"""What readers' programs and providers report of a message that arrived.

That it was opened or deleted (message disposition notifications, RFC 8098), or that somebody called it spam (abuse
reports, RFC 5965). Nothing in either is proof: anybody can write one.
"""

from dataclasses import dataclass
from enum import StrEnum

from mailbox.mime.headers import message_ids
from mailbox.mime.parse import Parsed
from mailbox.mime.part import Part
from mailbox.mime.report_fields import READ_OCTETS, address_of, original_id, read_fields, returned_id


class Kind(StrEnum):
    """What was done with the message (RFC 8098, 3.2.6.2), or what it was called (RFC 5965, 7.3)."""

    DISPLAYED = "displayed"
    DELETED = "deleted"
    DISPATCHED = "dispatched"
    PROCESSED = "processed"
    DENIED = "denied"
    FAILED = "failed"
    ABUSE = "abuse"
    FRAUD = "fraud"
    VIRUS = "virus"
    NOT_SPAM = "not-spam"
    OPT_OUT = "opt-out"
    OTHER = "other"


_DISPOSITIONS = (Kind.DISPLAYED, Kind.DELETED, Kind.DISPATCHED, Kind.PROCESSED, Kind.DENIED, Kind.FAILED)
_COMPLAINTS = (Kind.ABUSE, Kind.FRAUD, Kind.VIRUS, Kind.NOT_SPAM, Kind.OPT_OUT, Kind.OTHER)


@dataclass(frozen=True, slots=True)
class Feedback:
    """One report about one message."""

    message_id: str
    """Of the message that it is about, without angle brackets; never empty."""
    kind: Kind
    addresses: tuple[str, ...] = ()
    """Under which names the recipient may have been written to, the surest first; none where that was taken out."""


def read_feedback(parsed: Parsed) -> Feedback | None:
    """Return what the message reports; None for nearly all, after one look at its structure."""
    if parsed.root is None or parsed.root.media_type != "multipart/report":
        return None
    for part in parsed.parts:
        if part.media_type in ("message/disposition-notification", "message/global-disposition-notification"):
            return _disposition(parsed, part)
        if part.media_type == "message/feedback-report":
            return _complaint(parsed, part)
    return None


def _disposition(parsed: Parsed, part: Part) -> Feedback | None:
    fields = _fields(part)
    word = fields.get("disposition", "").rpartition(";")[2].partition("/")[0].partition(",")[0].strip().lower()
    kind = next((each for each in _DISPOSITIONS if each == word), None)
    named = message_ids(fields.get("original-message-id", ""), limit=1)
    message_id = named[0] if named else original_id(parsed)
    if kind is None or not message_id:
        return None
    return Feedback(message_id, kind, _addresses(fields, "original-recipient", "final-recipient"))


def _complaint(parsed: Parsed, part: Part) -> Feedback | None:
    fields = _fields(part)
    word = fields.get("feedback-type", "").strip().lower()
    message_id = returned_id(parsed)
    if not word or not message_id:
        return None
    kind = next((each for each in _COMPLAINTS if each == word), Kind.OTHER)
    return Feedback(message_id, kind, _addresses(fields, "original-rcpt-to", "removal-recipient"))


def _fields(part: Part) -> dict[str, str]:
    return read_fields(part.text(octets_limit=READ_OCTETS))


def _addresses(fields: dict[str, str], *names: str) -> tuple[str, ...]:
    return tuple(address for name in names if (address := address_of(fields.get(name, ""))))
