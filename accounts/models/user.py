"""People who sign in, and how they like it."""

import unicodedata
import zoneinfo

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


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
    # The address from which answers leave; "" for the one that was written to.
    answers_from = models.EmailField(_("answers leave from"), max_length=254, blank=True, default="")
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

    quota_mb = models.PositiveIntegerField(
        _("room for mail, in MB"),
        null=True,
        blank=True,
        help_text=_("Empty: as everybody (the setting QUOTA_MB). 0: without a limit."),
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def quota_octets(self) -> int:
        """How much mail the person may keep; 0 where there is no limit."""
        return (settings.QUOTA_MB if self.quota_mb is None else self.quota_mb) * 1_000_000

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
