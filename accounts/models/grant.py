"""What a person has allowed at his provider: the tokens that stand in the place of a password."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import EncryptedTextField
from accounts.models.account import MailAccount
from webmail import backoff
from webmail.claims import Claimable

# A token that ends within this is renewed before it is used, so that it lasts through a session's start.
MARGIN = timedelta(minutes=5)


class GrantQuerySet(models.QuerySet["Grant"]):
    def left_behind(self, now: datetime) -> Self:
        """Those that no account has any more: their tokens are to be taken back and forgotten."""
        waiting = models.Q(next_try_at=None) | models.Q(next_try_at__lte=now)
        return self.filter(Grant.is_free(now), waiting, account=None).order_by("pk")


class Grant(Claimable):
    """Access to one mailbox. It is claimed while its tokens are renewed, so that no two workers renew them at once.

    It outlives its account until somebody has taken it back.
    """

    account = models.OneToOneField(
        MailAccount, models.SET_NULL, null=True, related_name="grant", verbose_name=_("mail account")
    )
    server = models.CharField(max_length=20)
    # As whom its tokens log in.
    address = models.CharField(max_length=254)
    # Given by a device code, where a client has no secret (RFC 6749, 2.1).
    is_public = models.BooleanField(default=False)
    refresh_token = EncryptedTextField(blank=True)
    access_token = EncryptedTextField(blank=True)
    expires_at = models.DateTimeField(default=timezone.now)
    # Counts renewals: who has waited for another's sees by it that there is a new token.
    generation = models.PositiveIntegerField(default=0)
    failure_count = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    # When the authorization server said that it is over.
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in at a provider")
        verbose_name_plural = _("sign-ins at providers")

    def __str__(self) -> str:
        return f"{self.server}: {self.address}"

    @classmethod
    def drop_unused(cls, account: MailAccount) -> bool:
        """Take the grant from an account none of whose servers needs it any more; return whether there was one."""
        servers = [getattr(account, name, None) for name in ("remote_maildrop", "submission_server")]
        if any(server and server.grant for server in servers):
            return False
        return bool(cls.objects.filter(account=account).update(account=None, next_try_at=None, failure_count=0))

    def is_fresh(self, now: datetime) -> bool:
        """Whether the access token lasts long enough to be used without a thought."""
        return bool(self.access_token) and self.expires_at > now + MARGIN

    def is_usable(self, now: datetime) -> bool:
        """Whether the access token has not run out yet."""
        return bool(self.access_token) and self.expires_at > now

    def is_spared(self, now: datetime) -> bool:
        """Whether the authorization server is left alone after it has failed."""
        return self.next_try_at is not None and self.next_try_at > now

    def renewed(self, access_token: str, refresh_token: str, expires_at: datetime) -> bool:
        """Write new tokens in one statement and give the claim back; False when it was lost.

        A server that sends no refresh token leaves the old one good (RFC 6749, 6).
        """
        return self.release(
            access_token=access_token,
            refresh_token=refresh_token or self.refresh_token,
            expires_at=expires_at,
            generation=self.generation + 1,
            failure_count=0,
            next_try_at=None,
        )

    def put_off(self, now: datetime) -> None:
        """The server failed: leave it alone for a while, longer every time, and keep everything."""
        failure_count = self.failure_count + 1
        wait = backoff.delay(failure_count, first=timedelta(minutes=1), most=timedelta(hours=1))
        self.release(failure_count=failure_count, next_try_at=now + wait)

    def ends(self, now: datetime) -> None:
        """The permission is gone, and its tokens with it."""
        self.release(access_token="", refresh_token="", ended_at=now)
