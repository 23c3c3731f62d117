"""Who reads which mail, and on which servers it is collected and submitted."""

import unicodedata
import zoneinfo
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import EncryptedTextField
from accounts.restraint import Restrained
from accounts.troubles import HOPELESS, Notice, Trouble
from webmail import backoff
from webmail.claims import Claimable
from webmail.keys import new_key


class Theme(models.TextChoices):
    SYSTEM = "", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class ReadingPane(models.TextChoices):
    BESIDE = "beside", _("Beside the list")
    NONE = "none", _("In place of the list")


class User(AbstractUser):
    """A person who signs in."""

    language = models.CharField(
        _("language"), max_length=10, blank=True, choices=settings.LANGUAGES, help_text=_("Empty: as the browser asks.")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    undo_seconds = models.PositiveSmallIntegerField(
        _("seconds to undo sending"),
        default=10,
        validators=[MaxValueValidator(120)],
        help_text=_("How long a message waits after Send, so that you can call it back. 0 sends it at once."),
    )
    writes_rich = models.BooleanField(_("write with bold, lists and images"), default=True)
    theme = models.CharField(_("theme"), max_length=10, blank=True, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(_("density"), max_length=12, choices=Density, default=Density.COMFORTABLE)
    reading_pane = models.CharField(
        _("open conversations"), max_length=10, choices=ReadingPane, default=ReadingPane.BESIDE
    )
    uses_keys = models.BooleanField(_("single keys act on the mail"), default=True)
    # Of the accounts that are this person's own, whoever throws something away there.
    trash_days = models.PositiveSmallIntegerField(
        _("days in the trash"),
        default=30,
        validators=[MaxValueValidator(3650)],
        help_text=_("After that a message is deleted for ever. 0 keeps it."),
    )
    spam_days = models.PositiveSmallIntegerField(
        _("days in spam"),
        default=30,
        validators=[MaxValueValidator(3650)],
        help_text=_("After that a message is deleted for ever. 0 keeps it."),
    )

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def zone(self) -> zoneinfo.ZoneInfo | None:
        """The time zone that the person chose; None for the one of the site."""
        try:
            return zoneinfo.ZoneInfo(self.time_zone) if self.time_zone else None
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return None

    def get_full_name(self) -> str:
        """The family name comes first where it is written in Han or Kana: 田中 恵子."""
        if self.last_name and unicodedata.east_asian_width(self.last_name[0]) in "WF":
            return f"{self.last_name} {self.first_name}".strip()
        return super().get_full_name()


class MailAccountQuerySet(models.QuerySet["MailAccount"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Accounts whose mail `user` may read: his own, and those he is a member of."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(owner=user) | Q(pk__in=Membership.objects.filter(user=user).values("account")))

    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def spoken_for_by(self, user: User | AnonymousUser) -> Self:
        """Accounts in whose name `user` may act: send, or leave a list; also while one has no submission server."""
        if not user.is_authenticated:
            return self.none()
        senders = Membership.objects.filter(user=user, role=Membership.Role.SEND).values("account")
        return self.filter(Q(owner=user) | Q(pk__in=senders))

    def usable_for_sending_by(self, user: User | AnonymousUser) -> Self:
        """Accounts in whose name `user` may send: they have a submission server, and his role allows it."""
        return self.spoken_for_by(user).filter(submission_server__isnull=False)


class MailAccount(models.Model):
    """One mail address of one person, with all its mail."""

    COLOUR_COUNT = 8

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="owned_accounts", verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=100, help_text=_("How you call this account, such as Home or Work."))
    address = models.EmailField(_("address"), max_length=254)
    colour = models.PositiveSmallIntegerField(_("colour"), default=0)
    # Names by which servers sign their Authentication-Results, which are believed in this account's mail.
    trusted_servers = models.JSONField(_("servers that check senders"), default=list, blank=True)
    # Grows with every change of what a list shows, so that an open page can ask cheaply whether anything is new.
    revision = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    members = models.ManyToManyField(User, through="Membership", related_name="shared_accounts")

    objects = MailAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail account")
        verbose_name_plural = _("mail accounts")
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "address"], name="one_account_per_owner_and_address")]

    def __str__(self) -> str:
        return self.address

    @property
    def domain(self) -> str:
        """The part of the address after the @, for Message-IDs."""
        return self.address.rpartition("@")[2] or settings.HOSTNAME

    def default_identity(self) -> "Identity | None":
        return self.identities.order_by("-is_default", "id").first()


class Membership(models.Model):
    """Somebody other than the owner reads the mail of an account."""

    class Role(models.TextChoices):
        READ = "read", _("can read")
        SEND = "send", _("can read and send")

    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.READ)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["account", "user"], name="one_membership_per_person")]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()} {self.account}"


