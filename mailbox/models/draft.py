"""What is being written."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import MailAccount, User
from mailbox.models.message import Message
from webmail.keys import new_key


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """A draft is its writer's alone, whoever else reads the account."""
        return self.filter(writer=user) if user.is_authenticated else self.none()


class Draft(models.Model):
    """A message in the making, kept as it was typed: nothing in it has to be right before it is sent."""

    class Kind(models.TextChoices):
        NEW = "new", _("New message")
        REPLY = "reply", _("Reply")
        REPLY_ALL = "reply-all", _("Reply to all")
        FORWARD = "forward", _("Forward")

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NEW)
    # The message that is answered or forwarded.
    parent = models.ForeignKey(Message, models.SET_NULL, null=True, blank=True, related_name="answers")
    to = models.TextField(_("to"), blank=True)
    cc = models.TextField(_("cc"), blank=True)
    bcc = models.TextField(_("bcc"), blank=True)
    subject = models.TextField(_("subject"), blank=True)
    text = models.TextField(_("text"), blank=True)
    # What is sent beside the text, which is then made of it. Clean (`mime.outbound`); its images are named by `cid:`.
    html = models.TextField(blank=True)
    is_rich = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return self.subject


class DraftFile(models.Model):
    """A file that goes with a draft."""

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=127)
    # Of an image that stands in the HTML of the draft (RFC 2392); it leaves only where that shows it.
    content_id = models.CharField(max_length=255, blank=True)
    octets_count = models.PositiveBigIntegerField()
    octets = models.BinaryField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
