"""When a message is to leave, or to come back: the times that are offered, and the one that was chosen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

_MORNING, _EVENING = time(8), time(18)
# Who is up before this still calls it night, and the morning to come "this morning".
_NIGHT_ENDS = time(5)
# Later than this nobody means this evening any more.
_DAY_ENDS = time(17)
_MONDAY, _SATURDAY = 0, 5
# Later today means after a few hours, on the hour.
_A_WHILE = timedelta(hours=3)
_FURTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Pick:
    """A time that is offered, in the reader's own zone."""

    words: str
    moment: datetime

    @property
    def value(self) -> str:
        """The moment with its offset: what the button meant still holds when it is pressed in another zone."""
        return self.moment.isoformat()

    @property
    def time(self) -> str:
        """For the eye: Mon 30 Nov, 08:00."""
        return moment_in_words(self.moment)


class NoTime(ValueError):
    """What was typed is no time for what is to happen; the text says so to a person."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is said of a time that cannot be: to somebody who sends later, or who snoozes."""

    missing: str | Promise
    past: str | Promise
    far: str | Promise


LEAVING = Wrong(
    gettext_lazy("Choose a day and a time at which the message shall leave."),
    gettext_lazy("That time has passed. Choose a later one, or send the message now."),
    gettext_lazy("A message can wait for a year at most. Choose an earlier time."),
)
WAKING = Wrong(
    gettext_lazy("Choose a day and a time at which it shall come back."),
    gettext_lazy("That time has passed. Choose a later one."),
    gettext_lazy("It can sleep for a year at most. Choose an earlier time."),
)


def picks(now: datetime) -> list[Pick]:
    """Return what is offered at `now`, which is in the reader's zone, the soonest first and each moment once."""
    return _picks(now, _offers(now))


def snooze_picks(now: datetime) -> list[Pick]:
    """Return when a conversation may come back, as `picks` does."""
    return _picks(now, _snooze_offers(now))


def _picks(now: datetime, offers: Iterator[tuple[str, date, time]]) -> list[Pick]:
    found: dict[datetime, str] = {}
    for words, day, hour in offers:
        found.setdefault(datetime.combine(day, hour, tzinfo=now.tzinfo), words)
    return [Pick(words, moment) for moment, words in sorted(found.items())]


def _offers(now: datetime) -> Iterator[tuple[str, date, time]]:
    today, tomorrow = now.date(), now.date() + timedelta(days=1)
    if now.time() < _NIGHT_ENDS:
        yield _("This morning"), today, _MORNING
    if now.time() < _DAY_ENDS:
        yield _("This evening"), today, _EVENING
    if now.time() >= _NIGHT_ENDS:
        yield _("Tomorrow morning"), tomorrow, _MORNING
    if now.time() >= _DAY_ENDS:
        yield _("Tomorrow evening"), tomorrow, _EVENING
    yield _("Monday morning"), _next(_MONDAY, today), _MORNING


def _snooze_offers(now: datetime) -> Iterator[tuple[str, date, time]]:
    today = now.date()
    if now.time() < _NIGHT_ENDS:
        yield _("This morning"), today, _MORNING
    elif now.time() < _DAY_ENDS:
        later = now.replace(minute=0, second=0, microsecond=0) + _A_WHILE
        evening = later.date() != today or later.time() > _EVENING
        yield _("Later today"), today, _EVENING if evening else later.time()
    yield _("Tomorrow"), today + timedelta(days=1), _MORNING
    yield _("This weekend") if today.weekday() < _SATURDAY else _("Next weekend"), _next(_SATURDAY, today), _MORNING
    yield _("Next week"), _next(_MONDAY, today), _MORNING


def _next(weekday: int, today: date) -> date:
    """Return the next day of that name after `today`."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def chosen(request: HttpRequest, wrong: Wrong = LEAVING) -> datetime | None:
    """Return the time that a form of `mailbox/later/_menu.html` names; None where no button of it was pressed.

    Raises NoTime.
    """
    value = request.POST.get("later")
    if value is None:
        return None
    try:
        moment = parse_datetime(request.POST.get("send_at", "") if value == "typed" else value)
    except ValueError:
        moment = None
    if moment is None:
        raise NoTime(wrong.missing)
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return _within(moment, timezone.now(), wrong)


def _within(moment: datetime, now: datetime, wrong: Wrong) -> datetime:
    if moment <= now:
        raise NoTime(wrong.past)
    if moment > now + _FURTHEST:
        raise NoTime(wrong.far)
    return moment


def moment_in_words(moment: datetime) -> str:
    """Return 14:05, with its day unless that is today."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return date_format(local, "H:i")
    return date_format(local, pgettext("date format, as in: Mon 3 Nov, 14:05", "D j M, H:i"))
