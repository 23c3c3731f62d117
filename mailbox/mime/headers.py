"""Header fields to text, addresses, dates and message ids (RFC 5322, 2047, 6532), however they were written."""

import re
from itertools import islice

from mailbox.mime.addresses import Address, addresses
from mailbox.mime.dates import date
from mailbox.mime.words import clean, decode, raw

__all__ = ["Address", "addresses", "clean", "date", "decode", "message_ids"]

_ID = re.compile(r"<([^<>]++)>")
_BARE_ID = re.compile(r"(?<![^\s<>,;\"@])[^\s<>,;\"@]++@[^\s<>,;\"]++")
_SPACE = re.compile(r"\s+")


def message_ids(value: bytes | str, *, limit: int = 1_000) -> tuple[str, ...]:
    """The ids of a Message-ID, In-Reply-To or References field in order, without their angle brackets.

    In-Reply-To was free text once (RFC 822, 4.6.2): words around an id are passed over.
    """
    if not value:
        return ()
    text = raw(value)
    found = [_SPACE.sub("", match[1]) for match in islice(_ID.finditer(text), limit)]
    if not found:
        found = [match[0] for match in islice(_BARE_ID.finditer(text), limit)]
    return tuple(message_id for message_id in map(clean, found) if message_id)
