"""How much mail a person may keep here, and whether there is room for more.

Figures are counted once an hour, and what comes meanwhile is added. Only near the limit they are counted anew, so that
somebody who has made room does not wait for it. Who has no limit costs no question.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox.models import Message, StorageUsed

# From here on people are warned.
SCARCE_PERCENT = 90
_RECOUNTED_AFTER = timedelta(minutes=1)


class Full(Exception):
    """The person's mail fills all the room that it may."""


@dataclass(frozen=True, slots=True)
class Space:
    """What a person's mail fills, in octets; `limit` 0 is none."""

    used: int
    limit: int

    @property
    def room(self) -> int:
        return max(self.limit - self.used, 0)

    @property
    def percent(self) -> int:
        return min(100 * self.used // self.limit, 100) if self.limit else 0

    @property
    def is_scarce(self) -> bool:
        return bool(self.limit) and self.percent >= SCARCE_PERCENT

    @property
    def is_full(self) -> bool:
        return bool(self.limit) and not self.room


def space_of(user: User) -> Space:
    """Return what is used and what may be."""
    now, limit = timezone.now(), user.quota_octets
    counted = StorageUsed.objects.filter(user=user).first()
    space = Space(counted.octets_count if counted else 0, limit)
    is_old = counted is None or counted.counted_at < now - _RECOUNTED_AFTER
    if limit and is_old and (counted is None or space.is_scarce):
        return Space(StorageUsed.count_of(user.pk, now), limit)
    return space


def limited(user: User) -> Space | None:
    """Return what `space_of` does for somebody who has a limit; None without one, for which nothing is asked."""
    return space_of(user) if user.quota_octets else None


def room_of(user: User) -> int | None:
    """Return how many octets may still come; None without a limit, for which nothing is asked."""
    space = limited(user)
    return space.room if space else None


def is_full(user: User) -> bool:
    return room_of(user) == 0


def note(user: User, octets: int) -> None:
    """Add what has come to the figure of somebody who has a limit."""
    if octets and user.quota_octets:
        StorageUsed.objects.filter(user=user).update(octets_count=F("octets_count") + octets)


def fitting[T](sized: Iterable[tuple[T, int]], room: int | None) -> list[T]:
    """Return the first things of these that fit into `room` octets together; all of them where that is None."""
    found = []
    for each, octets in sized:
        if room is not None and (room := room - octets) < 0:
            break
        found.append(each)
    return found


def octets_of(account: MailAccount) -> int:
    """How much mail an account holds."""
    total: int | None = Message.objects.filter(account=account).aggregate(sum=Sum("octets_count"))["sum"]
    return total or 0
