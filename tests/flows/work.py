"""What victims do, in small steps: many commits, so many different moments to die at."""

from django.utils import timezone

from accounts.models import RemoteMaildrop
from mailbox import outbox
from mailbox import pull as pulling
from mailbox.models import Outgoing


def pull(pk: int) -> None:
    """Pull one maildrop."""
    pulling.BATCH_COUNT, pulling.SESSION_COUNT_DELETING = 5, 40
    pulling.pull(RemoteMaildrop.objects.select_related("account").get(pk=pk))


def send(_pk: int) -> None:
    """Send all that is due."""
    for outgoing in Outgoing.objects.due(timezone.now()):
        outbox.send(outgoing)
