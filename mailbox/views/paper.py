"""Messages for paper: one document that prints page by page, where a frame would be cut at the sheet's end.

The document is as locked as a message's own (no scripts, no loads, a sandbox), so the bodies may stand in it: each in a
shadow root, where its styles end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mailbox.mime.parse import Header
from mailbox.models import Message
from mailbox.views.asked import load_originals
from mailbox.views.conversation import messages_beside
from mailbox.views.files import listed_parts
from mailbox.views.locked import locked
from mailbox.views.part import readable
from mailbox.views.remote_line import remote_of
from mailbox.views.section import Section, sections

# The newest; a mailing list's thread of hundreds would take a minute and fill a ream.
MOST_MESSAGES = 50
_SANDBOX = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
_LIMITS = "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Page:
    """One message as it stands on paper."""

    message: Message
    header: Header
    sections: Sequence[Section]
    file_names: Sequence[str]


@require_safe
def paper(request: HttpRequest, key: str) -> HttpResponse:
    """Show one message, or with `?conversation` all that its conversation shows, for printing."""
    message = readable(request.user, key)
    messages = messages_beside(message)[-MOST_MESSAGES:] if "conversation" in request.GET else [message]
    load_originals(messages)
    context = {"message": message, "subject": messages[0].subject, "pages": [_page(request, each) for each in messages]}
    addresses = (request.build_absolute_uri(reverse("conversation", args=[each.key])) for each in messages)
    response = render(request, "mailbox/print/page.html", context)
    return locked(response, policy=_policy(" ".join(f"{each}part/ {each}remote/" for each in addresses)))


def _page(request: HttpRequest, message: Message) -> Page:
    parsed = message.parsed()
    found = sections(message, parsed, remote=remote_of(request, message))
    names = [part.file_name for part in listed_parts(parsed)]
    return Page(message, parsed.header, [each.in_scheme("light") for each in found], names)


def _policy(images: str) -> str:
    sources = f"img-src {images} data:; style-src 'unsafe-inline'"
    return f"default-src 'none'; script-src 'none'; {sources}; {_LIMITS}; {_SANDBOX}"
