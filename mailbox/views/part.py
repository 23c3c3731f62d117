"""One file of a message: sent as it was attached, or shown where it cannot run."""

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.models import User
from mailbox.mime.part import Part
from mailbox.mime.places import Places, part_at
from mailbox.mime.shown import TEXT, shown_type
from mailbox.mime.slices import slices
from mailbox.models import Message
from mailbox.pieces import opened
from mailbox.views.locked import download, inline


@require_safe
def part(request: HttpRequest, key: str, places: Places) -> HttpResponseBase:
    """Send a file; `?inline` shows it, where its octets are of a type that cannot run."""
    found = find_part(readable(request.user, key), places)
    shown = shown_type(found) if "inline" in request.GET else ""
    if shown == TEXT:
        return inline(request, [found.text().encode()], found.file_name, media_type="text/plain; charset=utf-8")
    if shown:
        return inline(request, slices(found), found.file_name, media_type=shown)
    return download(request, slices(found), found.file_name)


def readable(user: User | AnonymousUser, key: str) -> Message:
    """Return the message of that key with its octets. Raises Http404 where `user` may not read it."""
    return get_object_or_404(Message.objects.visible_to(user).select_related("original"), key=key)


def find_part(message: Message, places: Places) -> Part:
    """Return the attachment at `places`. Raises Http404 where there is none."""
    found = part_at(opened(message), places)
    if found is None:
        raise Http404
    return found
