"""Messages inside messages."""

from base64 import encodebytes

from mailbox.mime.limits import Limits
from mailbox.mime.parse import parse

INNER = (
    b"Subject: =?utf-8?Q?caf=C3=A9?=\nContent-Type: multipart/mixed; boundary=i\n\n"
    b"--i\n\ninner words\n--i\nContent-Type: image/png; name=a.png\n\nx\n--i--\n"
)


def forward(inner: bytes, *, fields: bytes = b"") -> bytes:
    return b"Content-Type: message/rfc822\n" + fields + b"\n" + inner


def test_opens_a_forwarded_message():
    parsed = parse(forward(INNER))

    nested = parsed.nested(parsed.attachments[0])

    assert nested.header.subject == "café"
    assert nested.text() == "inner words"
    assert [part.file_name for part in nested.attachments] == ["a.png"]


def test_other_parts_hold_no_message():
    parsed = parse(INNER)

    assert [parsed.nested(part) for part in parsed.parts] == [None, None]


def test_opens_only_so_many_messages_inside_each_other():
    octets = INNER
    for _ in range(10):
        octets = forward(octets)
    parsed, depth = parse(octets, limits=Limits(messages_depth=3)), 0

    while inner := parsed.nested(parsed.attachments[0]):
        parsed, depth = inner, depth + 1

    assert depth == 3


def test_opens_a_message_that_was_encoded_against_the_rule():
    parsed = parse(forward(encodebytes(INNER), fields=b"Content-Transfer-Encoding: base64\n"))

    assert parsed.nested(parsed.attachments[0]).header.subject == "café"


def test_a_message_that_only_claims_to_be_encoded_is_left_alone():
    parsed = parse(forward(INNER, fields=b"Content-Transfer-Encoding: base64\n"))

    assert parsed.nested(parsed.attachments[0]).header.subject == "café"
