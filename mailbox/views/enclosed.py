"""A message inside a message: unfolded in its sheet, or on a page of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mailbox import remote_images
from mailbox.mime.paper import Paper
from mailbox.mime.parse import Header, Parsed
from mailbox.mime.places import Places, message_at
from mailbox.models import Message
from mailbox.pieces import opened
from mailbox.views.files import Files, files_in
from mailbox.views.part import find_part, readable
from mailbox.views.remote_line import RemoteLine, enclosed_line, hide_images, images_of, inside, show_images
from mailbox.views.section import paper_of_all, remote_in, sections
from mailbox.views.sheet import Passage, passages_of
from webmail.htmx import render_screen, wants_part


@dataclass(frozen=True)
class Inner:
    """An unfolded message inside a message; its HTML, if it has some, is framed as any message's."""

    places: Places
    file_name: str
    header: Header
    passages: Sequence[Passage]
    has_frame: bool
    paper: Paper
    remote_line: RemoteLine | None
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
    return _show(request, readable(request.user, key), places)


@require_POST
def images(request: HttpRequest, key: str, places: Places) -> HttpResponse:
    """Show the images from elsewhere of the message at `places` until the reader signs out, or hide them again."""
    message, choice = readable(request.user, key), request.POST.get("images")
    if choice == "none":
        hide_images(request.session, inside(key, places))
    elif choice == "once":
        found = sections(message, _found(message, places), places=places)
        show_images(request.session, inside(key, places))
        remote_images.want(images_of(remote_in([each.outline for each in found])))
    else:
        return HttpResponseBadRequest(_("Say whose images are to be shown."))
    return _show(request, message, places) if wants_part(request) else redirect("enclosed", key, places)


def _show(request: HttpRequest, message: Message, places: Places) -> HttpResponse:
    inner = _inner(request, message, _found(message, places), places)
    return render_screen(request, "mailbox/enclosed", "_message", {"message": message, "inner": inner})


def _found(message: Message, places: Places) -> Parsed:
    parsed = message_at(opened(message), places)
    if parsed is None:
        raise Http404
    return parsed


def _inner(request: HttpRequest, message: Message, parsed: Parsed, places: Places) -> Inner:
    has_frame = parsed.html is not None
    framed = [each.outline for each in sections(message, parsed, places=places)] if has_frame else []
    return Inner(
        places=places,
        file_name=find_part(message, places).file_name,
        header=parsed.header,
        passages=() if has_frame else passages_of(parsed),
        has_frame=has_frame,
        paper=paper_of_all(framed),
        remote_line=enclosed_line(request, message, places, remote_in(framed)),
        files=files_in(parsed, places),
    )
