"""What messages carry besides their text; the octets stay in the message."""

from typing import Self

from django.db import models

from mailbox.mime.kinds import Kind, kind_of
from mailbox.models.message import Message

# A part of a larger message (RFC 2046, 5.2.2).
PIECE = "message/partial"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def with_thumbnails(self) -> Self:
        """Also read which have a thumbnail, but not its octets."""
        return self.select_related("thumbnail").defer("thumbnail__octets")


class Attachment(models.Model):
    """One part of a message that is not its text, found again by its place among the parts."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments", db_index=False)
    part = models.PositiveIntegerField()
    file_name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=127)
    octets_count = models.PositiveBigIntegerField()
    content_id = models.CharField(max_length=255, blank=True)
    is_inline = models.BooleanField(default=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["part"]
        constraints = [models.UniqueConstraint(fields=["message", "part"], name="one_attachment_per_part")]
        indexes = [models.Index(fields=["message"], name="attachment_piece", condition=models.Q(media_type=PIECE))]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_picture(self) -> bool:
        return kind_of(self.file_name, self.media_type) == Kind.PICTURE
