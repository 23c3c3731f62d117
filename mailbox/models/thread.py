"""Conversations, and where they are listed."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import MailAccount, User


class Folder(models.TextChoices):
    INBOX = "inbox", _("Inbox")
    SENT = "sent", _("Sent")
    ARCHIVE = "archive", _("Archive")
    # Comes back into the inbox at its time (`ThreadMark.wakes_at`).
    SNOOZED = "snoozed", _("Snoozed")
    SPAM = "spam", _("Spam")
    TRASH = "trash", _("Trash")


# What lies here leaves for ever after some days, and stands in no list but its own.
THROWN_AWAY = (Folder.SPAM, Folder.TRASH)


class Thread(models.Model):
    """A conversation: messages of one account that refer to each other."""

    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="threads")

    def __str__(self) -> str:
        return f"thread {self.pk}"


class ThreadReference(models.Model):
    """A Message-ID that was seen in a thread: of a message that is here, or of one that others refer to.

    Keeping the ids of absent messages joins two answers to a message that never arrived.
    """

    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="+", db_index=False)
    message_id = models.CharField(max_length=255)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="references")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "message_id"], name="one_thread_per_message_id")]

    def __str__(self) -> str:
        return self.message_id


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=MailAccount.objects.visible_to(user))


class Entry(models.Model):
    """A line of a list: one row per conversation and folder that holds at least one of its messages.

    Everything a line shows is a column here, so that a page of fifty lines is one query on one index. The rows are
    derived from the messages (`threads.refresh`) and can be derived again.
    """

    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="+", db_index=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="entries", db_index=False)
    folder = models.CharField(max_length=10, choices=Folder)
    # The key of the newest message in this folder: where the line leads.
    key = models.CharField(max_length=16)
    newest_at = models.DateTimeField()
    # [[name, is_unread], ...] in the order in which they wrote.
    senders = models.JSONField(default=list)
    subject = models.TextField(blank=True)
    preview = models.TextField(blank=True)
    message_count = models.PositiveIntegerField()
    unread_count = models.PositiveIntegerField()
    is_starred = models.BooleanField(default=False)
    has_attachments = models.BooleanField(default=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "folder"], name="one_entry_per_folder")]
        indexes = [
            models.Index(fields=["account", "folder", "-newest_at", "-id"], name="entry_list"),
            models.Index(fields=["account", "folder"], name="entry_unread", condition=Q(unread_count__gt=0)),
            models.Index(fields=["account", "-newest_at", "-id"], name="entry_starred", condition=Q(is_starred=True)),
        ]

    def __str__(self) -> str:
        return f"{self.subject} in {self.folder}"

    @property
    def is_unread(self) -> bool:
        return self.unread_count > 0
