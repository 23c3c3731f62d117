"""What a POP3 server and a submission server have in common."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import EncryptedTextField


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

    @property
    def grant(self) -> Any:
        """The account's `Grant` that is presented here in place of a password; None where there is a password."""
        if self.password or not self.login:
            return None
        return getattr(getattr(self, "account", None), "grant", None)
