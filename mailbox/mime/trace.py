"""Trace fields (RFC 5321, 4.4): made by the server that takes a message, read to know when it came."""

import re
from datetime import datetime

from mailbox.mime.dates import date as read_date
from mailbox.mime.words import clean, raw

_NOT_ATOM = re.compile(r"[^A-Za-z0-9._:\[\]-]")
_NOT_PATH = re.compile(r"[\s<>()\x00-\x1f\x7f]")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def received(
    *, helo: str, peer: str, by: str, protocol: str, at: datetime, queue_id: str = "", recipient: str = ""
) -> bytes:
    """A Received field with its CRLFs, to stand above the message.

    `helo` is the client's claim, `peer` its network address; `protocol` one of RFC 3848 (`ESMTP`, `ESMTPS`, ...);
    `at` must be aware. `recipient` only when there is one, or others' addresses leak to it (RFC 5321, 7.6).
    """
    lines = [
        f"Received: from {_atom(helo) or 'unknown'} ([{_atom(peer) or 'unknown'}])",
        f"by {_atom(by) or 'localhost'} with {_atom(protocol) or 'SMTP'}"
        + (f" id {_atom(queue_id)}" if queue_id else ""),
    ]
    if recipient:
        lines.append(f"for <{_path(recipient)}>")
    lines[-1] += ";"
    lines.append(format_date(at))
    return "\r\n\t".join(lines).encode("utf-8") + b"\r\n"


def return_path(reverse_path: str) -> bytes:
    """The Return-Path field of a delivered message; the empty reverse path of a bounce gives `<>`."""
    return f"Return-Path: <{_path(reverse_path)}>\r\n".encode()


def format_date(at: datetime) -> str:
    """RFC 5322, 3.3, in the zone of `at`, which must be aware; English whatever the locale."""
    day, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return f"{day}, {at.day:02d} {month} {at.year:04d} {at:%H:%M:%S} {at:%z}"[:31]


def topmost_received(fields: tuple[tuple[str, str], ...]) -> str:
    """The Received field that the last server added, "" without one."""
    return next((value for name, value in fields if name.lower() == "received"), "")


def received_at(value: bytes | str) -> datetime | None:
    """The date of a Received field: what follows its last semicolon."""
    if not value:
        return None
    text = raw(value)
    return read_date(text.rpartition(";")[2])


def _atom(text: str) -> str:
    return _NOT_ATOM.sub("", text)[:255]


def _path(text: str) -> str:
    return _NOT_PATH.sub("", clean(text))[:320]
