"""Mail accounts, who reads them, and under which names mail leaves them."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from webmail.keys import new_key


class MailAccountQuerySet(models.QuerySet["MailAccount"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Accounts whose mail `user` may read: his own, and those he is a member of."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(owner=user) | Q(pk__in=Membership.objects.filter(user=user).values("account")))

    def listed_for(self, user: User | AnonymousUser) -> Self:
        """Those of `visible_to` that the person has not hidden from his lists."""
        if not user.is_authenticated:
            return self.none()
        shown = Membership.objects.filter(user=user, is_hidden=False).values("account")
        return self.filter(Q(owner=user) | Q(pk__in=shown))

    def readers(self) -> models.QuerySet[User]:
        """The owners and members of these accounts, as long as they may sign in."""
        members = Membership.objects.filter(account__in=self.values("pk")).values("user")
        everybody = Q(pk__in=self.values("owner")) | Q(pk__in=members)
        return User.objects.filter(everybody, is_active=True).order_by("pk")

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
    # What arrives is labelled so by itself; "" for no label.
    arrival_label = models.CharField(_("label for what arrives"), max_length=100, blank=True, default="")
    # Grows with every change of what a list shows, so that an open page can ask cheaply whether anything is new.
    revision = models.BigIntegerField(default=0, editable=False)
    # Its readers share the work: who answers what, what is done, and notes among themselves.
    is_team = models.BooleanField(_("team mailbox"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    members = models.ManyToManyField(User, through="Membership", related_name="shared_accounts")
    # Under whose name octets of its mail still lie, after it was handed over; see `mailbox.settling`.
    former_owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", editable=False)

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
    # The member does not want to see it in his lists and his side bar.
    is_hidden = models.BooleanField(default=False, editable=False)

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
