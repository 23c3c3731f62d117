"""Notifications: which browsers want them, what each person wants to see there, and what is still to be pushed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.fields import EncryptedTextField
from accounts.models import MailAccount, User
from mailbox.models.message import Message
from mailbox.models.original import sha256
from mailbox.web.push import encoded
from webmail import backoff
from webmail.claims import Claimable

# Messages that are named one by one; more are counted.
NAMED = 3
# What comes in masses is told once, when it has been quiet for a moment, or after this.
_QUIET, _LONGEST = timedelta(seconds=20), timedelta(minutes=10)
# Nobody wants to hear of it later.
KEPT = timedelta(days=1)
# Refusals in a row after which a browser counts as gone, though its service never says so.
_REFUSALS = 10


class VapidKey(models.Model):
    """The key by which push services know this installation (RFC 8292): one row, made when it is first needed.

    It lies in the database, sealed like the passwords of mail servers, so that all machines share it.
    """

    private = EncryptedTextField()
    """The private value in hexadecimal digits."""
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"made {self.made_at:%Y-%m-%d}"

    @classmethod
    def current(cls) -> "VapidKey":
        """Return the key. One that cannot be read any more is made anew: its subscriptions are dead with it."""
        key, _is_new = cls.objects.get_or_create(pk=1, defaults={"private": _new_private_value})
        if not key.private:
            PushSubscription.objects.all().delete()
            key.private = _new_private_value()
            key.save()
        return key

    @property
    def secret(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int(self.private, 16), ec.SECP256R1())

    @property
    def public(self) -> str:
        """The public key as browsers want it: an uncompressed point in base64url."""
        return encoded(self.secret.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _new_private_value() -> str:
    return f"{ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value:064x}"


class NotificationChoice(models.Model):
    """What a person wants to be told; who has chosen nothing has no row."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_choice")
    # Only that there is mail, for screens that others see.
    is_discreet = models.BooleanField(default=False)
    silenced = models.ManyToManyField(MailAccount, related_name="+")

    def __str__(self) -> str:
        return f"choice of {self.user}"

    @classmethod
    def of(cls, user: User) -> "NotificationChoice":
        """Return the choice of `user`, unsaved where there is none."""
        return cls.objects.filter(user=user).first() or cls(user=user)

    def is_silent(self, account: MailAccount) -> bool:
        return self.pk is not None and self.silenced.filter(pk=account.pk).exists()


class PushSubscriptionQuerySet(models.QuerySet["PushSubscription"]):
    def of_readers(self, account: MailAccount) -> Self:
        """Browsers of those who read `account` and have not silenced it."""
        reads = Q(user=account.owner_id) | Q(user__memberships__account=account, user__memberships__is_hidden=False)
        silent = NotificationChoice.objects.filter(silenced=account).values("user")
        return self.filter(reads, user__is_active=True).exclude(user__in=silent).distinct()


class PushSubscription(models.Model):
    """One browser that is told of new mail while its page is closed (RFC 8030, 4)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions")
    # Of the endpoint, which has no bounded length; also its name in forms and in the session.
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    endpoint = models.TextField()
    # The browser's public key and the secret it shares with us (RFC 8291, 3), in base64url.
    public_key = models.CharField(max_length=100)
    secret = EncryptedTextField()
    browser = models.CharField(max_length=60, blank=True)
    # Changes with the person's password, as his sessions end with it.
    stamp = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)
    refused_count = models.PositiveSmallIntegerField(default=0)

    objects = PushSubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.browser} of {self.user}"

    @classmethod
    def keep(cls, user: User, *, endpoint: str, public_key: str, secret: str, browser: str) -> "PushSubscription":
        """Note the subscription of a browser; whoever had it before shares that browser no more."""
        values = {"endpoint": endpoint, "public_key": public_key, "secret": secret, "browser": browser[:60]}
        fresh = {"user": user, "stamp": stamp_of(user), "refused_count": 0}
        return cls.objects.update_or_create(sha256=sha256(endpoint.encode()), defaults=values | fresh)[0]

    def is_good(self) -> bool:
        """Whether its person may still sign in, with the password of that time, and its secret can be read."""
        return self.user.is_active and self.stamp == stamp_of(self.user) and bool(self.secret)

    def succeeded(self, now: datetime) -> None:
        type(self).objects.filter(pk=self.pk).update(told_at=now, refused_count=0)

    def refused(self) -> None:
        """Count a push that its service did not want; too many in a row are a browser that is gone."""
        type(self).objects.filter(pk=self.pk).update(refused_count=F("refused_count") + 1)
        type(self).objects.filter(pk=self.pk, refused_count__gte=_REFUSALS).delete()


def stamp_of(user: User) -> str:
    """Return what changes with the password of `user`, and tells nothing about it."""
    return sha256(user.get_session_auth_hash().encode())


class PushQuerySet(models.QuerySet["Push"]):
    def due(self, now: datetime) -> Self:
        return self.filter(Push.is_free(now), due_at__lte=now).order_by("due_at")


class Push(Claimable):
    """News of one account for one browser, until its push service has taken them. More news join those that wait."""

    subscription = models.ForeignKey(PushSubscription, models.CASCADE, related_name="waiting")
    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="+")
    count = models.PositiveIntegerField()
    # The newest NAMED, the newest first.
    message_pks = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    failure_count = models.PositiveSmallIntegerField(default=0)

    objects = PushQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "account"], name="one_push_per_account")]

    def __str__(self) -> str:
        return f"{self.count} of account {self.account_id}"

    @classmethod
    def add(cls, subscription: PushSubscription, messages: Sequence[Message], now: datetime) -> "Push":
        """Note that `messages`, all of one account and just stored, are news for a browser. In a transaction."""
        waiting, is_new = cls.objects.get_or_create(
            subscription=subscription, account_id=messages[0].account_id, defaults={"count": 0, "made_at": now}
        )
        count = waiting.count + len(messages)
        pks = [*(message.pk for message in reversed(messages)), *waiting.message_pks][:NAMED]
        due_at = now if count <= NAMED else min(now + _QUIET, waiting.made_at + _LONGEST)
        due_at = due_at if is_new or not waiting.failure_count else waiting.due_at
        cls.objects.filter(pk=waiting.pk).update(count=F("count") + len(messages), message_pks=pks, due_at=due_at)
        waiting.due_at = due_at
        return waiting

    def sent(self, now: datetime) -> None:
        """Note that what this row held when it was claimed is told; what has come meanwhile waits on."""
        self.subscription.succeeded(now)
        self.drop()

    def drop(self) -> None:
        """Forget what this row held when it was claimed."""
        if not self.held().filter(count=self.count).delete()[0]:
            self.release(count=F("count") - self.count, due_at=timezone.now(), failure_count=0)

    def failed(self, now: datetime) -> None:
        """Try again later, as long as anybody wants to hear of it."""
        if self.made_at < now - KEPT:
            self.drop()
            return
        failure_count = self.failure_count + 1
        wait = backoff.delay(failure_count, first=timedelta(minutes=1), most=timedelta(hours=2))
        self.release(due_at=now + wait, failure_count=failure_count)
