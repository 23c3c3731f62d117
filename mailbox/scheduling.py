"""When a message leaves that a person has set a time for."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from mailbox import delivery
from mailbox.mime.submission import redated
from mailbox.models import Original, Outgoing
from webmail.celery import wake_at


class TooLate(Exception):
    """The message is being sent, or was."""


@transaction.atomic
def reschedule(outgoing: Outgoing, send_at: datetime) -> None:
    """Have a scheduled message leave at `send_at`, or at once where that has passed. Raises TooLate.

    Nobody has seen it yet, so its Date moves along; nothing else of its octets changes, its Message-ID least of all.
    """
    now = timezone.now()
    due_at = max(send_at, now)
    if not outgoing.claim(now, finished_at=None, is_scheduled=True):
        raise TooLate
    outdated = outgoing.original
    original = Original.stored(outgoing.account.owner_id, redated(outdated.octets, timezone.localtime(due_at)))
    outgoing.release(original=original, due_at=due_at, queued_at=due_at)
    delivery.drop_unused([outdated.pk])
    wake_at(due_at, "send", outgoing.pk)
