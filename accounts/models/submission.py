"""The servers that take outgoing mail."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import MailAccount
from accounts.models.server import RemoteServer
from accounts.restraint import Restrained


class SubmissionServer(RemoteServer, Restrained):
    """The SMTP server that takes an account's outgoing mail (RFC 6409)."""

    account = models.OneToOneField(MailAccount, models.CASCADE, related_name="submission_server")

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
