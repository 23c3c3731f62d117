"""Small pictures of attached ones, made by a worker: derived, and made again where they are missing."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from mailbox.models.attachment import Attachment

KEPT = timedelta(days=180)


class Thumbnail(models.Model):
    """A small picture of an attachment, or that none can be made, so that nobody tries again."""

    attachment = models.OneToOneField(Attachment, models.CASCADE, related_name="thumbnail")
    # WebP; empty where it is not drawn.
    octets = models.BinaryField()
    is_drawn = models.BooleanField()
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"thumbnail of {self.attachment_id}"

    @classmethod
    def prune(cls, now: datetime) -> int:
        """Delete those made longer ago than KEPT, which are made again when they are looked at; return how many."""
        return cls.objects.filter(made_at__lt=now - KEPT).delete()[0]
