"""Maildrops on somebody else's POP3 server: when they are pulled, and what went wrong."""

from datetime import datetime, timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.account import MailAccount
from accounts.models.server import RemoteServer
from accounts.troubles import HOPELESS, PASSING, Notice, Trouble
from webmail import backoff
from webmail.claims import Claimable

PAUSED_AFTER = 5
LOCKED_WAIT = timedelta(minutes=2)
FULL_WAIT = timedelta(minutes=15)


class RemoteMaildropQuerySet(models.QuerySet["RemoteMaildrop"]):
    def due(self, now: datetime) -> Self:
        """Maildrops to pull now, the longest waiting first."""
        return self.filter(RemoteMaildrop.is_free(now), is_paused=False, due_at__lte=now).order_by("due_at")


class RemoteMaildrop(RemoteServer, Claimable):
    """A maildrop on somebody else's POP3 server, whose messages are pulled into the account.

    It is claimed for a pull: POP3 locks a maildrop for the length of a session (RFC 1939, 4), so two pulls at once
    would fail each other.
    """

    class Mode(models.TextChoices):
        KEEP = "keep", _("Keep messages on the server")
        DELETE = "delete", _("Delete messages from the server once they are safe here")
        DELETE_AFTER = "delete-after", _("Delete messages from the server after some days")
        LEAVE_NEWEST = "leave-newest", _("Leave only the newest messages on the server")

    account = models.OneToOneField(
        MailAccount, models.CASCADE, related_name="remote_maildrop", verbose_name=_("mail account")
    )
    mode = models.CharField(_("on the server"), max_length=12, choices=Mode, default=Mode.KEEP)
    delete_after_days = models.PositiveSmallIntegerField(
        _("days"), default=14, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    leave_newest = models.PositiveIntegerField(
        _("messages to leave"), default=500, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    # Gmail: log in as recent:… to be given the last 30 days, whatever other programs have collected. Deleting there
    # would take the mail from those programs, so it forbids DELE.
    is_recent = models.BooleanField(_("Gmail: recent mode"), default=False)
    preview_over_mb = models.PositiveSmallIntegerField(
        _("only preview messages over … MB"), default=40, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    # SHA-256 of the one certificate that a person has accepted by its fingerprint; empty: certificates are verified.
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    every_minutes = models.PositiveSmallIntegerField(
        _("check every … minutes"), default=5, validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )
    is_paused = models.BooleanField(_("paused"), default=False)
    due_at = models.DateTimeField(_("next look"), default=timezone.now, db_index=True)
    failure_count = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    trouble = models.CharField(_("trouble"), max_length=15, choices=Trouble, blank=True, editable=False)
    # The server's own words.
    last_error = models.TextField(_("what the server said"), blank=True, editable=False)
    last_pulled_at = models.DateTimeField(_("last look"), null=True, blank=True, editable=False)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True, editable=False)
    # How far the pull that runs now has come.
    came_count = models.PositiveIntegerField(default=0, editable=False)
    wanted_count = models.PositiveIntegerField(default=0, editable=False)
    # What the last listing held: a server that renumbers its messages keeps these and changes the unique-ids.
    listed_count = models.PositiveIntegerField(default=0, editable=False)
    listed_octets = models.PositiveBigIntegerField(default=0, editable=False)
    # Something unusual that the owner should know, until he has read it.
    notice = models.CharField(max_length=15, choices=Notice, blank=True, editable=False)
    notice_count = models.PositiveIntegerField(default=0, editable=False)

    objects = RemoteMaildropQuerySet.as_manager()

    class Meta:
        verbose_name = _("remote maildrop")
        verbose_name_plural = _("remote maildrops")

    @property
    def may_delete(self) -> bool:
        """Whether messages ever leave the server by our doing."""
        return self.mode != self.Mode.KEEP and not self.is_recent

    def clean(self) -> None:
        if self.is_recent and self.mode != self.Mode.KEEP:
            raise ValidationError(
                {"mode": _("Recent mode leaves everything on the server. Keep messages there, or switch it off.")}
            )

    def pull_succeeded(self, now: datetime, *, not_before: datetime, is_due_again: bool) -> None:
        """Note a pull that went through, and when the next one is due; `not_before` is the server's own wish."""
        wait = timedelta(0) if is_due_again else backoff.jittered(timedelta(minutes=self.every_minutes), share=0.05)
        self.release(
            due_at=max(now + wait, not_before),
            failure_count=0,
            trouble="",
            last_error="",
            last_pulled_at=now,
            last_success_at=now,
            listed_count=self.listed_count,
            listed_octets=self.listed_octets,
            came_count=0,
            wanted_count=0,
        )

    def pull_failed(self, now: datetime, trouble: Trouble, words: str, *, not_before: datetime | None = None) -> None:
        """Note a pull that failed, and when to try again.

        A wrong password pauses at once, because trying it again locks accounts; any other trouble pauses after
        PAUSED_AFTER failures in a row. A maildrop that another program has open is no trouble of ours: it is tried
        again soon. Where its owner has no room the next look is the one that finds some.
        """
        if trouble == Trouble.LOCKED:
            self.release(due_at=now + backoff.jittered(LOCKED_WAIT), trouble=trouble, last_error=words[:2000])
            return
        if trouble == Trouble.FULL:
            wait = max(backoff.jittered(FULL_WAIT), timedelta(minutes=self.every_minutes))
            self.release(due_at=now + wait, trouble=trouble, last_error="", came_count=0, wanted_count=0)
            return
        failure_count = self.failure_count + 1
        is_hopeless = trouble in HOPELESS or (failure_count >= PAUSED_AFTER and trouble not in PASSING)
        wait = backoff.delay(failure_count, first=timedelta(minutes=self.every_minutes), most=timedelta(hours=6))
        self.release(
            due_at=max(now + wait, not_before or now),
            failure_count=failure_count,
            trouble=trouble,
            last_error=words[:2000],
            last_pulled_at=now,
            came_count=0,
            wanted_count=0,
            is_paused=self.is_paused or is_hopeless,
        )

    def check_now(self) -> None:
        """Make the next pull due at once, and end a pause: the person asked for it."""
        self.due_at, self.is_paused, self.failure_count = timezone.now(), False, 0
        self.save(update_fields=["due_at", "is_paused", "failure_count"])
