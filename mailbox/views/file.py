"""One file on a page of its own, the list that waits for small pictures, and those."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from mailbox.mime.places import Places, message_at
from mailbox.mime.shown import TEXT, shown_type
from mailbox.models import Message, Thumbnail
from mailbox.pieces import opened
from mailbox.views.files import File, ask_for_thumbnails, file_of, files_in, files_of
from mailbox.views.locked import locked
from mailbox.views.part import find_part, readable

# Of a text that is shown; the rest is in the download.
TEXT_CHARACTERS = 300_000


@require_safe
def files(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the list's question whether its small pictures are made: 204 while they are not."""
    message = readable(request.user, key)
    found = files_of(message.attachments.with_thumbnails(), opened(message))
    ask_for_thumbnails(message, found)
    if found.is_coming:
        return HttpResponse(status=204)
    return render(request, "mailbox/files/_files.html", {"message": message, "files": found})


@require_safe
def file(request: HttpRequest, key: str, places: Places) -> HttpResponse:
    """Show one file on a page of its own, between its neighbours."""
    message = readable(request.user, key)
    part = find_part(message, places)
    neighbours = _neighbours(message, places)
    at = next((number for number, each in enumerate(neighbours) if each.places == places), 0)
    context = {
        "message": message,
        "file": file_of(part, places[:-1]),
        "text": part.text()[:TEXT_CHARACTERS] if shown_type(part) == TEXT else None,
        "number": at + 1,
        "count": len(neighbours),
        "previous": neighbours[at - 1] if at else None,
        "following": neighbours[at + 1] if at + 1 < len(neighbours) else None,
    }
    return render(request, "mailbox/files/page.html", context)


def _neighbours(message: Message, places: Places) -> list[File]:
    around = message_at(opened(message), places[:-1])
    if around is None:
        return []
    return files_in(around, places[:-1]).all


@require_safe
def thumbnail(request: HttpRequest, key: str, places: Places) -> HttpResponse:
    """Send the small picture of an attachment; 404 where none is made."""
    messages = Message.objects.visible_to(request.user)
    found = get_object_or_404(
        Thumbnail,
        attachment__message__in=messages,
        attachment__message__key=key,
        attachment__part=places[0],
        is_drawn=True,
    )
    return locked(HttpResponse(bytes(found.octets), content_type="image/webp"))
