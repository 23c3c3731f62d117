"""Forgetting what was retrieved from a maildrop, where its server has muddled its unique-ids for good."""

from datetime import datetime

from accounts.models import RemoteMaildrop
from mailbox.models import RetrievedUidl


def forget_uidls(maildrop: RemoteMaildrop, now: datetime) -> bool:
    """Forget every unique-id, so that the next pull looks at everything again; False while one is under way.

    What is stored is recognised by its octets. What was deleted here for ever and is still there comes again, and a
    deletion that its server has not confirmed is not tried again.
    """
    if not maildrop.claim(now):
        return False
    RetrievedUidl.objects.filter(maildrop=maildrop).delete()
    maildrop.release(listed_count=0, listed_octets=0)
    return True
