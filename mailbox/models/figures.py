"""Figures of the operator's overview: counted by housekeeping, because to count them takes a walk through all."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncHour

from mailbox.models.original import Original
from mailbox.models.pull_log import PullLog

# Two days are shown.
KEPT = timedelta(hours=49)


class StorageUsed(models.Model):
    """How much mail a person has stored: octets as they came, before they are compressed; each message once."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True)
    octets_count = models.PositiveBigIntegerField()
    message_count = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-octets_count"], name="storage_most")]

    def __str__(self) -> str:
        return f"{self.octets_count} octets of {self.user_id}"

    @classmethod
    def count_of(cls, user_id: int, now: datetime) -> int:
        """Count one person's; return the octets."""
        own = Original.objects.filter(owner=user_id).aggregate(octets_sum=Sum("octets_count"), row_count=Count("pk"))
        octets: int = own["octets_sum"] or 0
        figures = {"octets_count": octets, "message_count": own["row_count"], "counted_at": now}
        cls._default_manager.update_or_create(user_id=user_id, defaults=figures)
        return octets

    @classmethod
    def count(cls, now: datetime) -> None:
        """Count everybody's."""
        sums = (
            Original.objects.order_by().values("owner").annotate(octets_sum=Sum("octets_count"), row_count=Count("pk"))
        )
        rows = [
            cls(user_id=each["owner"], octets_count=each["octets_sum"], message_count=each["row_count"], counted_at=now)
            for each in sums
        ]
        figures = ["octets_count", "message_count", "counted_at"]
        cls._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["user"], update_fields=figures, batch_size=500
        )
        cls._default_manager.exclude(counted_at=now).delete()


class PullHour(models.Model):
    """The pulls of one hour, all maildrops together."""

    hour = models.DateTimeField(primary_key=True)
    pull_count = models.PositiveIntegerField(default=0)
    failure_count = models.PositiveIntegerField(default=0)
    retrieved_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}: {self.pull_count} pulls"

    @classmethod
    def count(cls, now: datetime) -> None:
        """Count the hours since the last count anew, that one too, since it was not over; forget old ones."""
        last = cls._default_manager.order_by("hour").last()
        since = max(last.hour, now - KEPT) if last else now - KEPT
        rows = [cls(**each) for each in counted(since)]
        # An hour that has long been over may have lost a part of its log.
        rows = [row for row in rows if not last or row.hour != last.hour or row.pull_count > last.pull_count]
        cls._default_manager.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["hour"],
            update_fields=["pull_count", "failure_count", "retrieved_count"],
        )
        cls._default_manager.filter(hour__lt=now - KEPT).delete()


def counted(since: datetime) -> list[dict[str, object]]:
    """Return the pulls of each hour that begins at `since` or later, from their log."""
    first = since.replace(minute=0, second=0, microsecond=0)
    hours = PullLog.objects.filter(at__gte=first).order_by().annotate(hour=TruncHour("at", tzinfo=UTC))
    sums = hours.values("hour").annotate(
        pull_count=Count("pk"),
        failure_count=Count("pk", filter=Q(status=PullLog.Status.FAILED)),
        retrieved_count=Sum("retrieved"),
    )
    return [dict(each) for each in sums]
