"""What the latest pulls did, for the person whose mail it is."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import RemoteMaildrop
from accounts.troubles import Notice, Trouble

# `PullHour` counts an hour anew until it is over.
_COUNTED_FOR = timedelta(hours=2)


class PullLog(models.Model):
    """One pull of one maildrop. Housekeeping leaves the latest KEPT of each, and people see no more."""

    KEPT = 50

    class Status(models.TextChoices):
        OK = "ok", _("went well")
        FAILED = "failed", _("failed")

    maildrop = models.ForeignKey(RemoteMaildrop, models.CASCADE, related_name="log")
    at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=10, choices=Status)
    trouble = models.CharField(max_length=15, choices=Trouble, blank=True)
    # The server's own words.
    words = models.TextField(blank=True)
    notice = models.CharField(max_length=15, choices=Notice, blank=True)
    retrieved = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    oversize = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    octets_count = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["maildrop", "-id"], name="pull_log_latest")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.status}"

    @property
    def is_quiet(self) -> bool:
        """Whether it went well and there was nothing to do."""
        met = self.retrieved or self.deleted or self.oversize or self.refused or self.notice
        return self.status == self.Status.OK and not met

    @classmethod
    def trim(cls) -> None:
        """Drop what is older than the latest KEPT of each maildrop, but what may have to be counted again."""
        over = timezone.now() - _COUNTED_FOR
        for maildrop in cls.objects.order_by().values_list("maildrop", flat=True).distinct():
            latest = cls.objects.filter(maildrop=maildrop).values("pk")[: cls.KEPT]
            cls.objects.filter(maildrop=maildrop, at__lt=over).exclude(pk__in=latest).delete()
