"""An invitation as a card above the message: when, where, who, and what the sender wants with it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from mailbox.mime.calendar import Answer, Calendar, Event, Method, Person, read_calendar
from mailbox.mime.components import CalendarLimits
from mailbox.mime.parse import Parsed
from mailbox.mime.part import Part
from mailbox.mime.recurrence import Frequency, Recurrence

_NAMED = 3
_WORKDAYS = (0, 1, 2, 3, 4)
_ANSWERS = {
    Answer.ACCEPTED: gettext_lazy("%(name)s accepted"),
    Answer.DECLINED: gettext_lazy("%(name)s declined"),
    Answer.TENTATIVE: gettext_lazy("%(name)s may come"),
    Answer.DELEGATED: gettext_lazy("%(name)s sends somebody else"),
    Answer.OPEN: gettext_lazy("%(name)s has not decided"),
}
_STATES = {
    Answer.ACCEPTED: ("check", gettext_lazy("comes")),
    Answer.DECLINED: ("close", gettext_lazy("does not come")),
    Answer.TENTATIVE: ("clock", gettext_lazy("may come")),
    Answer.DELEGATED: ("forward", gettext_lazy("sends somebody else")),
    Answer.OPEN: ("", gettext_lazy("has not answered")),
}
_EVERY = {
    Frequency.DAILY: (gettext_lazy("Every day"), ngettext_lazy("Every %(count)s day", "Every %(count)s days", "count")),
    Frequency.WEEKLY: (
        gettext_lazy("Every week"),
        ngettext_lazy("Every %(count)s week", "Every %(count)s weeks", "count"),
    ),
    Frequency.MONTHLY: (
        gettext_lazy("Every month"),
        ngettext_lazy("Every %(count)s month", "Every %(count)s months", "count"),
    ),
    Frequency.YEARLY: (
        gettext_lazy("Every year"),
        ngettext_lazy("Every %(count)s year", "Every %(count)s years", "count"),
    ),
}
_NTH = {
    1: gettext_lazy("Every month on the first %(day)s"),
    2: gettext_lazy("Every month on the second %(day)s"),
    3: gettext_lazy("Every month on the third %(day)s"),
    4: gettext_lazy("Every month on the fourth %(day)s"),
    -1: gettext_lazy("Every month on the last %(day)s"),
}


@dataclass(frozen=True)
class Guest:
    """An attendee with the answer so far, as a drawing and in words."""

    name: str
    address: str
    icon: str
    state: str | Promise


@dataclass(frozen=True)
class Card:
    """One event; its first day is `day`, in the reader's zone."""

    event: Event
    day: date | None
    when: str
    elsewhere: str
    """The same in the zone of the one who asks, or what is to be known about the zone; "" where nothing is."""
    repeats: str
    who: str
    guests: Sequence[Guest]


@dataclass(frozen=True)
class Invitation:
    """What a calendar object asks for."""

    label: str
    tone: str
    """plain, good, warn or bad."""
    is_cancelled: bool
    cards: Sequence[Card]
    rest_count: int
    """Events that are not shown."""
    part: int
    """Where its file stands among the parts of the message."""


def invitation_of(parsed: Parsed, own_addresses: Collection[str]) -> Invitation | None:
    """Return the invitation that a message holds; None without one."""
    part = parsed.calendar or next((each for each in parsed.attachments if _is_calendar_file(each)), None)
    if part is None:
        return None
    text = part.text(octets_limit=CalendarLimits().characters)
    found = read_calendar(text, method=part.parameters.get("method", ""))
    if found is None:
        return None
    is_cancelled = found.method == Method.CANCEL or all(event.is_cancelled for event in found.events)
    label, tone = (_("Cancelled"), "bad") if is_cancelled else _label(found)
    return Invitation(
        label=label,
        tone=tone,
        is_cancelled=is_cancelled,
        cards=[_card(event, own_addresses) for event in found.events],
        rest_count=found.events_count - len(found.events),
        part=part.index,
    )


def _is_calendar_file(part: Part) -> bool:
    is_unnamed = part.media_type in ("application/octet-stream", "text/plain")
    return is_unnamed and part.file_name.lower().endswith(".ics")


def _label(found: Calendar) -> tuple[str, str]:
    event = found.events[0]
    who = next(iter(event.attendees), None)
    if found.method == Method.REPLY and who:
        tone = {Answer.ACCEPTED: "good", Answer.DECLINED: "bad"}.get(who.answer, "plain")
        return str(_ANSWERS[who.answer]) % {"name": who.display}, tone
    if found.method == Method.COUNTER:
        name = who.display if who else _("Somebody")
        return _("%(name)s proposes another time") % {"name": name}, "warn"
    if found.method != Method.REQUEST:
        return _("Event"), "plain"
    return (_("Updated invitation"), "warn") if event.sequence else (_("Invitation"), "plain")


