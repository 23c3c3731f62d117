"""All files of a message as one download."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mailbox.mime.archive import zipped
from mailbox.mime.filenames import safe_name
from mailbox.mime.places import Places, message_at
from mailbox.mime.slices import slices
from mailbox.pieces import opened
from mailbox.views.files import listed_parts
from mailbox.views.locked import download
from mailbox.views.part import readable
from mailbox.views.source import without_slashes


@require_safe
def archive(request: HttpRequest, key: str, places: Places = ()) -> HttpResponseBase:
    """Send the files of a message, or of the one inside it at `places`, as a zip; 404 where it has none."""
    message = readable(request.user, key)
    parsed = message_at(opened(message), places)
    parts = listed_parts(parsed) if parsed else []
    if parsed is None or not parts:
        raise Http404
    entries = ((part.file_name, slices(part)) for part in parts)
    name = safe_name(without_slashes(parsed.header.subject)[:100]) or _("attachments")
    whole = zipped(entries, timezone.localtime(message.written_at()))
    return download(request, whole, f"{name}.zip", media_type=_ZIP)


_ZIP = "application/zip"
