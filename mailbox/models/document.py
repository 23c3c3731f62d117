"""HTML bodies made harmless by a worker before their reader comes: derived, and made again where they are missing."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from mailbox.models.original import Original

KEPT = timedelta(days=14)


class Document(models.Model):
    """What `documents.make` made of the bodies of one message, compressed; belongs to octets, which never change."""

    original = models.OneToOneField(Original, models.CASCADE, primary_key=True, related_name="document")
    # Of the code that made it; another one does not believe it.
    version = models.CharField(max_length=16)
    compressed = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"document of {self.original_id}"

    @classmethod
    def prune(cls, now: datetime) -> int:
        """Delete those made longer ago than KEPT: by then a message was read or never will be; return how many."""
        return cls.objects.filter(made_at__lt=now - KEPT).delete()[0]
