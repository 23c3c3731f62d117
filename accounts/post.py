"""What Letterbox itself writes leaves after the answer to the browser, and what goes wrong with it is logged."""

import logging
from concurrent.futures import ThreadPoolExecutor

from django.core.mail import EmailMessage

_log = logging.getLogger(__name__)
_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="post")


def send_soon(letter: EmailMessage) -> None:
    """Send `letter` without making anybody wait. It is not kept: links in it go stale, and can be asked for again."""
    _sender.submit(_send, letter)


def _send(letter: EmailMessage) -> None:
    try:
        letter.send()
    except Exception:
        # Whatever a server may answer. The letter holds a link that opens an account: it is not logged.
        _log.exception("A letter about signing in could not be sent; see EMAIL_URL.")
