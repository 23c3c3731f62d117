"""Where a file is: among the parts of a message, or of a message inside it (RFC 2046, 5.2.1)."""

from mailbox.mime.parse import Parsed
from mailbox.mime.part import Part

type Places = tuple[int, ...]
"""The index among the parts of the message, then among those of the message inside that part, and so on."""

DEEPEST = 4
"""Messages inside messages that are opened; a deeper one is a file."""


def part_at(parsed: Parsed, places: Places) -> Part | None:
    """The attachment at `places`, None where there is none or where it lies too deep."""
    around = message_at(parsed, places[:-1]) if places else None
    return _attachment(around, places[-1]) if around else None


def message_at(parsed: Parsed, places: Places) -> Parsed | None:
    """The message inside the part at `places`, or `parsed` itself where `places` is empty."""
    found: Parsed | None = parsed if len(places) <= DEEPEST else None
    for index in places:
        part = _attachment(found, index) if found else None
        found = found.nested(part) if found and part else None
    return found


def _attachment(parsed: Parsed, index: int) -> Part | None:
    return next((each for each in parsed.attachments if each.index == index), None)
