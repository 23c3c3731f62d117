"""What a message that somebody else's program wrote still needs before it is submitted (RFC 6409, 8)."""

import re
from datetime import datetime

from mailbox.mime.compose import new_message_id
from mailbox.mime.trace import format_date

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_DATE = re.compile(rb"^date[ \t]*:[^\r\n]*+(?:\r\n[ \t][^\r\n]*+)*+", re.I | re.M)
_BLIND = frozenset({b"bcc", b"resent-bcc"})


def complete(octets: bytes, *, sender: str, domain: str, date: datetime) -> bytes:
    """Return the message with From, Date and Message-ID where they were missing.

    `sender` is an address, `date` must be aware. Nothing else changes, but for the line ends, which become CRLF, and
    the line that begins a message in an mbox, which goes. Text that begins with no header field at all is a body, as
    sendmail(8) takes it.
    """
    fields, body = _divide(octets)
    names = {_name(field) for field in fields}
    missing = [
        (b"date", f"Date: {format_date(date)}"),
        (b"from", f"From: {sender}"),
        (b"message-id", f"Message-ID: <{new_message_id(domain)}>"),
    ]
    added = [text.encode() for name, text in missing if name not in names]
    return b"\r\n".join([*added, *fields, b"", *body])


def without_bcc(octets: bytes) -> bytes:
    """Return a complete message without the fields that only its sender may see (RFC 5322, 3.6.3)."""
    fields, body = _divide(octets)
    return b"\r\n".join([*(field for field in fields if _name(field) not in _BLIND), b"", *body])


def redated(octets: bytes, date: datetime) -> bytes:
    """Return a complete message with another Date; `date` must be aware. Its line ends must be CRLF."""
    header, blank_line, body = octets.partition(b"\r\n\r\n")
    field = f"Date: {format_date(date)}".encode()
    return _DATE.sub(lambda _found: field, header, count=1) + blank_line + body


def _divide(octets: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the header fields, each with its folded lines, and the lines of the body."""
    lines = re.split(rb"\r\n|\r|\n", octets)
    if lines[0].startswith((b"From ", b">From ")):
        del lines[0]
    fields: list[bytes] = []
    for place, line in enumerate(lines):
        if not line:
            return fields, lines[place + 1 :]
        if line[:1] in b" \t" and fields:
            fields[-1] += b"\r\n" + line
        elif _FIELD.match(line):
            fields.append(line)
        else:
            return fields, lines[place:]
    return fields, []


def _name(field: bytes) -> bytes:
    match = _FIELD.match(field)
    return match[1].lower() if match else b""
