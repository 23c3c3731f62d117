"""The Celery application. Celery is only the alarm clock: what is due stands in the database."""

import logging
import os
import threading
from datetime import datetime

from celery import Celery
from celery.signals import worker_shutting_down
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")

log = logging.getLogger(__name__)

# Seconds after which nobody needs a task any more: beat's ticks have found what it was for.
EXPIRES = 60

app = Celery("webmail")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Set when this worker was told to end: work that goes on in steps stops after the one that it is at.
stopping = threading.Event()


@worker_shutting_down.connect
def _stop(**_: object) -> None:
    stopping.set()


def wake(name: str, *arguments: int | str) -> None:
    """Have the task `mailbox.tasks.<name>` started once the transaction is committed.

    A broker that is down or forgets costs only the wait for beat's next tick: what is due stands in the database. For
    the same reason a task that no worker took expires, so that nothing piles up while there is none.
    """
    transaction.on_commit(lambda: _send_task(name, arguments))


def wake_at(moment: datetime, name: str, *arguments: int | str) -> None:
    """As `wake`, but start the task at `moment`; what is more than a minute away is found by beat's ticks."""
    seconds = max((moment - timezone.now()).total_seconds(), 0)
    if seconds <= EXPIRES:
        transaction.on_commit(lambda: _send_task(name, arguments, seconds=seconds))


def _send_task(name: str, arguments: tuple[int | str, ...], *, seconds: float = 0) -> None:
    after = {"countdown": seconds} if seconds else {}
    try:
        app.send_task(f"mailbox.tasks.{name}", arguments, retry=False, expires=EXPIRES + seconds, **after)
    except (OperationalError, OSError) as error:
        log.warning("the broker does not take %s%s: %s", name, arguments, error)
