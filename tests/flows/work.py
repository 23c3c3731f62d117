"""What victims do, in small steps: many commits, so many different moments to die at."""

from django.utils import timezone

from accounts.models import RemoteMaildrop
from mailbox import pull as pulling
from mailbox.models import Outgoing
from mailbox.sending import rounds


def pull(pk: int) -> None:
    """Pull one maildrop."""
    pulling.BATCH_COUNT, pulling.SESSION_COUNT_DELETING = 5, 40
    pulling.pull(RemoteMaildrop.objects.select_related("account").get(pk=pk))


def send(_pk: int) -> None:
    """Send all that is due, as a worker does."""
    for account_id in set(Outgoing.objects.due(timezone.now()).values_list("account", flat=True)):
        rounds.send_from(account_id)
