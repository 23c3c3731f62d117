"""A picture in the text of a draft, for the editor and only for its writer."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from mailbox.mime.shown import PICTURES
from mailbox.models import Draft, DraftFile
from mailbox.views.locked import inline


@require_safe
def picture(request: HttpRequest, key: str, file_key: str) -> HttpResponseBase:
    """Show a picture; a file of any other type is not to be had here."""
    drafts = Draft.objects.visible_to(request.user).filter(key=key)
    file = get_object_or_404(DraftFile.objects.exclude(content_id=""), draft__in=drafts, key=file_key)
    if file.media_type not in PICTURES:
        raise Http404
    return inline(request, [file.content()], file.name, media_type=file.media_type)
