"""Time zones as calendars name them: by IANA, by Windows, or by rules of their own (RFC 5545, 3.6.5)."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import win_tz

from mailbox.mime.components import Component

_IANA = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2}")
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?\s*")
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})")
_NTH_DAY = re.compile(r"([+-]?[1-5])(MO|TU|WE|TH|FR|SA|SU)")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MANY_RULES = 40


def localized(wall: datetime, name: str, definitions: Component) -> datetime | None:
    """Return the wall-clock time `wall` with the zone that a calendar calls `name`; None where it cannot be known.

    `definitions` is the VCALENDAR, whose VTIMEZONEs count only for names that nobody else knows: theirs are often
    those of the year in which the writing program was made.
    """
    zone = zone_of(name)
    if zone:
        return wall.replace(tzinfo=zone)
    offset = _defined_offset(wall, name, definitions)
    return None if offset is None else wall.replace(tzinfo=timezone(offset))


@lru_cache(maxsize=512)
def zone_of(name: str) -> tzinfo | None:
    """Return the zone of an IANA or Windows name, also where a program has put its own prefix before it."""
    bare = name.strip().strip('"')[:100]
    if bare in win_tz:
        return _iana(win_tz[bare])
    if not bare.startswith("/"):
        return _iana(bare)
    # /freeassociation.sourceforge.net/Europe/Berlin, /example.org/20250101_1/America/Argentina/Ushuaia
    pieces = bare.split("/")
    ends = ("/".join(pieces[-length:]) for length in (3, 2, 1))
    return next((zone for end in ends if (zone := _iana(end))), None)


def _iana(name: str) -> tzinfo | None:
    if not _IANA.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


@dataclass(frozen=True, slots=True)
class _Rule:
    """From when an offset holds: once, or every year from then on by the nth weekday of a month."""

    since: datetime
    before: timedelta
    after: timedelta
    month: int = 0
    nth: int = 0
    weekday: int = 0

    def onset(self, year: int) -> datetime | None:
        if not self.month:
            return self.since if self.since.year == year else None
        if year < self.since.year:
            return None
        return self.since.replace(year=year, month=self.month, day=self._day(year))

    def _day(self, year: int) -> int:
        first, length = calendar.monthrange(year, self.month)
        days = [day for day in range(1, length + 1) if (first + day - 1) % 7 == self.weekday]
        return days[max(-len(days), min(self.nth, len(days)) if self.nth < 0 else min(self.nth, len(days)) - 1)]


def _defined_offset(wall: datetime, name: str, definitions: Component) -> timedelta | None:
    wanted = name.strip().strip('"')
    found = next((each for each in definitions.parts("VTIMEZONE") if each.text("TZID").strip('"') == wanted), None)
    rules = list(_rules(found)) if found else []
    if not rules:
        return None
    onsets = [(onset, rule) for rule in rules for year in (wall.year, wall.year - 1) if (onset := rule.onset(year))]
    onsets += [(rule.since, rule) for rule in rules if not rule.month]
    past = [(onset, rule.after) for onset, rule in onsets if onset <= wall]
    if past:
        return max(past, key=lambda each: each[0])[1]
    return min(rules, key=lambda rule: rule.since).before


def _rules(zone: Component) -> Iterator[_Rule]:
    for observance in zone.children[:_MANY_RULES]:
        since = _stamp(observance.text("DTSTART"))
        before, after = _offset(observance.text("TZOFFSETFROM")), _offset(observance.text("TZOFFSETTO"))
        if since is None or after is None:
            continue
        month, nth, weekday = _yearly(observance.text("RRULE"))
        # A rule that has ended says nothing about the years after.
        until = _stamp(observance.text("RRULE").partition("UNTIL=")[2])
        if until and until.year < 2000:
            continue
        yield _Rule(since, after if before is None else before, after, month, nth, weekday)


def _yearly(rule: str) -> tuple[int, int, int]:
    fields = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    day = _NTH_DAY.fullmatch(fields.get("BYDAY", ""))
    month = fields.get("BYMONTH", "")
    if fields.get("FREQ") != "YEARLY" or not day or not month.isascii() or not month.isdigit():
        return 0, 0, 0
    number = int(month[:3])
    return (number, int(day[1]), _DAYS.index(day[2])) if 1 <= number <= 12 else (0, 0, 0)


def _stamp(text: str) -> datetime | None:
    found = _STAMP.match(text)
    if not found:
        return None
    try:
        return datetime(*(int(each) for each in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 - wall clock
    except ValueError:
        return None


def _offset(text: str) -> timedelta | None:
    found = _OFFSET.fullmatch(text)
    if not found:
        return None
    length = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    if length >= timedelta(hours=24):
        return None
    return -length if found[1] == "-" else length
