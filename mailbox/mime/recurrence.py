"""How often an event comes again (RFC 5545, 3.3.10), for saying it in words. No recurrence is ever expanded."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mailbox.mime.components import Component

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(r"([+-]?\d{0,2})(MO|TU|WE|TH|FR|SA|SU)")
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MOST = 999
# Parts of a rule that can be said in words; with any other the rule is only called irregular.
_SAYABLE = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"
    IRREGULAR = "IRREGULAR"
    """By rules that are longer in words than in dates."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every `interval` days, weeks, months or years."""

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    """0 is Monday; of a weekly event its days, of a monthly one the day that `nth` counts."""
    nth: int = 0
    """-1 is the last of the month, 0 none in particular."""
    month_day: int = 0
    count: int = 0
    """How many times in all; 0: not said."""
    until: date | None = None


def recurrence_of(event: Component) -> Recurrence | None:
    """Return how `event` repeats; None for a single one."""
    rules = [each.value.upper() for each in event.all("RRULE")]
    if not rules:
        return Recurrence(Frequency.IRREGULAR) if event.first("RDATE") else None
    if len(rules) > 1 or event.first("RDATE"):
        return Recurrence(Frequency.IRREGULAR)
    return _read(dict(part.split("=", 1) for part in rules[0].strip().split(";") if "=" in part))


def _read(rule: dict[str, str]) -> Recurrence:
    name = rule.get("FREQ", "")
    if name not in Frequency.__members__ or name == Frequency.IRREGULAR or not rule.keys() <= _SAYABLE:
        return Recurrence(Frequency.IRREGULAR)
    frequency = Frequency(name)
    days = [found for each in rule.get("BYDAY", "").split(",")[:8] if (found := _DAY.fullmatch(each))]
    weekdays = tuple(sorted({_DAYS.index(day[2]) for day in days}))
    nth = _number(days[0][1]) if len(days) == 1 and days[0][1] else 0
    nth = nth or (_number(rule.get("BYSETPOS", "")) if len(days) == 1 else 0)
    if not _is_sayable(rule, frequency, weekdays, nth):
        return Recurrence(Frequency.IRREGULAR)
    return Recurrence(
        frequency=frequency,
        interval=max(1, _number(rule.get("INTERVAL", "1"))),
        weekdays=weekdays,
        nth=nth,
        month_day=_number(rule.get("BYMONTHDAY", "")),
        count=max(0, _number(rule.get("COUNT", ""))),
        until=_date(rule.get("UNTIL", "")),
    )


def _is_sayable(rule: dict[str, str], frequency: Frequency, weekdays: tuple[int, ...], nth: int) -> bool:
    if "," in rule.get("BYMONTHDAY", "") or "," in rule.get("BYMONTH", "") or "," in rule.get("BYSETPOS", ""):
        return False
    if frequency == Frequency.MONTHLY:
        return not weekdays or (len(weekdays) == 1 and -1 <= nth <= 4 and nth != 0)
    if frequency == Frequency.YEARLY:
        return "BYDAY" not in rule
    return "BYMONTHDAY" not in rule and "BYMONTH" not in rule and not nth


def _number(text: str) -> int:
    text = text.strip()[:5]
    digits = text.lstrip("+-")
    if not digits.isascii() or not digits.isdigit():
        return 0
    number = min(int(digits), _MOST)
    return -number if text.startswith("-") else number


def _date(text: str) -> date | None:
    found = _DATE.match(text)
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
