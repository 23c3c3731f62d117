"""A message inside a message: unfolded in its sheet, or on a page of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mailbox.mime.paper import Paper
from mailbox.mime.parse import Header, Parsed
from mailbox.mime.places import Places, message_at
from mailbox.models import Message
from mailbox.views.files import Files, files_in
from mailbox.views.part import find_part, readable
from mailbox.views.section import paper_of_all
from mailbox.views.sheet import Passage, passages_of, sections
from webmail.htmx import render_screen


@dataclass(frozen=True)
class Inner:
    """An unfolded message inside a message; its HTML, if it has some, is framed as any message's."""

    places: Places
    file_name: str
    header: Header
    passages: Sequence[Passage]
    has_frame: bool
    paper: Paper
    files: Files

    @property
    def sender(self) -> str:
        found = next(iter(self.header.from_ or self.header.sender), None)
        return found.display if found else ""

    @property
    def dated_at(self) -> datetime | None:
        return self.header.date


@require_safe
def enclosed(request: HttpRequest, key: str, places: Places) -> HttpResponse:
    """Show the message that is part `places` of another; htmx gets it alone, in the place of its line."""
    message = readable(request.user, key)
    part = find_part(message, places)
    parsed = message_at(message.parsed(), places)
    if parsed is None:
        raise Http404
    inner = _inner(message, parsed, places=places, file_name=part.file_name)
    return render_screen(request, "mailbox/enclosed", "_message", {"message": message, "inner": inner})


def _inner(message: Message, parsed: Parsed, *, places: Places, file_name: str) -> Inner:
    has_frame = parsed.html is not None
    return Inner(
        places=places,
        file_name=file_name,
        header=parsed.header,
        passages=() if has_frame else passages_of(parsed),
        has_frame=has_frame,
        paper=paper_of_all(sections(message, parsed, places=places)) if has_frame else Paper.OURS,
        files=files_in(parsed, places),
    )
