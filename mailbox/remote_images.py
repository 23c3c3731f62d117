"""Images of the web that readers asked for: noted by the web process, loaded by workers, waited for a moment.

Loaders are few, so that mail is pulled and sent while somebody reads newsletters; each takes one due row after the
other, so one alarm serves for all rows.
"""

import logging
import threading
import time
from collections.abc import Collection

from django.utils import timezone

from mailbox import fetcher, web
from mailbox.models import RemoteImage
from webmail.celery import stopping, wake

log = logging.getLogger(__name__)

LOADERS_COUNT = 3
# A loader gives its thread back after so many images; whoever still waits wakes another.
_AT_ONCE = 50
# The web server has four threads: no more than two may wait for images, and never for long.
_WAITING = threading.BoundedSemaphore(2)
_STEP_SECONDS = 0.05
_loaders = threading.BoundedSemaphore(LOADERS_COUNT)


def want(addresses: Collection[str]) -> None:
    """Have these images loaded, as far as they are not here or known to be missing."""
    known = dict(RemoteImage.objects.at(addresses).values_list("address", "due_at"))
    if missing := [each for each in dict.fromkeys(addresses) if each not in known]:
        RemoteImage.objects.want(missing)
    unsettled = len(missing) + sum(due_at is not None for due_at in known.values())
    for _ in range(min(unsettled, LOADERS_COUNT)):
        wake("load_images")


def await_images(addresses: Collection[str], *, seconds: float) -> list[RemoteImage]:
    """Return the rows of these images when all are settled, or as they are after `seconds`.

    Nobody waits where others wait already: the rows are returned as they are.
    """
    rows = list(RemoteImage.objects.at(addresses))
    if all(row.is_settled for row in rows) or not _WAITING.acquire(blocking=False):
        return rows
    try:
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at and not all(row.is_settled for row in rows):
            time.sleep(_STEP_SECONDS)
            rows = list(RemoteImage.objects.at(addresses))
        return rows
    finally:
        _WAITING.release()


def load_due() -> None:
    """Load due images one after the other, unless enough loaders are at it in this process."""
    if not _loaders.acquire(blocking=False):
        return
    try:
        for _ in range(_AT_ONCE):
            if stopping.is_set() or not (row := RemoteImage.objects.due(timezone.now()).defer("octets").first()):
                break
            load(row)
    finally:
        _loaders.release()


def load(row: RemoteImage) -> None:
    """Load one image, unless another loader has it."""
    if not row.claim(timezone.now(), due_at__lte=timezone.now()):
        return
    try:
        answer = fetcher.image_at(row.address)
    except web.WebError as error:
        log.info("image %s: %s", row.sha256[:12], type(error).__name__)
        row.load_failed(timezone.now(), is_permanent=error.is_permanent)
    except BaseException:
        # What breaks a loader once would break the next as well.
        row.load_failed(timezone.now(), is_permanent=True)
        raise
    else:
        row.load_succeeded(answer.media_type, answer.content)
        RemoteImage.trim(timezone.now())
