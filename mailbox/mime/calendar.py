"""Invitations (RFC 5545, RFC 5546): what is asked, when, where, and who is asked. Nothing is answered here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from mailbox.mime.components import CalendarLimits, Component, Property, read_components
from mailbox.mime.domains import is_disguised
from mailbox.mime.recurrence import Recurrence, recurrence_of
from mailbox.mime.words import clean
from mailbox.mime.zones import localized

_DATE = re.compile(r"\s*(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2}))?\d{0,6}(Z)?)?")
_DURATION = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?", re.ASCII
)
# Nothing may stand before the host and pass for it.
_LINK = re.compile(r"(?ai:https?)://([^\s<>\"'\\/?#@:]{1,253})(?::\d{1,5})?(?=[/?#\s]|\Z)[^\s<>\"'\\]{0,2000}", re.I)
# Programs put the address of a call into properties of their own.
_CALLS = ("X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "CONFERENCE", "URL")
_LONGEST_TEXT = 500
_LONGEST = timedelta(days=3660)
# Years that stay within what dates can hold, in any zone.
_FIRST_YEAR, _LAST_YEAR = 1900, 9998


class Method(StrEnum):
    """What the sender wants with it (RFC 5546, 1.4)."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    REPLY = "REPLY"
    CANCEL = "CANCEL"
    COUNTER = "COUNTER"


class Answer(StrEnum):
    """What an attendee has said so far (RFC 5545, 3.2.12)."""

    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TENTATIVE = "TENTATIVE"
    DELEGATED = "DELEGATED"
    OPEN = "NEEDS-ACTION"


@dataclass(frozen=True, slots=True)
class Person:
    """An organiser or an attendee."""

    name: str
    address: str
    answer: Answer = Answer.OPEN
    is_optional: bool = False

    @property
    def display(self) -> str:
        return self.name or self.address


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT.

    `start` is a date for a whole day, an aware datetime, or a naive one where nobody can tell the zone, whose name
    then stands in `zone_name`. `end` is of the same kind; that of whole days is the last of them.
    """

    summary: str = ""
    location: str = ""
    link: str = ""
    """Where the call is; http or https."""
    start: date | None = None
    end: date | None = None
    zone_name: str = ""
    organizer: Person | None = None
    attendees: tuple[Person, ...] = ()
    attendees_count: int = 0
    recurrence: Recurrence | None = None
    is_exception: bool = False
    """One occurrence of a series that differs from the others."""
    sequence: int = 0
    is_cancelled: bool = False

    @property
    def is_all_day(self) -> bool:
        return self.start is not None and not isinstance(self.start, datetime)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar object: at most `CalendarLimits.events_count` of its events."""

    method: Method
    events: tuple[Event, ...]
    events_count: int


def read_calendar(
    text: str,
    *,
    method: str = "",
    limits: CalendarLimits = CalendarLimits(),  # noqa: B008 - frozen
) -> Calendar | None:
    """Return what `text` asks for; None where it holds no event. Never raises.

    `method` is that of the Content-Type, which counts where the object names none (RFC 6047, 2.4).
    """
    root = read_components(text, limits)
    whole = next(root.parts("VCALENDAR"), root)
    found = list(whole.parts("VEVENT"))
    if not found:
        return None
    named = (whole.text("METHOD") or method).upper()
    return Calendar(
        method=Method(named) if named in Method.__members__ else Method.PUBLISH,
        events=tuple(_event(each, whole, limits) for each in found[: limits.events_count]),
        events_count=len(found),
    )


def _event(event: Component, whole: Component, limits: CalendarLimits) -> Event:
    starts = event.first("DTSTART")
    start, zone_name = _moment(starts, whole)
    attendees = list(event.all("ATTENDEE"))
    organizer = event.first("ORGANIZER")
    location = event.text("LOCATION")[:_LONGEST_TEXT]
    return Event(
        summary=event.text("SUMMARY")[:_LONGEST_TEXT],
        location=location,
        link=next(_links(event, location), ""),
        start=start,
        end=_end(event, start, whole),
        zone_name=zone_name,
        organizer=_person(organizer) if organizer else None,
        attendees=tuple(_person(each) for each in attendees[: limits.attendees_count]),
        attendees_count=len(attendees),
        recurrence=recurrence_of(event),
        is_exception=event.first("RECURRENCE-ID") is not None,
        sequence=_sequence(event.text("SEQUENCE")),
        is_cancelled=event.text("STATUS").upper() == "CANCELLED",
    )


def _links(event: Component, location: str) -> Iterator[str]:
    """The addresses of a call: first the one that people are told."""
    for text in (location, *(event.text(name) for name in _CALLS)):
        if (found := _LINK.search(text)) and not is_disguised(found[1]):
            yield found[0].rstrip(".,;)")


def _moment(found: Property | None, whole: Component) -> tuple[date | None, str]:
    """Return the date or time of a property, and the name of its zone where that is unknown."""
    read = _DATE.match(found.value) if found else None
    if not found or not read:
        return None, ""
    try:
        day = date(int(read[1]), int(read[2]), int(read[3]))
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            return None, ""
        if read[4] is None:
            return day, ""
        wall = datetime(day.year, day.month, day.day, int(read[4]), int(read[5]))  # noqa: DTZ001 - its zone follows
    except ValueError:
        return None, ""
    if read[7]:
        return wall.replace(tzinfo=UTC), ""
    name = found.parameter("TZID") or whole.text("X-WR-TIMEZONE")
    aware = localized(wall, name, whole) if name else None
    return (aware, "") if aware else (wall, name[:_LONGEST_TEXT])


def _end(event: Component, start: date | None, whole: Component) -> date | None:
    """Return when it ends; of whole days the last one, for DTEND is the day after (RFC 5545, 3.6.1)."""
    if start is None:
        return None
    named = event.first("DTEND")
    end = _moment(named, whole)[0] if named else _after(start, event.text("DURATION"))
    if end is None or isinstance(end, datetime) != isinstance(start, datetime):
        return None
    if not isinstance(end, datetime):
        end -= timedelta(days=1)
    return end if _is_after(end, start) else None


def _is_after(end: date, start: date) -> bool:
    if isinstance(end, datetime) and isinstance(start, datetime) and (end.tzinfo is None) != (start.tzinfo is None):
        return False
    return end > start


def _after(start: date, duration: str) -> date | None:
    found = _DURATION.fullmatch(duration.strip().upper())
    if not found:
        return None
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if length > _LONGEST:
        return None
    if isinstance(start, datetime) and start.tzinfo:
        # Hours are hours, also over the night in which the clocks change.
        return (start.astimezone(UTC) + length).astimezone(start.tzinfo)
    return start + length


def _person(found: Property) -> Person:
    address = found.value.strip()
    if address[:7].lower() == "mailto:":
        address = address[7:]
    answer = found.parameter("PARTSTAT").upper()
    return Person(
        name=found.parameter("CN")[:_LONGEST_TEXT],
        address=clean(address)[:_LONGEST_TEXT],
        answer=Answer(answer) if answer in set(Answer) else Answer.OPEN,
        is_optional=found.parameter("ROLE").upper() in ("OPT-PARTICIPANT", "NON-PARTICIPANT"),
    )


def _sequence(text: str) -> int:
    return int(text[:9]) if text.isascii() and text[:9].isdigit() else 0
