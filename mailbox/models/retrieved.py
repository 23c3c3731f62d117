"""What was retrieved from a remote maildrop: the memory that keeps a message from coming twice."""

from django.db import models
from django.utils import timezone

from accounts.models import RemoteMaildrop
from mailbox.models.message import Message


class RetrievedUidl(models.Model):
    """A unique-id (RFC 1939, 7) whose message is stored here. It outlives its absence from a listing."""

    class Deletion(models.TextChoices):
        NONE = "none"
        # DELE is to be sent, or was sent and the server has not answered QUIT with +OK.
        PENDING = "pending"
        DONE = "done"

    maildrop = models.ForeignKey(RemoteMaildrop, models.CASCADE, related_name="retrieved")
    uidl = models.TextField()
    octets_count = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="retrieved")
    retrieved_at = models.DateTimeField(default=timezone.now)
    listed_at = models.DateTimeField(default=timezone.now)
    deletion = models.CharField(max_length=10, choices=Deletion, default=Deletion.NONE)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["maildrop", "uidl"], name="one_row_per_uidl")]

    def __str__(self) -> str:
        return self.uidl
