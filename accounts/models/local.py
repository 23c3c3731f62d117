"""Maildrops of our own."""

from typing import Any, Self

from django.contrib.auth.hashers import check_password, make_password
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.account import MailAccount
from accounts.models.user import User
from webmail.claims import Claimable


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
