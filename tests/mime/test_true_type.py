"""What files are, whatever their labels say."""

import pytest

from mailbox.mime.parse import parse
from mailbox.mime.true_type import true_type

OPEN = "application/vnd.oasis.opendocument.text"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("head", "label", "found"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/jpeg", "image/png"),
        (b"\xff\xd8\xff\xe0", "application/octet-stream", "image/jpeg"),
        (b"RIFF....WEBP", "image/png", "image/webp"),
        (b"%PDF-1.7", "application/octet-stream", "application/pdf"),
        (b"\n\n%PDF-1.7", "application/pdf", "application/pdf"),
        (b"MZ\x90\0" + bytes(80), "application/pdf", "application/vnd.microsoft.portable-executable"),
        (
            b"MZ is how a letter begins, and it goes on like a letter for more than its head.",
            "text/plain",
            "text/plain",
        ),
        (b"\x7fELF\2", "image/png", "application/x-executable"),
        (b"L\0\0\0\1\x14\2\0", "application/pdf", "application/x-ms-shortcut"),
        (b"<!DOCTYPE html><html>", "text/plain", "text/html"),
        (b"\xef\xbb\xbf <!-- x --> <script>", "image/png", "text/html"),
        (b"<?xml version='1.0'?><svg xmlns='x'>", "image/png", "image/svg+xml"),
        (b"<?xml version='1.0'?><x>", "application/atom+xml", "application/atom+xml"),
        (b"<?xml version='1.0'?><x>", "image/png", "application/xml"),
        (b"PK\3\4 [Content_Types].xml word/document.xml", "application/octet-stream", WORD),
        (
            b"PK\3\4 mimetypeapplication/vnd.oasis.opendocument.textPK",
            "application/zip",
            "application/vnd.oasis.opendocument.text",
        ),
        (b"PK\3\4 x", "application/epub+zip", "application/epub+zip"),
        (b"PK\3\4 x", "image/png", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "application/msword"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "image/png", "application/x-ole-storage"),
        (b"....ftypM4A ", "audio/mp4", "audio/mp4"),
        (b"ID3\3", "audio/mp3", "audio/mp3"),
        (b"only words", "application/octet-stream", "text/plain"),
        (b"only words", "image/png", "text/plain"),
        ("cut é".encode()[:-1], "application/octet-stream", "text/plain"),
        (b"\0\1\2", "image/png", "application/octet-stream"),
        (b"\xfe\xed", "application/x-of-its-own", "application/x-of-its-own"),
        (b"", "image/png", "application/octet-stream"),
        (b"BEGIN:VCALENDAR", "text/calendar", "text/calendar"),
    ],
)
def test_names_the_type(head, label, found):
    assert true_type(head, label) == found


def test_a_part_is_looked_at_through_its_encoding():
    octets = (
        b"Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjcK" + b"QUFB\n" * 100_000
    )

    part = parse(octets).attachments[0]

    assert part.true_type == "application/pdf"
    assert part.head(5) == b"%PDF-"
    assert part.media_type == "image/png"


@pytest.mark.parametrize("mark", [b"<!---->", b"<?x>", b"<!--", b"<!x ", b" "])
def test_hostile_markup_ends(mark):
    assert true_type(mark * 2_000, "text/plain") == "text/plain"
