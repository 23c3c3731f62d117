"""People who have asked for all that is theirs to be deleted."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models.user import User

GRACE = timedelta(days=7)


class DepartureQuerySet(models.QuerySet["Departure"]):
    def due(self, now: datetime) -> Self:
        return self.filter(due_at__lte=now)


class Departure(models.Model):
    """When a person and all that is his are deleted. Until then he may think better of it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="departure")
    due_at = models.DateTimeField()

    objects = DepartureQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user} on {self.due_at:%Y-%m-%d}"

    @classmethod
    def ask(cls, user: User, *, at_once: bool) -> "Departure":
        """Note the wish. Whoever leaves at once may not sign in any more, while a worker deletes what is his."""
        due_at = timezone.now() + (timedelta() if at_once else GRACE)
        asked, _is_new = cls.objects.update_or_create(user=user, defaults={"due_at": due_at})
        if at_once:
            User.objects.filter(pk=user.pk).update(is_active=False)
        return asked

    def carry_out(self) -> None:
        """Delete the person, his accounts and their mail; an account at a time, so that a crash leaves a rest to do."""
        for account in self.user.owned_accounts.all():
            account.delete()
        self.user.delete()
