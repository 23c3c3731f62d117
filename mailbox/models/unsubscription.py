"""Lists that somebody asked to be taken off, and what became of it."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import MailAccount
from mailbox.models.outgoing import Outgoing
from webmail.claims import Claimable

# Waits after the first, second … failure that may pass.
_WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))


class UnsubscriptionQuerySet(models.QuerySet["Unsubscription"]):
    def due(self, now: datetime) -> Self:
        return self.filter(Unsubscription.is_free(now), due_at__lte=now).order_by("due_at")


class Unsubscription(Claimable):
    """One account's wish to leave one list. The latest wish counts, so there is one row for each list."""

    class Method(models.TextChoices):
        ONE_CLICK = "one-click"
        MAIL = "mail"

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    class Trouble(models.TextChoices):
        """Why it failed, or what it waits for, in one sentence."""

        ANSWERED = "answered", _("Its server refused.")
        UNREACHABLE = "unreachable", _("Its server cannot be reached.")
        UNTRUSTED = "untrusted", _("Its server could not prove its name.")
        GARBLED = "garbled", _("Its server gave no answer that can be understood.")
        FORBIDDEN = "forbidden", _("The address that it gave may not be used.")

    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="unsubscriptions")
    # What names the list: its List-Id, else the address of its sender.
    list_name = models.CharField(max_length=255)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    method = models.CharField(max_length=10, choices=Method)
    # Where it was asked: the address of the POST, or of the mail.
    target = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    trouble = models.CharField(max_length=12, choices=Trouble, blank=True)
    # The status and the words of the server (RFC 9110, 15).
    reply = models.CharField(max_length=120, blank=True)
    outgoing = models.ForeignKey(Outgoing, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True)
    failure_count = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    objects = UnsubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "list_name"], name="one_unsubscription_per_list")]
        indexes = [
            models.Index(fields=["due_at"], name="unsubscription_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.list_name

    def succeeded(self, now: datetime, *, reply: str) -> None:
        self.release(state=self.State.DONE, trouble="", reply=reply[:120], due_at=None, ended_at=now)

    def failed(self, now: datetime, trouble: "Unsubscription.Trouble", *, reply: str = "", is_permanent: bool) -> None:
        """Note what went wrong; what may pass is tried again later, a few times."""
        changes = {"trouble": trouble, "reply": reply[:120], "failure_count": self.failure_count + 1}
        if is_permanent or self.failure_count >= len(_WAITS):
            self.release(**changes, state=self.State.FAILED, due_at=None, ended_at=now)
        else:
            self.release(**changes, due_at=now + _WAITS[self.failure_count])
