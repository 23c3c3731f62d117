"""What is being written."""

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import MailAccount, User
from mailbox.mime.apart import parse_apart
from mailbox.mime.part import Part
from mailbox.mime.slices import slices
from mailbox.models import blobs
from mailbox.models.deed import KEPT
from mailbox.models.message import Message
from mailbox.models.original import Original
from webmail.keys import new_key


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """A draft is its writer's alone, whoever else reads the account."""
        return self.filter(writer=user) if user.is_authenticated else self.none()


class DraftManager(models.Manager.from_queryset(DraftQuerySet)):  # type: ignore[misc]  # a class made at run time
    """What is being written; neither what is on its way nor what was thrown away, though either may come back."""

    def get_queryset(self) -> DraftQuerySet:
        return DraftQuerySet(self.model, using=self._db).filter(outgoing=None, discarded_at=None)


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
    # The address it leaves from; empty: that of the account's default identity.
    sender = models.CharField(max_length=320, blank=True)
    to = models.TextField(_("to"), blank=True)
    cc = models.TextField(_("cc"), blank=True)
    bcc = models.TextField(_("bcc"), blank=True)
    subject = models.TextField(_("subject"), blank=True)
    text = models.TextField(_("text"), blank=True)
    # What is sent beside the text, which is then made of it. Clean (`mime.outbound`); its images are named by `cid:`.
    html = models.TextField(blank=True)
    is_rich = models.BooleanField(default=False)
    # Counts the changes; a form names the one that it began with.
    revision = models.PositiveIntegerField(default=0)
    # The tab that saved last, and the number of that save in it.
    saved_by = models.CharField(max_length=16, blank=True)
    saved_count = models.PositiveIntegerField(default=0)
    # The draft that was changed elsewhere while this text was typed from an older state of it.
    twin_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="twins")
    # What it has become: until a server has an opinion about that, it can become this draft again.
    outgoing = models.OneToOneField("Outgoing", models.SET_NULL, null=True, editable=False, related_name="draft")
    # When it was thrown away; so long as that can be taken back, nothing of it is deleted.
    discarded_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DraftManager()
    with_hidden = models.Manager.from_queryset(DraftQuerySet)()

    class Meta:
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return self.subject

    def discard(self) -> None:
        """Throw it away; `bring_back` takes that back. A second draft beside it is the only one then."""
        Draft.objects.filter(twin_of=self.pk).update(twin_of=None)
        Draft.objects.filter(pk=self.pk).update(discarded_at=timezone.now())

    @classmethod
    def bring_back(cls, key: str, writer: User) -> bool:
        """Make the draft of that key one again that `writer` has thrown away; False where there is none."""
        thrown_away = cls.with_hidden.filter(key=key, writer=writer, discarded_at__isnull=False)
        return bool(thrown_away.update(discarded_at=None))

    @classmethod
    def prune(cls, now: datetime) -> None:
        """Delete the drafts of messages that have left, and those that nobody will bring back any more."""
        cls.with_hidden.filter(outgoing__finished_at__isnull=False).delete()
        cls.with_hidden.filter(discarded_at__lt=now - KEPT).delete()


class DraftFile(models.Model):
    """A file that goes with a draft: its own octets, or a part of a message that is kept for it."""

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=127)
    # Of an image that stands in the HTML of the draft (RFC 2392); it leaves only where that shows it.
    content_id = models.CharField(max_length=255, blank=True)
    octets_count = models.PositiveBigIntegerField()
    # Empty where the file is a part of `original`, whose message may be deleted meanwhile.
    octets = models.BinaryField(default=b"")
    original = models.ForeignKey(Original, models.PROTECT, null=True, blank=True, related_name="+")
    part = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def referred_part(self) -> Part | None:
        """The part of a message that this file is, None for one with octets of its own.

        Raises LookupError when the message is read otherwise than on the day when it was forwarded.
        """
        if self.original is None:
            return None
        parts = parse_apart(self.original.octets).attachments
        sure = (part for part in parts if part.index == self.part and part.octets_count == self.octets_count)
        alike = (part for part in parts if part.octets_count == self.octets_count and part.file_name == self.name)
        found = next(sure, None) or next(alike, None)
        if found is None:
            raise LookupError(self.key)
        return found

    def slices(self) -> Iterator[bytes]:
        """The octets of the file in pieces, none of them decoded before it is asked for."""
        part = self.referred_part()
        return blobs.read(DraftFile, "octets", self.pk) if part is None else slices(part)

    def content(self) -> bytes:
        """The octets of the file."""
        return b"".join(self.slices())
