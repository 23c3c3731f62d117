"""Web servers for one fault at a time, on loopback: a script says what each connection gets."""

import struct
import zlib
from collections.abc import Callable

from tests.pop3.misbehaving import Line, Misbehaving

type Script = Callable[[Line], None]


def png(colour: bytes = b"\xa0\x30\x20", *, width: int = 48, height: int = 32) -> bytes:
    """A PNG image of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\x00" + colour * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


PNG = png()


class OddWeb(Misbehaving):
    """A server at `url`."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[bytes]:
        """The first line of every request."""
        return [line.heard[0] for line in self.lines if line.heard]


def hear_request(line: Line) -> None:
    """Read the header of a request."""
    while line.hear():
        pass


def says(octets: bytes) -> Script:
    """Answer a request with these octets and hang up."""

    def say(line: Line) -> None:
        hear_request(line)
        line.say(octets)

    return say


def response(
    content: bytes = PNG, media_type: str = "image/png", *, status: str = "200 OK", fields: str = "", length: int = -1
) -> bytes:
    """An answer whose Content-Length may lie."""
    header = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\n{fields}"
    return f"{header}Content-Length: {len(content) if length < 0 else length}\r\n\r\n".encode() + content


def gives(content: bytes = PNG, media_type: str = "image/png", **options: str | int) -> Script:
    """Answer a request with that content."""
    return says(response(content, media_type, **options))  # type: ignore[arg-type]


def leads_to(location: str, status: str = "302 Found", fields: str = "") -> Script:
    """Answer a request with a redirect."""
    return says(f"HTTP/1.1 {status}\r\nLocation: {location}\r\n{fields}Content-Length: 0\r\n\r\n".encode())
