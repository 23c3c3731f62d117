"""What a person did with conversations, for as long as it can be taken back."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from accounts.models import User
from webmail.keys import new_key

# The offer is on the screen for seconds; a tab that was left open may be found again after lunch.
KEPT = timedelta(hours=2)


class Deed(models.Model):
    """One act and how everything that it changed was before. Rows that share a key are one act, done in pieces."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=16, default=new_key, editable=False)
    # As `undoing` writes it.
    before = models.JSONField()
    done_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["user", "key"], name="deed_of_user")]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def prune(cls, now: datetime) -> int:
        """Delete those that nobody will take back any more; return how many."""
        return cls.objects.filter(done_at__lt=now - KEPT).delete()[0]
