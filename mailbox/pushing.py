"""News -> push services: by a worker, one browser at a time, and never in the way of the pull that brought the mail."""

import hashlib
import logging

from django.conf import settings
from django.utils import timezone

from mailbox import fetcher, news, web
from mailbox.models import Push, PushSubscription, VapidKey
from mailbox.models.push import KEPT
from mailbox.web import push as web_push

log = logging.getLogger(__name__)

# RFC 8030, 7.3 says 404; services also say 410. 401 and 403 mean that it was made with another key (RFC 8292, 2).
_GONE = frozenset({401, 403, 404, 410})


def push(waiting: Push) -> None:
    """Push one row of news now, unless another worker has it. It may be pushed twice: the second replaces the first."""
    now = timezone.now()
    if not waiting.claim(now, due_at__lte=now):
        return
    subscription, notice = waiting.subscription, news.notice_of(waiting)
    if not subscription.is_good():
        subscription.delete()
    elif notice is None:
        waiting.drop()
    else:
        _push(waiting, subscription, notice)


def _push(waiting: Push, subscription: PushSubscription, notice: news.Notice) -> None:
    try:
        content = web_push.seal(notice.octets(), public_key=subscription.public_key, secret=subscription.secret)
        fetcher.post_push(subscription.endpoint, content, _fields(subscription, notice))
    except web.WebError as error:
        _note_failure(waiting, error)
    else:
        waiting.sent(timezone.now())


def _fields(subscription: PushSubscription, notice: news.Notice) -> dict[str, str]:
    return web_push.fields(
        subscription.endpoint,
        VapidKey.current().secret,
        contact=f"mailto:postmaster@{settings.HOSTNAME}",
        seconds=int(KEPT.total_seconds()),
        # What replaces another on the screen does so while it still waits at the service.
        topic=hashlib.sha256(f"{settings.SECRET_KEY}{notice.tag}".encode()).hexdigest()[:32],
    )


def _note_failure(waiting: Push, error: web.WebError) -> None:
    """Try again what may pass; a browser that is gone is forgotten, and a message that is refused too."""
    log.info("push %s was not taken: %s", waiting.pk, error)
    if isinstance(error, web.Answered) and error.status in _GONE:
        waiting.subscription.delete()
    elif error.is_permanent:
        waiting.drop()
        waiting.subscription.refused()
    else:
        waiting.failed(timezone.now())
