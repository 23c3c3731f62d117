"""An account that its owner wants to give to somebody else, until that person has answered."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.account import MailAccount, Membership
from accounts.models.user import User
from webmail.keys import new_key

LASTS = timedelta(days=14)


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def open(self, now: datetime) -> Self:
        """Those that can still be accepted."""
        return self.filter(made_at__gt=now - LASTS)

    def made_to(self, user: User | AnonymousUser) -> Self:
        """Offers that wait for this person's answer."""
        return self.open(timezone.now()).filter(to=user) if user.is_authenticated else self.none()


class HandOver(models.Model):
    """An offer of an account with all its mail; nothing moves before it is accepted."""

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    account = models.OneToOneField(MailAccount, models.CASCADE, related_name="hand_over")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="offers", verbose_name=_("person"))
    # What the former owner may do there afterwards; "" for nothing.
    stays_as = models.CharField(max_length=10, choices=Membership.Role, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = HandOverQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.account} to {self.to}"

    @property
    def ends_at(self) -> datetime:
        return self.made_at + LASTS

    @property
    def is_open(self) -> bool:
        return timezone.now() < self.ends_at
