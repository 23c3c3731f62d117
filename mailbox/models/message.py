"""Messages as lists and conversations show them; their octets lie in `Original`."""

from datetime import datetime
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox.mime.apart import parse_again
from mailbox.mime.parse import Parsed
from mailbox.models.original import Original
from mailbox.models.thread import Folder, Thread
from webmail.keys import new_key


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Messages of the accounts that `user` may read: where every access starts."""
        return self.filter(account__in=MailAccount.objects.visible_to(user))

    def in_conversation_order(self) -> Self:
        return self.order_by("received_at", "id")


class Message(models.Model):
    """One message of one account. All but the flags is derived from the octets and can be derived again."""

    key = models.CharField(max_length=16, default=new_key, editable=False)
    # No indexes of their own where one below begins with the same column: each costs every message that comes.
    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="messages", db_index=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages", db_index=False)
    # PROTECT: no path but the deletion of the person's account may take octets away while a message needs them.
    original = models.ForeignKey(Original, models.PROTECT, related_name="messages")
    message_id = models.CharField(max_length=255, blank=True)
    sender_name = models.CharField(max_length=255, blank=True)
    sender_address = models.CharField(max_length=320, blank=True)
    # Names of those it was written to, for the lines of Sent.
    recipient_names = models.JSONField(default=list, blank=True)
    subject = models.TextField(blank=True)
    preview = models.TextField(blank=True)
    octets_count = models.PositiveBigIntegerField()
    has_attachments = models.BooleanField(default=False)
    # What the Date field says, where it says something; lists go by when the message was received.
    dated_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    stored_at = models.DateTimeField(default=timezone.now)
    defects = models.JSONField(default=list, blank=True)

    folder = models.CharField(max_length=10, choices=Folder, default=Folder.INBOX)
    # Where it was before it went to the trash or to spam, and when it went.
    trashed_from = models.CharField(max_length=10, choices=Folder, blank=True)
    trashed_at = models.DateTimeField(null=True, blank=True)
    is_read = models.BooleanField(default=False)
    is_starred = models.BooleanField(default=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            # Not unique=True, for which PostgreSQL keeps a second index that serves LIKE.
            models.UniqueConstraint(fields=["key"], name="one_message_per_key"),
            models.UniqueConstraint(fields=["account", "original"], name="one_message_per_original"),
        ]
        indexes = [
            models.Index(fields=["thread", "received_at"], name="message_thread"),
            # By no folder: SQLite would not see that one of two implies this condition.
            models.Index(fields=["trashed_at"], name="message_trashed", condition=models.Q(trashed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def sender(self) -> str:
        return self.sender_name or self.sender_address

    @property
    def octets(self) -> bytes:
        return self.original.octets

    def parsed(self) -> Parsed:
        """The octets as values; what took too long when it was delivered is not read again."""
        return parse_again(self.octets, self.defects)

    def written_at(self) -> datetime:
        """When the author says it was written, else when it was received."""
        return self.dated_at or self.received_at
