"""What a message that came back says became of the one that was sent, for each recipient.

Reports by the standard (RFC 3464 in the frame of RFC 6522) are read field by field; of free text, what the big servers
write: qmail, Exim, sendmail, Gmail, Exchange and their kin. Nothing in either is proof: anybody can write one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from mailbox.mime.parse import Parsed
from mailbox.mime.part import Part
from mailbox.mime.report_fields import READ_OCTETS, address_of, after_type, original_id, read_fields
from mailbox.mime.words import clean

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_OTHER_REPORTS = ("disposition-notification", "feedback-report")
# Local parts under which servers speak. The null reverse path would tell more, but POP3 does not hand it on.
_DAEMONS = ("mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "postmaster", "mmdf")
_FATES_COUNT = 200
_LONGEST_DIAGNOSTIC = 2_000
_ADDRESS = r"[^\s<>()\[\]:;,\"'@]{1,64}@[^\s<>()\[\]:;,\"'@]{1,253}"
_BLANK_LINES = re.compile(r"\n[ \t]*+\n")
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_BASIC = re.compile(r"(?<![\d.])([45])\d\d(?=[ \-:])")


class Action(StrEnum):
    """What was done for a recipient (RFC 3464, 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one recipient."""

    recipient: str
    """As it was written to, where the report says so, else where it ended up."""
    action: Action
    status: str = ""
    """The enhanced status code (RFC 3463), such as 5.1.1."""
    diagnostic: str = ""
    """The words of the server that said so."""
    final_recipient: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report about one message."""

    message_id: str
    """Of the message that it is about, without angle brackets; never empty."""
    fates: tuple[Fate, ...]


def read_bounce(parsed: Parsed) -> Bounce | None:
    """Return what the message reports, None where it reports nothing that could be told of a sent message.

    Whether anything is read at all is decided by two looks at the header.
    """
    if not _may_be_bounce(parsed):
        return None
    status = next((part for part in parsed.parts if part.media_type in _STATUS_TYPES), None)
    fates = tuple(_reported(status)) if status else tuple(_told(parsed))
    message_id = original_id(parsed)
    return Bounce(message_id, fates[:_FATES_COUNT]) if fates and message_id else None


def _may_be_bounce(parsed: Parsed) -> bool:
    if parsed.root and parsed.root.media_type == "multipart/report":
        # Of reading and of spam `mime.feedback` reads.
        return parsed.root.parameters.get("report-type", "").lower() not in _OTHER_REPORTS
    author = next((each.address for each in parsed.header.from_), "")
    return author.partition("@")[0].lower().startswith(_DAEMONS)


# By the standard ------------------------------------------------------------------------------------------------------


def _reported(status: Part) -> Iterator[Fate]:
    """Yield what the groups of a delivery-status part say; the first is about the message, not a recipient."""
    text = status.text(octets_limit=READ_OCTETS)
    for group in _BLANK_LINES.split(text)[: _FATES_COUNT + 1]:
        fields = read_fields(group)
        final, original = (
            address_of(fields.get("final-recipient", "")),
            address_of(fields.get("original-recipient", "")),
        )
        action = fields.get("action", "").split("(")[0].strip().lower()
        if (original or final) and action in set(Action):
            code = _ENHANCED.search(fields.get("status", ""))
            diagnostic = after_type(fields.get("diagnostic-code", ""))
            yield Fate(
                recipient=original or final,
                action=Action(action),
                status=_status(code[1] if code else "", diagnostic),
                diagnostic=diagnostic[:_LONGEST_DIAGNOSTIC],
                final_recipient=final,
            )


def _status(code: str, diagnostic: str) -> str:
    """Return the code, made more exact by the server's own words where it says only that something failed."""
    if code and not code.endswith(".0.0"):
        return code
    told = _ENHANCED.search(diagnostic)
    basic = _BASIC.search(diagnostic)
    return told[1] if told else code or (f"{basic[1]}.0.0" if basic else "")


# In free text ---------------------------------------------------------------------------------------------------------

# Above it the server speaks, below it stands what came back.
_COPY = re.compile(
    r"^[-=_ ]{2,}.{0,40}(?:copy of|original message|below this line|returned message|unsent message|message header)"
    r"|^Original message headers:",
    re.I | re.M,
)
# An address alone on its line, or before a colon with the words of the server behind it.
_NAMED = re.compile(rf"^[ \t]*+['<]?({_ADDRESS})['>]?(?:[ \t]+on[ \t][^\n]*+|[ \t]*+:[ \t]*+([^\n]*+))?[ \t]*+$", re.M)
_DELAY = re.compile(
    r"not yet (?:been )?delivered|has been delayed|delivery delayed|will (?:continue|keep|be retried)|still trying",
    re.I,
)
_REPLY = re.compile(r"^.*(?<![\d.])[45]\d\d[ \-:].*$", re.M)


def _told(parsed: Parsed) -> Iterator[Fate]:
    """Yield what free text says; a server that names no recipient has said nothing."""
    text = parsed.text()[:READ_OCTETS]
    copy = _COPY.search(text)
    notice = text[: copy.start()] if copy else text
    action = Action.DELAYED if _DELAY.search(notice) else Action.FAILED
    words = _words_by_address(notice)
    for address in _failed_recipients(parsed):
        words.setdefault(address, "")
    reply = _REPLY.search(notice)
    for address, told in words.items():
        diagnostic = " ".join((told or (reply[0] if reply else "")).split())[:_LONGEST_DIAGNOSTIC]
        yield Fate(address, action, _status("", diagnostic), clean(diagnostic), address)


def _words_by_address(notice: str) -> dict[str, str]:
    """Return what stands below each address that has a line of its own, as far as the next one or an empty line."""
    named = list(_NAMED.finditer(notice))[:_FATES_COUNT]
    ends = [*(each.start() for each in named), len(notice)][1:]
    found: dict[str, str] = {}
    for each, end in zip(named, ends, strict=True):
        below = _BLANK_LINES.split(notice[each.end() : end], maxsplit=1)[0]
        told = f"{each[2] or ''} {below}".strip()
        found[each[1]] = told or found.get(each[1], "")
    return found


def _failed_recipients(parsed: Parsed) -> Iterable[str]:
    """Return the addresses of the field that Exim and Gmail add."""
    return re.findall(_ADDRESS, parsed.header.field("X-Failed-Recipients")[:READ_OCTETS])[:_FATES_COUNT]
