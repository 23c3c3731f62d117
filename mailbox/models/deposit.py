"""What lies in the local maildrops."""

from django.db import models
from django.utils import timezone

from accounts.models import LocalMaildrop
from mailbox.models.original import Original
from webmail.keys import new_key


class Deposit(models.Model):
    """A message that waits in a local maildrop for a POP3 client. Its deletion there never touches an inbox."""

    maildrop = models.ForeignKey(LocalMaildrop, models.CASCADE, related_name="deposits")
    original = models.ForeignKey(Original, models.PROTECT, related_name="+")
    # Never used again for another message (RFC 1939, 7): random, so that nothing has to remember the old ones.
    uidl = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    reverse_path = models.CharField(max_length=320, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.uidl
