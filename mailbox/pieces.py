"""Messages that came in pieces (message/partial): shown as one where all pieces lie in the account.

Nothing is stored: each piece stays what it is, octet for octet, and is joined anew when one of them is opened.
"""

from collections.abc import Iterator
from itertools import batched, islice

from django.conf import settings

from mailbox.mime.apart import is_suspicious
from mailbox.mime.parse import Parsed
from mailbox.mime.partial import in_order, joined, piece_of, with_whole
from mailbox.models import Attachment, Message
from mailbox.models.attachment import PIECE

# The newest of one sender are looked at; mailers cut into tens.
_MOST = 200
_MOST_LOOKED_AT, _AT_ONCE = 10_000, 500


def opened(message: Message) -> Parsed:
    """Return `message` parsed; a piece has the whole message as its last attachment, once nothing of it is missing.

    Two queries for a piece, as long as few have any; none for another message.
    """
    parsed = message.parsed()
    piece = piece_of(parsed)
    fragment = piece.fragment if piece else None
    if fragment is None:
        return parsed
    pieces = in_order([each for each in _pieces_beside(message, parsed) if _id(each) == fragment.message_id])
    octets = joined(pieces) if pieces else b""
    # Several harmless pieces may be one message that takes time to read.
    return with_whole(parsed, octets) if octets and not is_suspicious(octets) else parsed


def _id(parsed: Parsed) -> str:
    piece = piece_of(parsed)
    return piece.fragment.message_id if piece and piece.fragment else ""


def _pieces_beside(message: Message, parsed: Parsed) -> Iterator[Parsed]:
    """Yield `parsed`, and the pieces that the same sender has sent to the same account, as many as fit into memory."""
    yield parsed
    room = settings.MESSAGE_OCTETS_LIMIT - message.octets_count
    for each in islice(_from_the_same(message), _MOST):
        room -= each.octets_count
        if room < 0:
            return
        yield each.parsed()


def _from_the_same(message: Message) -> Iterator[Message]:
    """Yield the other pieces of its sender in its account, those that were stored last first.

    By way of all pieces that anybody has: they are few, and have an index that holds nothing else.
    """
    pieces = Attachment.objects.filter(media_type=PIECE).exclude(message=message.pk)
    pks = list(pieces.order_by("-message").values_list("message", flat=True)[:_MOST_LOOKED_AT])
    same = Message.objects.filter(account=message.account_id, sender_address=message.sender_address)
    for batch in batched(pks, _AT_ONCE):
        yield from same.filter(pk__in=batch).select_related("original").order_by("-pk")
