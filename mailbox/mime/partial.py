"""A message that was cut into pieces, put together again (RFC 2046, 5.2.2)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailbox.mime.fields import read_header
from mailbox.mime.filenames import made_up_name
from mailbox.mime.headers import decode
from mailbox.mime.limits import Limits
from mailbox.mime.parse import Parsed
from mailbox.mime.part import Part

_WHOLE = "message/rfc822"
_PIECE = "message/partial"
# Fields of the message inside, whatever its first piece says of itself; so are all that begin with Content-.
_INNER = (b"subject", b"message-id", b"encrypted", b"mime-version")


def piece_of(parsed: Parsed) -> Part | None:
    """The part that holds a piece of a larger message, None where there is none that says which."""
    piece = parsed.parts[0] if parsed.parts and parsed.parts[0].media_type == _PIECE else None
    return piece if piece and piece.fragment and piece.fragment.message_id and piece.fragment.number else None


def in_order(pieces: Sequence[Parsed]) -> list[Parsed]:
    """The pieces by their numbers, of equal ones the first; none while one is missing or nobody tells how many."""
    by_number: dict[int, Parsed] = {}
    total = 0
    for parsed in pieces:
        piece = piece_of(parsed)
        if piece and piece.fragment:
            by_number.setdefault(piece.fragment.number, parsed)
            total = total or piece.fragment.total
    wanted = range(1, total + 1)
    return [by_number[number] for number in wanted] if total and all(number in by_number for number in wanted) else []


def joined(pieces: Sequence[Parsed], *, limits: Limits = Limits()) -> bytes:  # noqa: B008 - frozen
    """The octets of the message that `pieces`, all and in order, are cut from (RFC 2046, 5.2.2.1)."""
    contents = [piece.content() for each in pieces if (piece := piece_of(each))]
    inner = read_header(contents[0], 0, len(contents[0]), limit=limits.header_octets)
    outer = [field for field in pieces[0].header.raw_fields if not _is_inner(field[0])]
    own = [field for field in inner.fields if _is_inner(field[0])]
    contents[0] = contents[0][inner.body_start :]
    return b"".join([*_lines([*outer, *own]), b"\r\n", *contents])


def with_whole(parsed: Parsed, octets: bytes) -> Parsed:
    """`parsed`, a piece, with the joined message of those `octets` as one file more, behind all others."""
    index = len(parsed.parts)
    subject = read_header(octets, 0, len(octets), limit=parsed.limits.header_octets).first().get(b"subject", b"")
    whole = Part(
        index=index,
        media_type=_WHOLE,
        charset="",
        file_name=made_up_name(_WHOLE, index + 1, title=decode(subject) or "message"),
        content_id="",
        is_inline=False,
        message=octets,
        end=len(octets),
    )
    return replace(parsed, parts=(*parsed.parts, whole), attachments=(*parsed.attachments, whole))


def _is_inner(name: bytes) -> bool:
    lower = name.strip().lower()
    return lower.startswith(b"content-") or lower in _INNER


def _lines(fields: Sequence[tuple[bytes, bytes]]) -> Iterator[bytes]:
    for name, value in fields:
        yield b"%s:%s\r\n" % (name, value.rstrip(b"\r\n"))
