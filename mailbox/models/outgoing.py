"""Messages on their way out, and what became of them for each recipient."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import MailAccount, User
from mailbox.models.message import Message
from mailbox.models.original import Original
from webmail.claims import Claimable, this_process
from webmail.keys import new_key


class OutgoingQuerySet(models.QuerySet["Outgoing"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """What was sent from the accounts that `user` may read."""
        return self.filter(account__in=MailAccount.objects.visible_to(user))

    def due(self, now: datetime) -> Self:
        return self.filter(Outgoing.is_free(now), finished_at=None, due_at__lte=now).order_by("due_at")


class Outgoing(Claimable):
    """One message in the queue: its octets never change, whatever happens to them on the way."""

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="outgoing", verbose_name=_("mail account"))
    writer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("writer")
    )
    original = models.ForeignKey(Original, models.PROTECT, related_name="+")
    # The copy in Sent; the person may have deleted it.
    sent_copy = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="outgoing")
    message_id = models.CharField(max_length=255)
    subject = models.TextField(blank=True)
    reverse_path = models.CharField(max_length=320, blank=True)
    queued_at = models.DateTimeField(_("queued"), default=timezone.now)
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    # The person has chosen its time, and it has not left yet: there is no copy in Sent.
    is_scheduled = models.BooleanField(_("scheduled"), default=False)
    # Set right before the first content octet leaves: a worker that dies after this leaves the outcome uncertain.
    data_started_at = models.DateTimeField(null=True)
    attempt_count = models.PositiveIntegerField(_("tries"), default=0)
    last_error = models.TextField(blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    # When something happened that its writer has to look at (refused, came back, in doubt); None again once he has.
    troubled_at = models.DateTimeField(null=True, editable=False)

    objects = OutgoingQuerySet.as_manager()

    # Whom it still has to go to, where that was read with it.
    wanted: list["Recipient"]

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        ordering = ["-queued_at", "-id"]
        indexes = [
            models.Index(fields=["due_at"], name="outgoing_due", condition=Q(finished_at=None)),
            models.Index(fields=["account", "-queued_at"], name="outgoing_account"),
            # Whoever looks for free rows asks who holds any; and what is due, server by server.
            models.Index(fields=["claimed_by"], name="outgoing_claimed", condition=Q(claimed_at__isnull=False)),
            models.Index(fields=["account", "due_at"], name="outgoing_account_due", condition=Q(finished_at=None)),
            # How many there are is asked with every page.
            models.Index(
                fields=["account", "writer"], name="outgoing_troubled", condition=Q(troubled_at__isnull=False)
            ),
            # Reports and copies that come back name what they are about by nothing else.
            models.Index(fields=["message_id"], name="outgoing_message_id"),
        ]

    def __str__(self) -> str:
        # Not the subject: the operator's pages and logs name rows by this.
        return self.message_id

    @classmethod
    def data_starts(cls, batch: Sequence["Outgoing"]) -> set[int]:
        """Note that content octets of these messages leave now; return those that no other worker has meanwhile."""
        rows = cls.objects.filter(pk__in=[each.pk for each in batch], claimed_by=this_process())
        ours = rows.filter(claimed_at=batch[0].claimed_at)
        if ours.update(data_started_at=timezone.now()) == len(batch):
            return {each.pk for each in batch}
        return set(ours.values_list("pk", flat=True))

    def attempted(self, *, due_at: datetime | None, last_error: str = "", is_trouble: bool = False) -> bool:
        """End an attempt: due again at `due_at`, or finished where that is None. False when the claim was lost."""
        changes: dict[str, Any] = {"due_at": due_at} if due_at else {"finished_at": timezone.now()}
        if is_trouble:
            changes["troubled_at"] = timezone.now()
        return self.release(
            attempt_count=self.attempt_count + 1, data_started_at=None, last_error=last_error[:2000], **changes
        )


class Recipient(models.Model):
    """One address that a message goes to, the last word of our server about it, and what was reported later."""

    class Header(models.TextChoices):
        TO = "to", _("To")
        CC = "cc", _("Cc")
        BCC = "bcc", _("Bcc")

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        ACCEPTED = "accepted", _("accepted by the server")
        REFUSED = "refused", _("refused by the server")
        DEFERRED = "deferred", _("will be tried again")
        UNCERTAIN = "uncertain", _("may have arrived")

    class Action(models.TextChoices):
        """What a delivery status notification says was done (RFC 3464, 2.3.3)."""

        FAILED = "failed", _("came back")
        DELAYED = "delayed", _("delayed on the way")
        DELIVERED = "delivered", _("delivered")
        RELAYED = "relayed", _("handed on")
        EXPANDED = "expanded", _("handed on to a list")

    UNDECIDED = (Status.QUEUED, Status.DEFERRED)

    outgoing = models.ForeignKey(Outgoing, models.CASCADE, related_name="recipients")
    address = models.CharField(max_length=320)
    header = models.CharField(max_length=3, choices=Header, default=Header.TO)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    reply = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    # Anybody can write a report, so it stands beside the status and decides nothing.
    action = models.CharField(max_length=10, choices=Action, blank=True)
    # The enhanced status code (RFC 3463), such as 5.1.1.
    status_code = models.CharField(max_length=12, blank=True)
    diagnostic = models.TextField(blank=True)
    reported_at = models.DateTimeField(null=True)
    report = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["outgoing", "address"], name="one_row_per_recipient")]

    def __str__(self) -> str:
        return f"{self.address}: {self.status}"

    @property
    def has_returned(self) -> bool:
        return self.action == self.Action.FAILED
