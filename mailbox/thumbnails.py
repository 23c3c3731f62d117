"""Small pictures of the pictures that a message brings: made when it is first opened, in a process that may die.

The page asks for them (`wanted`, a task); what a lost task left out is asked for when the message is opened again.
"""

import logging
import subprocess
import sys
from collections.abc import Iterable

from django.conf import settings

from mailbox.mime.parse import Parsed
from mailbox.mime.shown import PICTURES, shown_type
from mailbox.models import Attachment, Message, Thumbnail

log = logging.getLogger(__name__)

PER_MESSAGE = 40
MOST_OCTETS = 30 * 2**20
SECONDS = 20


def wanted(attachments: Iterable[Attachment]) -> list[Attachment]:
    """Return those of a message's `attachments` that have no thumbnail yet and should get one."""
    pictures = [each for each in attachments if each.is_picture][:PER_MESSAGE]
    return [each for each in pictures if not hasattr(each, "thumbnail")]


def make(message: Message) -> int:
    """Make the thumbnails that `message` wants; return how many rows were made. May run twice at once."""
    missing = wanted(message.attachments.with_thumbnails())
    if not missing:
        return 0
    parsed = message.parsed()
    for attachment in missing:
        octets = shrink(_picture(parsed, attachment.part))
        made = Thumbnail(attachment=attachment, octets=octets, is_drawn=bool(octets))
        Thumbnail.objects.bulk_create([made], ignore_conflicts=True)
    return len(missing)


def shrink(octets: bytes) -> bytes:
    """Return a small WebP of a picture, b"" where none can be made; the work is done in a process of its own."""
    if not octets:
        return b""
    try:
        done = subprocess.run(
            [sys.executable, "-s", "-m", "mailbox.picture"],
            input=octets,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            cwd=settings.BASE_DIR,
            env={},
        )
    except subprocess.TimeoutExpired:
        log.warning("a picture of %d octets took longer than %d s", len(octets), SECONDS)
        return b""
    return done.stdout if done.returncode == 0 else b""


def _picture(parsed: Parsed, index: int) -> bytes:
    """Return the octets of a part that is a picture by its octets and not too large a file, else b""."""
    part = parsed.parts[index] if index < len(parsed.parts) else None
    if part is None or shown_type(part) not in PICTURES or part.octets_count > MOST_OCTETS:
        return b""
    return part.content()
