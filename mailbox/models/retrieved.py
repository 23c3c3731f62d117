"""What was retrieved from a remote maildrop: the memory that keeps a message from coming twice."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from accounts.models import RemoteMaildrop
from mailbox.models.message import Message

# No server that hides or restores its maildrop was seen to take longer than a year.
REMEMBERED_DAYS = 400


class RetrievedUidl(models.Model):
    """A unique-id (RFC 1939, 7) whose message is stored here.

    It outlives its absence from a listing: a server that hides, empties or restores its maildrop must flood nobody.
    But an id that was absent or deleted and comes back is checked before it is believed.
    """

    class Deletion(models.TextChoices):
        NONE = "none"
        # DELE is to be sent, or was sent and the server has not answered QUIT with +OK.
        PENDING = "pending"
        DONE = "done"

    class Proof(models.TextChoices):
        """How sure it is that what the server has is what is stored."""

        # The octets were retrieved, and their hash is that of the stored ones.
        HASH = "hash"
        # Size and header are the same: enough not to retrieve it again, not enough to delete it there.
        HEADER = "header"
        # Retrieved once more under another header (a server was moved): the body is that of the stored message.
        BODY = "body"
        # Only the beginning was retrieved, because the message is large.
        STUB = "stub"

    maildrop = models.ForeignKey(RemoteMaildrop, models.CASCADE, related_name="retrieved", db_index=False)
    uidl = models.TextField()
    # As the server lists it.
    octets_count = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    header_sha256 = models.CharField(max_length=64, blank=True)
    proof = models.CharField(max_length=6, choices=Proof, default=Proof.HASH)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="retrieved")
    retrieved_at = models.DateTimeField(default=timezone.now)
    # Since when listings lack it; null while it is listed. Only changes are written, not every listing.
    unlisted_at = models.DateTimeField(null=True)
    deletion = models.CharField(max_length=10, choices=Deletion, default=Deletion.NONE)
    deleted_at = models.DateTimeField(null=True)
    # A person asked for the rest of a stub.
    is_wanted = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["maildrop", "uidl"], name="one_row_per_uidl")]
        indexes = [
            models.Index(fields=["maildrop"], name="retrieved_wanted", condition=models.Q(is_wanted=True)),
            # Of messages that were deleted for ever: what comes again under another id is known by its octets.
            models.Index(fields=["maildrop", "sha256"], name="retrieved_gone", condition=models.Q(message=None)),
        ]

    def __str__(self) -> str:
        return self.uidl

    @classmethod
    def prune(cls, now: datetime) -> int:
        """Forget ids that have been absent from listings for REMEMBERED_DAYS; return how many."""
        return cls.objects.filter(unlisted_at__lt=now - timedelta(days=REMEMBERED_DAYS)).delete()[0]
