"""S/MIME that was signed as one block."""

import pytest

from mailbox.mime.cms import signed_content
from mailbox.mime.parse import parse
from mailbox.mime.protection import Protection

SIGNED, DATA = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010701")
INNER = (
    b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nsigned words\r\n"
    b"--i\r\nContent-Type: text/csv; name=a.csv\r\n\r\n1,2\r\n--i--\r\n"
)


def element(tag: int, *content: bytes) -> bytes:
    octets = b"".join(content)
    length = len(octets).to_bytes(3, "big")
    return bytes((tag, 0x83)) + length + octets


def open_element(tag: int, *content: bytes) -> bytes:
    return bytes((tag, 0x80)) + b"".join(content) + b"\0\0"


def definite(content: bytes) -> bytes:
    inner = element(0x30, DATA, element(0xA0, element(0x04, content)))
    return element(0x30, SIGNED, element(0xA0, element(0x30, b"\x02\x01\x01", element(0x31), inner, element(0x31))))


def in_pieces(content: bytes) -> bytes:
    pieces = open_element(0x24, element(0x04, content[:7]), element(0x04, content[7:]))
    inner = open_element(0x30, DATA, open_element(0xA0, pieces))
    algorithms = open_element(0x31, open_element(0x30, DATA))
    return open_element(0x30, SIGNED, open_element(0xA0, open_element(0x30, b"\x02\x01\x01", algorithms, inner)))


@pytest.mark.parametrize("wrap", [definite, in_pieces])
def test_content_is_found(wrap):
    assert signed_content(wrap(INNER)) == INNER


@pytest.mark.parametrize("wrap", [definite, in_pieces])
def test_every_cut_ends_quietly(wrap):
    octets = wrap(INNER)

    assert all(len(signed_content(octets[:count])) <= len(INNER) for count in range(len(octets)))


@pytest.mark.parametrize("octets", [b"", SIGNED, b"\x30\x80" * 50_000, b"\x30\x80" + SIGNED + b"\x30\x80" * 9_000])
def test_what_is_no_signed_block_holds_nothing(octets):
    assert signed_content(octets) == b""


def test_the_content_is_shown_and_the_block_kept():
    fields = b"Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: 8bit\nSubject: Pay\n\n"

    parsed = parse(fields + definite(INNER))

    assert parsed.header.subject == "Pay"
    assert parsed.text() == "signed words"
    assert [(part.index, part.file_name) for part in parsed.attachments] == [(0, "smime.p7m"), (2, "a.csv")]
    assert parsed.parts[2].content() == b"1,2"
    assert parsed.protection is Protection.SMIME_SIGNED
