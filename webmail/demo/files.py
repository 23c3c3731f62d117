"""The files that the demo's letters carry, made from nothing: small, valid, and the same every time."""

import struct
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from webmail.demo.letters import Letter, filled
from webmail.demo.pictures import PICTURES, Painter

PAPERS = Path(__file__).parent / "papers"


def file(name: str, letter: Letter) -> tuple[str, bytes]:
    """Return the media type and the octets of the file of that name, with the dates that suit the letter."""
    if name in PICTURES:
        return "image/png", _picture(name)
    suffix = name.rpartition(".")[2]
    if suffix == "pdf":
        return "application/pdf", pdf(_paper(name.replace(".pdf", ".txt"), letter).splitlines())
    return {"csv": "text/csv", "ics": "text/calendar"}[suffix], _paper(name, letter).replace("\n", "\r\n").encode()


@cache
def _picture(name: str) -> bytes:
    return png(*PICTURES[name])


def _paper(name: str, letter: Letter) -> str:
    return filled((PAPERS / name).read_text("utf-8"), letter.written_at)


# PNG -----------------------------------------------------------------------------------------------------------------


def png(width: int, height: int, paint: Painter) -> bytes:
    """Return a PNG of that size in pixels; `paint` gives the colour at each point, from (0, 0) to (1, 1)."""
    rows = (_row(width, y / height, paint) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _row(width: int, y: float, paint: Painter) -> bytes:
    # The octet in front says that the row is not filtered.
    return b"\0" + b"".join(bytes(paint(x / width, y)) for x in range(width))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


# PDF -----------------------------------------------------------------------------------------------------------------


_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>"
)


def pdf(lines: Sequence[str]) -> bytes:
    """Return a PDF of one A4 page with these lines, the first in large letters. Latin-1 only."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        _PAGE,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        _contents(lines),
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(objects) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(out)


def _contents(lines: Sequence[str]) -> bytes:
    title, *rest = (_escaped(line).encode("cp1252") for line in lines)
    text = b"BT /F1 20 Tf 64 760 Td (%s) Tj /F1 11 Tf 0 -20 Td 18 TL\n" % title
    text += b"".join(b"T* (%s) Tj\n" % line for line in rest) + b"ET"
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
