"""What all reports about a message have in common (RFC 6522): groups of fields, and the header that came back."""

import re

from mailbox.mime.fields import read_header
from mailbox.mime.headers import message_ids
from mailbox.mime.parse import Parsed
from mailbox.mime.words import clean, decode

READ_OCTETS = 256 * 1024
_RETURNED_TYPES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_LONGEST_ADDRESS = 320
_FOLD = re.compile(r"\n[ \t]+")
_ID_LINE = re.compile(r"^[> \t]*+Message-I[Dd][ \t]*+:\s{0,3}+(<[^<>\s]{1,250}>)", re.M)


def read_fields(group: str) -> dict[str, str]:
    """The fields of one group by their names in lower case; of a repeated field the first counts."""
    found: dict[str, str] = {}
    for line in _FOLD.sub(" ", group).split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), decode(value.strip().encode("utf-8", "replace")))
    return found


def after_type(value: str) -> str:
    """The value without the name of its type: `smtp; 550 …`, `rfc822;bob@far.test`."""
    kind, semicolon, rest = value.partition(";")
    return clean(rest if semicolon and " " not in kind.strip() else value).strip()


def address_of(value: str) -> str:
    """The address in a field such as Final-Recipient, "" where there is none."""
    address = after_type(value).strip("<> ")
    return address[:_LONGEST_ADDRESS] if "@" in address else ""


def original_id(parsed: Parsed) -> str:
    """The Message-ID of what came back: of the returned header, in the text, or of what the report answers."""
    if found := returned_id(parsed):
        return found
    quoted = _ID_LINE.search(parsed.text()[:READ_OCTETS])
    if quoted:
        return quoted[1].strip("<>")
    return next(iter((*parsed.header.in_reply_to, *parsed.header.references[-1:])), "")


def returned_id(parsed: Parsed) -> str:
    """The Message-ID of the message or the header that the report brings back, "" without one."""
    for part in parsed.parts:
        if part.media_type in _RETURNED_TYPES:
            octets = part.head(READ_OCTETS)
            returned = read_header(octets, 0, len(octets), limit=READ_OCTETS).first()
            if found := message_ids(returned.get(b"message-id", b""), limit=1):
                return found[0]
    return ""
