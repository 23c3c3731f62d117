"""Files that people attach: received without ever holding an oversized one, and kept with their draft."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from io import BytesIO
from typing import Any, Concatenate

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from mailbox import quotas
from mailbox.mime.compose import File, Problem, Unfit
from mailbox.mime.filenames import safe_name
from mailbox.mime.part import Part
from mailbox.models import Draft, DraftFile

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_ANY_TYPE = "application/octet-stream"


class Oversize(UploadedFile):
    """A file that was larger than allowed: its name and its size, and none of its octets."""


class SizeGuard(FileUploadHandler):
    """Lets each file through up to the limit, then only counts: the rest of the form must still be read."""

    octets_count = 0
    passed_count = 0

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self.octets_count = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.octets_count += len(raw_data)
        if self._is_too_much():
            return None
        self.passed_count += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if not self._is_too_much():
            return None
        return Oversize(BytesIO(), self.file_name, self.content_type, self.octets_count)

    def _is_too_much(self) -> bool:
        is_large = self.octets_count > settings.ATTACHMENT_OCTETS_LIMIT
        return is_large or self.passed_count > settings.MESSAGE_OCTETS_LIMIT


def guards_uploads[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Put `SizeGuard` before the view reads the form.

    The CSRF check reads the form too, and the middleware would do so before any view can change the handlers:
    the view is exempt there and checked here.
    """
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **options: P.kwargs) -> HttpResponse:
        request.upload_handlers.insert(0, SizeGuard(request))
        return checked(request, *args, **options)

    return guarded


def attach(draft: Draft, uploads: Iterable[UploadedFile]) -> list[str]:
    """Keep the files that fit with the draft; return one sentence about each that does not."""
    room = settings.MESSAGE_OCTETS_LIMIT - octets_on_the_wire(_attached_count(draft))
    problems: list[str] = []
    uploads = list(uploads)
    if uploads and quotas.is_full(draft.writer):
        return [_used_up(upload) for upload in uploads]
    for upload in uploads:
        size = upload.size or 0
        if size > settings.ATTACHMENT_OCTETS_LIMIT:
            problems.append(_too_large(upload))
        elif octets_on_the_wire(size) > room:
            problems.append(_no_room(upload))
        else:
            keep_file(draft, upload.name or "", upload.content_type or "", upload.read())
            room -= octets_on_the_wire(size)
    return problems


def keep_file(draft: Draft, name: str, media_type: str, octets: bytes, **columns: str) -> DraftFile:
    """Store one file with its draft; a media type that cannot be an attachment's becomes plain octets."""
    return DraftFile.objects.create(
        draft=draft,
        name=safe_name(name) or _("file"),
        media_type=_kept_type(media_type),
        octets_count=len(octets),
        octets=octets,
        **columns,
    )


def refer(draft: Draft, original_id: int, part: Part, **columns: str) -> DraftFile:
    """Attach a part of a stored message to the draft without copying an octet of it."""
    return DraftFile.objects.create(
        draft=draft,
        name=safe_name(part.file_name) or _("file"),
        media_type=_kept_type(part.media_type),
        octets_count=part.octets_count,
        original_id=original_id,
        part=part.index,
        **columns,
    )


def sendable(file: DraftFile) -> File:
    """The file as a message takes it; its octets are read when their turn comes, and not kept.

    Asked for them it raises Unfit where they cannot be found in the message that they are a part of.
    """

    def slices() -> Iterator[bytes]:
        try:
            return DraftFile.objects.select_related("original").defer("octets").get(pk=file.pk).slices()
        except LookupError as error:
            raise Unfit("files", Problem.FILE_NAME, file.name) from error

    return File(file.name, file.media_type, slices, file.content_id)


def _kept_type(media_type: str) -> str:
    lower = media_type.lower()
    if not _MEDIA_TYPE.fullmatch(lower) or lower.startswith(("multipart/", "message/")):
        return _ANY_TYPE
    return lower


def octets_on_the_wire(octets_count: int) -> int:
    """The size of a file in base64, in lines of 76 characters (RFC 2045, 6.8)."""
    return -(-octets_count // 57) * 78


def _attached_count(draft: Draft) -> int:
    return draft.files.aggregate(total=Sum("octets_count"))["total"] or 0


def _too_large(upload: UploadedFile) -> str:
    return _(
        "“%(name)s” is %(size)s, and a file may have %(limit)s at most, so it was not attached. "
        "Everything else is kept. Share a large file by a link instead."
    ) % {
        "name": upload.name,
        "size": filesizeformat(upload.size or 0),
        "limit": filesizeformat(settings.ATTACHMENT_OCTETS_LIMIT),
    }


def _used_up(upload: UploadedFile) -> str:
    return _(
        "“%(name)s” was not attached: your room for mail is used up. Everything else is kept. "
        "Empty the trash, or ask the person who runs this installation for more room."
    ) % {"name": upload.name}


def _no_room(upload: UploadedFile) -> str:
    return _(
        "“%(name)s” was not attached: all files of a message together may fill %(limit)s. "
        "Everything else is kept. Remove a file, or send this one in a second message."
    ) % {"name": upload.name, "limit": filesizeformat(settings.MESSAGE_OCTETS_LIMIT)}