def _card(event: Event, own_addresses: Collection[str]) -> Card:
    people = [event.organizer] if event.organizer else []
    people += [each for each in event.attendees if not event.organizer or each.address != event.organizer.address]
    names = [_("me") if each.address.lower() in own_addresses else each.display for each in people]
    rest = event.attendees_count - len(event.attendees) + max(0, len(names) - _NAMED)
    shown = [*names[:_NAMED], ngettext("%(count)s other", "%(count)s others", rest) % {"count": rest}]
    return Card(
        event=event,
        day=_local(event.start),
        when=_when(event),
        elsewhere=_elsewhere(event),
        repeats=_repeats(event.recurrence) if event.recurrence else "",
        who=get_text_list(shown if rest else names, _("and")),
        guests=[_guest(each) for each in event.attendees],
    )


def _guest(person: Person) -> Guest:
    icon, state = _STATES[person.answer]
    has_name = person.name.lower() not in ("", person.address.lower())
    return Guest(person.display, person.address if has_name else "", icon, state)


def _local(moment: date | None) -> date | None:
    """The moment in the reader's zone; days and times without a zone are everywhere the same."""
    if isinstance(moment, datetime) and moment.tzinfo:
        return timezone.localtime(moment)
    return moment


def _when(event: Event) -> str:
    """Return "Tuesday 2 December 2025, 10:00–11:00", or both days where it lasts longer."""
    start, end = _local(event.start), _local(event.end)
    if start is None:
        return _("No time is given.")
    if isinstance(start, datetime):
        return _hours(start, end if isinstance(end, datetime) else None)
    return _span(_day(start), _day(end)) if end else _("%(day)s, all day") % {"day": _day(start)}


def _hours(start: datetime, end: datetime | None) -> str:
    first = _("%(day)s, %(time)s") % {"day": _day(start), "time": _time(start)}
    if end is None:
        return first
    if end.date() == start.date():
        return f"{first}–{_time(end)}"
    return _span(first, _("%(day)s, %(time)s") % {"day": _day(end), "time": _time(end)})


def _span(first: str, last: str) -> str:
    return f"{first} – {last}"


def _day(moment: date) -> str:
    # Translators: a whole day, in the format letters of Django's date filter.
    return date_format(moment, _("l j F Y"))


def _time(moment: datetime) -> str:
    return date_format(moment, "H:i")


def _elsewhere(event: Event) -> str:
    """Return the hours where the one who asks has them, if they are others than the reader's."""
    start, end = event.start, event.end
    if not isinstance(start, datetime):
        return ""
    if start.tzinfo is None:
        return _("Time zone: %(name)s") % {"name": event.zone_name} if event.zone_name else _("In your own time zone.")
    if start.tzinfo is UTC or not isinstance(start.tzinfo, ZoneInfo):
        return ""
    if timezone.localtime(start).utcoffset() == start.utcoffset():
        return ""
    hours = f"{_time(start)}–{_time(end)}" if isinstance(end, datetime) else _time(start)
    city = start.tzinfo.key.rpartition("/")[2].replace("_", " ")
    return _("%(hours)s in %(city)s") % {"hours": hours, "city": city}


def _repeats(rule: Recurrence) -> str:
    words = _rhythm(rule)
    if rule.until:
        return _("%(rule)s, until %(date)s") % {"rule": words, "date": date_format(rule.until, _("j F Y"))}
    if rule.count:
        return ngettext("%(rule)s, %(count)s time", "%(rule)s, %(count)s times", rule.count) % {
            "rule": words,
            "count": rule.count,
        }
    return words


def _rhythm(rule: Recurrence) -> str:
    if rule.frequency == Frequency.WEEKLY and rule.weekdays:
        return _weekdays(rule)
    if rule.frequency == Frequency.MONTHLY and rule.interval == 1 and (words := _day_of_month(rule)):
        return words
    return _every(rule) if rule.frequency in _EVERY else _("More than once")


def _every(rule: Recurrence) -> str:
    once, often = _EVERY[rule.frequency]
    return str(once) if rule.interval == 1 else str(often % {"count": rule.interval})


def _weekdays(rule: Recurrence) -> str:
    if rule.interval == 1 and rule.weekdays == _WORKDAYS:
        return _("Monday to Friday")
    days = get_text_list([str(WEEKDAYS[day]) for day in rule.weekdays], _("and"))
    return _("%(weeks)s on %(days)s") % {"weeks": _every(rule), "days": days}


def _day_of_month(rule: Recurrence) -> str:
    if rule.nth in _NTH and rule.weekdays:
        return str(_NTH[rule.nth]) % {"day": WEEKDAYS[rule.weekdays[0]]}
    return _("Every month on day %(day)s") % {"day": rule.month_day} if rule.month_day > 0 else ""