class Identity(models.Model):
    """A name and address that a person writes under."""

    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="identities")
    name = models.CharField(_("name"), max_length=100, blank=True)
    address = models.EmailField(_("address"), max_length=254)
    signature = models.TextField(_("signature"), blank=True)
    # As it was typed; whoever shows it makes it harmless.
    signature_html = models.TextField(_("signature with formatting"), blank=True)
    is_default = models.BooleanField(_("used unless another is chosen"), default=False)
    is_catch_all = models.BooleanField(
        _("every address of this domain is mine"),
        default=False,
        help_text=_("Answers then leave from whichever of them a message was sent to."),
    )

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        ordering = ["-is_default", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "address"], name="one_identity_per_address")]

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address

    @transaction.atomic
    def make_default(self) -> None:
        """Have the account write under this one unless another is chosen."""
        self.account.identities.exclude(pk=self.pk).update(is_default=False)
        self.is_default = True
        self.save(update_fields=["is_default"])


class Security(models.TextChoices):
    """How the line to a server is protected; the values are those of the pure packages."""

    TLS = "tls", _("TLS")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("none")


class RemoteServer(models.Model):
    """What a POP3 server and a submission server have in common."""

    host = models.CharField(_("server"), max_length=253)
    port = models.PositiveIntegerField(_("port"), validators=[MinValueValidator(1), MaxValueValidator(65535)])
    security = models.CharField(_("security"), max_length=10, choices=Security, default=Security.TLS)
    login = models.CharField(_("login"), max_length=254, blank=True)
    password = EncryptedTextField(_("password"), blank=True)
    # The operator may name hosts of the private network; people in the browser only those in PRIVATE_HOSTS.
    may_be_private = models.BooleanField(_("may be in a private network"), default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.login} · {self.host}:{self.port}"


PAUSED_AFTER = 5
LOCKED_WAIT = timedelta(minutes=2)


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
        again soon.
        """
        if trouble == Trouble.LOCKED:
            self.release(due_at=now + backoff.jittered(LOCKED_WAIT), trouble=trouble, last_error=words[:2000])
            return
        failure_count = self.failure_count + 1
        wait = backoff.delay(failure_count, first=timedelta(minutes=self.every_minutes), most=timedelta(hours=6))
        self.release(
            due_at=max(now + wait, not_before or now),
            failure_count=failure_count,
            trouble=trouble,
            last_error=words[:2000],
            last_pulled_at=now,
            came_count=0,
            wanted_count=0,
            is_paused=self.is_paused or trouble in HOPELESS or failure_count >= PAUSED_AFTER,
        )

    def check_now(self) -> None:
        """Make the next pull due at once, and end a pause: the person asked for it."""
        self.due_at, self.is_paused, self.failure_count = timezone.now(), False, 0
        self.save(update_fields=["due_at", "is_paused", "failure_count"])


class SubmissionServer(RemoteServer, Restrained):
    """The SMTP server that takes an account's outgoing mail (RFC 6409)."""

    account = models.OneToOneField(MailAccount, models.CASCADE, related_name="submission_server")
    # Presented as XOAUTH2 or OAUTHBEARER; whoever renews such tokens writes the new one here.
    password_is_token = models.BooleanField(_("the password is an access token"), default=False)

    class Meta:
        verbose_name = _("submission server")
        verbose_name_plural = _("submission servers")

    def save(self, **options: Any) -> None:
        """Save; what was changed may have cured what the server was held for."""
        written = options.get("update_fields")
        if written is None or written:
            self.held_until, self.failure_count = None, 0
        if written:
            options["update_fields"] = {*written, "held_until", "failure_count"}
        super().save(**options)


class LocalMaildropQuerySet(models.QuerySet["LocalMaildrop"]):
    def at(self, address: str) -> Self:
        """The maildrop of a recipient: local parts are compared without case, as every large provider does."""
        return self.filter(address=address.strip().lower())

    def in_domain(self, domain: str) -> Self:
        return self.filter(address__endswith=f"@{domain}")

    def operators(self) -> Self:
        """Those of the people who run this place first, the oldest first."""
        return self.order_by("-owner__is_superuser", "-owner__is_staff", "pk")


class LocalMaildrop(Claimable):
    """A maildrop of our own: the embedded SMTP server fills it, the embedded POP3 server empties it.

    It is claimed for a POP3 session: the exclusive lock that RFC 1939, 4 asks for.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="local_maildrops", verbose_name=_("owner"))
    address = models.EmailField(_("address"), max_length=254, unique=True)
    password = models.CharField(max_length=128, editable=False)
    account = models.ForeignKey(
        MailAccount,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="local_maildrops",
        verbose_name=_("delivered to account"),
        help_text=_("Empty: mail only waits for a POP3 client."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = LocalMaildropQuerySet.as_manager()

    class Meta:
        verbose_name = _("local maildrop")
        verbose_name_plural = _("local maildrops")
        ordering = ["address"]

    def __str__(self) -> str:
        return self.address

    def save(self, **options: Any) -> None:
        self.address = self.address.strip().lower()
        super().save(**options)

    def set_password(self, password: str) -> None:
        self.password = make_password(password)

    def check_password(self, password: str) -> bool:
        return check_password(password, self.password)
