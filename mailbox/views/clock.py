"""Times for reading, by the clock and the calendar of the reader."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Self

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Clock:
    """What the reader's clock shows now; to ask for his zone and language takes longer than to write a time."""

    today: date
    zone: str
    language: str | None

    @classmethod
    def now(cls) -> Self:
        return cls(timezone.localdate(), timezone.get_current_timezone_name(), get_language())

    def short(self, moment: datetime) -> str:
        """The shortest that tells: 14:05, Yesterday, Mon 3 Nov, 2025-03-01."""
        return _when(moment, self.today, self.zone, self.language)

    def full(self, moment: datetime) -> str:
        """The whole time with its zone, for titles."""
        return _full_time(moment, self.zone, self.language)


# Django formats a date in 40 microseconds, and a page of fifty rows has a hundred of them.
@lru_cache(maxsize=8192)
def _when(moment: datetime, today: date, zone: str, language: str | None) -> str:
    local = timezone.localtime(moment)
    if local.date() == today:
        return date_format(local, "H:i")
    if local.date() == today - timedelta(days=1):
        return _("Yesterday")
    if local.year == today.year and local.date() < today:
        # Translators: a day of this year, in the format letters of Django's date filter.
        return date_format(local, _("D j M"))
    # Translators: a day of another year, in the same letters.
    return date_format(local, _("Y-m-d"))


@lru_cache(maxsize=8192)
def _full_time(moment: datetime, zone: str, language: str | None) -> str:
    return date_format(timezone.localtime(moment), _("l j F Y, H:i T"))
