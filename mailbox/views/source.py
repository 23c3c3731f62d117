"""A message as it was received: to be saved, to be read octet by octet, and field by field."""

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from mailbox.mime.filenames import made_up_name
from mailbox.models import Message
from mailbox.views.locked import locked
from mailbox.views.part import readable

# More than this nobody reads in a browser; an attachment's base64 lies behind it as a rule.
SHOWN_OCTETS = 512 * 1024
# Control characters but tab and line feed, and those that turn the direction of what stands around them.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class Field:
    """A header field for reading: its name, and what it says once decoded."""

    name: str
    value: str


@require_safe
def source(request: HttpRequest, key: str) -> HttpResponse:
    """Send the octets of a message as they were received (message/rfc822)."""
    message = readable(request.user, key)
    response = HttpResponse(message.octets, content_type="message/rfc822")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=eml_name(message))
    return locked(response)


@require_safe
def original(request: HttpRequest, key: str) -> HttpResponse:
    """Show the octets of a message as text, the first SHOWN_OCTETS of them."""
    message = readable(request.user, key)
    octets = message.octets
    context = {
        "message": message,
        "text": legible(octets[:SHOWN_OCTETS]),
        "shown_count": SHOWN_OCTETS if len(octets) > SHOWN_OCTETS else 0,
        "sha256": message.original.sha256,
    }
    return render(request, "mailbox/source/page.html", context)


@require_safe
def headers(request: HttpRequest, key: str) -> HttpResponse:
    """Show every header field of a message in order, decoded."""
    message = readable(request.user, key)
    fields = [Field(name, value) for name, value in message.parsed().header.fields]
    return render(request, "mailbox/headers/page.html", {"message": message, "fields": fields})


def eml_name(message: Message) -> str:
    """Return a file name for the octets of `message`: its subject, and the day of its date for those that share it."""
    day = message.written_at().strftime("%Y-%m-%d")
    return made_up_name("message/rfc822", 1, title=f"{day} {without_slashes(message.subject)}")


def without_slashes(subject: str) -> str:
    """Return `subject` with dashes where a file's name would end at a folder."""
    return subject.replace("/", "-").replace("\\", "-")


def legible(octets: bytes) -> str:
    """Return `octets` as text: UTF-8 where they are, and a name in place of every character that cannot be seen."""
    text = octets.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return _UNSEEN.sub(_named, text)


def _named(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
