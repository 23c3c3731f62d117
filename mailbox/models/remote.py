"""Images that lie elsewhere: those that were loaded, shared by everybody, and whose images a person always wants."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from mailbox.models.original import sha256
from webmail.claims import Claimable
from webmail.prepared import Prepared

# Waits after the first, second … failure that may pass; then the image counts as not to be had.
_WAITS = (timedelta(seconds=2), timedelta(seconds=20), timedelta(minutes=5))
# After these days an image is loaded anew when it is wanted again.
KEPT_DAYS = 14


class RemoteImageQuerySet(models.QuerySet["RemoteImage"]):
    def due(self, now: datetime) -> Self:
        return self.filter(RemoteImage.is_free(now), due_at__lte=now).order_by("due_at")

    def at(self, addresses: Iterable[str]) -> Self:
        """Rows of these addresses, without their octets."""
        return self.filter(sha256__in=[sha256(each.encode()) for each in addresses]).defer("octets")

    def want(self, addresses: Collection[str]) -> None:
        """Make a row for each address that has none; it is due at once."""
        rows = [RemoteImage(sha256=sha256(each.encode()), address=each) for each in addresses]
        RemoteImage.objects.bulk_create(rows, ignore_conflicts=True)


class RemoteImage(Claimable):
    """One image of the web, known by the hash of its address: a cache, whose rows may be deleted at any time."""

    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    address = models.TextField()
    # Null: it is here, or not to be had.
    due_at = models.DateTimeField(null=True, default=timezone.now, db_index=True)
    failure_count = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    media_type = models.CharField(max_length=20, blank=True)
    octets_count = models.PositiveBigIntegerField(default=0)
    octets = models.BinaryField(default=b"")

    objects = RemoteImageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["made_at", "octets_count"], name="remote_image_age")]

    def __str__(self) -> str:
        return f"{self.octets_count} octets, address {self.sha256[:12]}"

    @property
    def is_here(self) -> bool:
        return bool(self.media_type)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is to come: it is here, or not to be had."""
        return self.due_at is None

    def load_succeeded(self, media_type: str, octets: bytes) -> None:
        self.release(media_type=media_type, octets=octets, octets_count=len(octets), due_at=None)

    def load_failed(self, now: datetime, *, is_permanent: bool) -> None:
        """Try again later what may pass, a few times."""
        is_given_up = is_permanent or self.failure_count >= len(_WAITS)
        due_at = None if is_given_up else now + _WAITS[self.failure_count]
        self.release(due_at=due_at, failure_count=self.failure_count + 1)

    @classmethod
    def trim(cls, now: datetime) -> None:
        """Drop what is old, and the oldest of what is over REMOTE_IMAGES_OCTETS_LIMIT together."""
        cls.objects.filter(made_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
        over = (cls.objects.aggregate(sum=Sum("octets_count"))["sum"] or 0) - settings.REMOTE_IMAGES_OCTETS_LIMIT
        if over > 0:
            cls._drop_oldest(over)

    @classmethod
    def _drop_oldest(cls, octets_count: int) -> None:
        leaving = []
        for pk, count in cls.objects.order_by("made_at").values_list("pk", "octets_count").iterator():
            leaving.append(pk)
            octets_count -= count
            if octets_count <= 0:
                break
        cls.objects.filter(pk__in=leaving).delete()


class TrustedSender(models.Model):
    """A sender whose images are shown to one person without a question."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="trusted_senders")
    # In lower case.
    address = models.CharField(max_length=320)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["address"]
        constraints = [models.UniqueConstraint(fields=["user", "address"], name="one_trust_per_sender")]

    def __str__(self) -> str:
        return self.address

    @classmethod
    def trust(cls, user: User, address: str) -> None:
        cls.objects.get_or_create(user=user, address=address.lower())

    @classmethod
    def distrust(cls, user: User, address: str) -> None:
        cls.objects.filter(user=user, address=address.lower()).delete()

    @classmethod
    def among(cls, user: User, addresses: Iterable[str]) -> frozenset[str]:
        """Return those of `addresses` that `user` trusts, in lower case. One query."""
        lower = {address.lower() for address in addresses}
        return frozenset(_trusted(user=user.pk, addresses=list(lower)) if lower else ())


@Prepared
def _trusted(user: int, addresses: list[str]) -> models.QuerySet[TrustedSender, str]:
    return TrustedSender.objects.filter(user=user, address__in=addresses).values_list("address", flat=True)
