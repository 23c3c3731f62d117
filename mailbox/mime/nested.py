"""Messages inside messages (RFC 2046, 5.2.1): read like any other, down to a depth that people still follow."""

from mailbox.mime.limits import Limits
from mailbox.mime.parse import Parsed, Part, parse

type Places = tuple[int, ...]
"""Where a part is: its index among the parts of the message, of the message inside that part, and so on."""

DEEPEST = 4
"""Messages inside messages that are opened; a deeper one is a file."""
_MESSAGE_TYPES = ("message/rfc822", "message/global")


def is_message(part: Part) -> bool:
    """Whether `part` is a whole message with a header of its own."""
    return part.media_type in _MESSAGE_TYPES


def message_in(part: Part, *, limits: Limits = Limits()) -> Parsed:  # noqa: B008 - frozen
    """The values of the message that `part` holds; never raises, as `parse` never does."""
    return parse(part.content(), limits=limits)


def part_at(parsed: Parsed, places: Places) -> Part | None:
    """The attachment at `places`, None where there is none or where it lies too deep."""
    if not places or len(places) > DEEPEST + 1:
        return None
    part = next((each for each in parsed.attachments if each.index == places[0]), None)
    if part is None or len(places) == 1:
        return part
    return part_at(message_in(part), places[1:]) if is_message(part) else None


def message_at(parsed: Parsed, places: Places) -> Parsed | None:
    """The message inside the part at `places`, or `parsed` itself where `places` is empty."""
    if not places:
        return parsed
    part = part_at(parsed, places) if len(places) <= DEEPEST else None
    return message_in(part) if part and is_message(part) else None
