"""The body of a message as the entities that it nests (RFC 2045, 2.4), each written in pieces.

No entity is ever held whole: a message with a large file costs its own size once, and not once for every level.
"""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO

from mailbox.mime.encode import base64_pieces, body, boundary

type Entity = Iterable[bytes]
"""Header, empty line and content, in pieces of which the last ends in CRLF."""


def text(media_type: str, content: str) -> Entity:
    """A text, encoded by what it holds."""
    return (body(media_type, content),)


def file(fields: Sequence[str], slices: Iterable[bytes]) -> Iterator[bytes]:
    """A file in base64; `fields` are its header but for the encoding, without line ends."""
    yield "\r\n".join([*fields, "Content-Transfer-Encoding: base64", "", ""]).encode("ascii")
    yield from base64_pieces(slices)


def multipart(subtype: str, entities: Iterable[Entity], **parameters: str) -> Iterator[bytes]:
    """Entities one after another, as RFC 2046, 5.1 has it."""
    mark = boundary()
    more = "".join(f' {name}="{value}";' for name, value in parameters.items())
    yield f'Content-Type: multipart/{subtype};{more}\r\n boundary="{mark}"\r\n\r\n'.encode("ascii")
    for entity in entities:
        yield f"--{mark}\r\n".encode("ascii")
        yield from entity
    yield f"--{mark}--\r\n".encode("ascii")


def joined(*entities: Entity) -> bytes:
    """The octets of all pieces; beside them no more than one piece lies in memory."""
    out = BytesIO()
    for each in entities:
        out.writelines(each)
    return out.getvalue()
