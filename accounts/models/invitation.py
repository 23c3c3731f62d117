"""Invitations: links by which somebody becomes a person of this installation."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from webmail.keys import new_key

LASTS = timedelta(days=7)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: datetime) -> Self:
        """Those that still let somebody in."""
        return self.filter(used_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """A link that works once. Its token stands in the link alone: the database knows only what can check it."""

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="invitations", verbose_name=_("invited by")
    )
    address = models.EmailField(
        _("address"), max_length=254, blank=True, help_text=_("Becomes the address that the person signs in with.")
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.address or self.key

    @classmethod
    def make(cls, invited_by: User | None, address: str = "") -> tuple["Invitation", str]:
        """Return a new invitation and its token, which nobody can read again."""
        token = secrets.token_urlsafe(32)
        made = cls.objects.create(
            token_hash=_hash(token), invited_by=invited_by, address=address, expires_at=timezone.now() + LASTS
        )
        return made, token

    @classmethod
    def of_token(cls, token: str) -> "Invitation | None":
        """Return the invitation that `token` opens; None for one that is used, too old, taken back, or none."""
        return cls.objects.open(timezone.now()).filter(token_hash=_hash(token)).select_related("invited_by").first()

    def use(self) -> bool:
        """Use it up; False where somebody else was faster."""
        now = timezone.now()
        return type(self).objects.open(now).filter(pk=self.pk).update(used_at=now) == 1


def _hash(token: str) -> str:
    # Of 256 random bits: nobody guesses what a plain hash belongs to.
    return hashlib.sha256(token.encode()).hexdigest()
