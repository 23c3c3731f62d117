"""Times for reading, by the clock and the calendar of the reader."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import timezone as fixed_zone
from functools import lru_cache
from typing import Self

from django.utils import timezone
from django.utils.dateformat import format as formatted
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


# Django formats a date in 40 microseconds, and a page of fifty rows has a hundred of them, most of a few days.
@lru_cache(maxsize=8192)
def _when(moment: datetime, today: date, zone: str, language: str | None) -> str:
    local = timezone.localtime(moment)
    if local.date() == today:
        return f"{local:%H:%M}"
    if local.date() == today - timedelta(days=1):
        return _("Yesterday")
    return _day(local.date(), language, is_recent=local.year == today.year and local.date() < today)


@lru_cache(maxsize=1024)
def _day(day: date, _language: str | None, *, is_recent: bool) -> str:
    if is_recent:
        # Translators: a day of this year, in the format letters of Django's date filter.
        return formatted(day, _("D j M"))
    # Translators: a day of another year, in the same letters.
    return formatted(day, _("Y-m-d"))


@lru_cache(maxsize=8192)
def _full_time(moment: datetime, zone: str, language: str | None) -> str:
    local = timezone.localtime(moment)
    # Its zone as it is at that moment: in summer another than at the midnight of the same day, perhaps.
    of_then = fixed_zone(local.utcoffset() or timedelta(), local.tzname() or UTC.tzname(None))
    before, after = _around_time(datetime(*local.timetuple()[:3], tzinfo=of_then), zone, language)
    return f"{before}{local:%H:%M}{after}"


@lru_cache(maxsize=1024)
def _around_time(midnight: datetime, _zone: str, _language: str | None) -> tuple[str, str]:
    """Return what is written of a day before and after the time."""
    # Translators: the whole time of a message; H:i stays together.
    before, _time, after = _("l j F Y, H:i T").partition("H:i")
    return formatted(midnight, before), formatted(midnight, after)
