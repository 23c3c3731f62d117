"""Invitations as programs write them, and as nobody should."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.mime.calendar import Answer, Calendar, Event, Method, Person, read_calendar
from mailbox.mime.components import CalendarLimits, read_components
from mailbox.mime.recurrence import Frequency, Recurrence
from mailbox.mime.zones import zone_of

FOLDER = Path(__file__).parent / "calendars"


def sample(name: str) -> Calendar:
    found = read_calendar((FOLDER / f"{name}.ics").read_text(encoding="utf-8").replace("\n", "\r\n"))
    assert found
    return found


def event(*lines: str, before: str = "") -> Event:
    text = "\n".join(["BEGIN:VCALENDAR", before, "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])
    found = read_calendar(text)
    assert found
    return found.events[0]


def at(moment: date | None) -> str:
    assert isinstance(moment, datetime)
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def repeats(rule: str) -> Recurrence | None:
    return event("DTSTART:20251202T090000Z", f"RRULE:{rule}").recurrence


def test_reads_an_invitation_of_google() -> None:
    found = sample("google")
    [meeting] = found.events
    assert (found.method, found.events_count) == (Method.REQUEST, 1)
    assert (meeting.summary, meeting.location) == ("Rowing; planning", "Boathouse, 2nd floor")
    assert (at(meeting.start), at(meeting.end)) == ("2025-12-02 09:00", "2025-12-02 10:00")
    assert meeting.link == "https://meet.example.com/abc-defg-hij"
    assert meeting.organizer == Person("Dana Fern", "dana@far.test")
    assert [(each.display, each.answer) for each in meeting.attendees] == [
        ("Dana Fern", Answer.ACCEPTED),
        ("alice@home.test", Answer.OPEN),
    ]
    assert meeting.recurrence == Recurrence(Frequency.WEEKLY, weekdays=(1,), until=date(2026, 3, 31))


def test_reads_an_invitation_of_outlook_with_the_name_of_a_windows_zone() -> None:
    [meeting] = sample("outlook").events
    assert (meeting.summary, meeting.location, meeting.sequence) == ("定例会議", "第2会議室", 3)
    assert (at(meeting.start), at(meeting.end)) == ("2025-12-09 01:00", "2025-12-09 02:30")
    assert meeting.organizer == Person("Fern, Dana", "dana@far.test")
    assert meeting.attendees[1] == Person("Bob", "bob@home.test", Answer.TENTATIVE, is_optional=True)
    assert meeting.recurrence == Recurrence(Frequency.MONTHLY, weekdays=(1,), nth=2, count=6)
    assert meeting.link == "https://teams.example.com/l/meetup-join/1"


def test_goes_by_the_rules_of_a_zone_that_has_no_name() -> None:
    winter, summer = sample("outlook-customized-zone").events
    assert (at(winter.start), at(winter.end)) == ("2025-12-02 14:00", "2025-12-02 15:30")
    assert at(summer.start) == "2026-07-02 13:00"


def test_reads_whole_days_of_apple() -> None:
    [holidays] = sample("apple-all-day").events
    assert holidays.is_all_day
    assert (holidays.start, holidays.end) == (date(2025, 12, 24), date(2025, 12, 26))
    assert holidays.organizer.name == 'Dana "Dee" Fern'
    assert holidays.recurrence == Recurrence(Frequency.YEARLY)


def test_reads_an_answer() -> None:
    found = sample("reply")
    assert found.method == Method.REPLY
    assert found.events[0].attendees == (Person("Bob", "bob@home.test", Answer.ACCEPTED),)


def test_reads_a_cancellation() -> None:
    found = sample("cancel")
    assert found.method == Method.CANCEL
    assert found.events[0].is_cancelled


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VCALENDAR\nEND:VCALENDAR", "BEGIN:VTODO\nEND:VTODO", "\x00"])
def test_without_an_event_there_is_nothing(text: str) -> None:
    assert read_calendar(text) is None


def test_the_method_of_the_part_counts_where_the_object_names_none() -> None:
    assert read_calendar("BEGIN:VEVENT\nEND:VEVENT", method="cancel").method == Method.CANCEL
    assert read_calendar("BEGIN:VEVENT\nEND:VEVENT", method="dance").method == Method.PUBLISH


def test_an_event_that_is_cut_is_read_as_far_as_it_goes() -> None:
    whole = (FOLDER / "google.ics").read_text(encoding="utf-8")
    found = read_calendar(whole[: whole.index("SEQUENCE")])
    assert found.events[0].location == "Boathouse, 2nd floor"


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        (["DTSTART:20251202T090000Z", "DTEND:20251202T100000Z"], "2025-12-02 09:00", "2025-12-02 10:00"),
        (["DTSTART:2025-12-02T09:00:00Z"], "2025-12-02 09:00", None),
        (["DTSTART:20251202T0900Z", "DURATION:P1DT2H"], "2025-12-02 09:00", "2025-12-03 11:00"),
        (["DTSTART:20251202T090000Z", "DURATION:P2W"], "2025-12-02 09:00", "2025-12-16 09:00"),
        (["DTSTART:20251202T090000Z", "DURATION:-PT1H"], "2025-12-02 09:00", None),
        (["DTSTART:20251202T090000Z", "DURATION:P99999D"], "2025-12-02 09:00", None),
        (["DTSTART:20251202T090000Z", "DTEND:20251201T090000Z"], "2025-12-02 09:00", None),
        (["DTSTART:20251202T090000Z", "DTEND;VALUE=DATE:20251203"], "2025-12-02 09:00", None),
        (["DTSTART:20251202T090000Z", "DTEND:20251202T100000"], "2025-12-02 09:00", None),
        (["DTSTART;TZID=Europe/Berlin:20260329T013000", "DURATION:PT1H"], "2026-03-29 00:30", "2026-03-29 01:30"),
        (["DTSTART;TZID=/example.org/20050126_1/Europe/Berlin:20251202T100000"], "2025-12-02 09:00", None),
        (["DTSTART;TZID=/example.org/America/Argentina/Ushuaia:20251202T100000"], "2025-12-02 13:00", None),
    ],
)
def test_reads_when_it_is(lines: list[str], start: str, end: str | None) -> None:
    found = event(*lines)
    assert (at(found.start), found.end and at(found.end)) == (start, end)


@pytest.mark.parametrize(
    "value", ["20251399", "20250230T090000", "00010101T000000Z", "99991231T235959Z", "20251202T990000Z", "x", ""]
)
def test_a_day_that_is_none_is_left_out(value: str) -> None:
    assert event(f"DTSTART:{value}", "DURATION:PT1H").start is None


def test_a_time_in_a_zone_that_nobody_knows_stays_as_it_is_written() -> None:
    found = event("DTSTART;TZID=Middle Earth:20251202T090000")
    assert (found.start, found.zone_name) == (datetime(2025, 12, 2, 9), "Middle Earth")
    floating = event("DTSTART:20251202T090000")
    assert (floating.start, floating.zone_name) == (datetime(2025, 12, 2, 9), "")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "America", "", "\x00", "Europe/../Europe/Berlin", "posix/", "x" * 5000]
)
def test_a_name_that_is_no_zone_is_none(name: str) -> None:
    assert zone_of(name) is None


def test_a_single_day_has_no_end() -> None:
    assert event("DTSTART;VALUE=DATE:20251202", "DTEND;VALUE=DATE:20251203").end is None


ZONE = "\n".join(["BEGIN:VTIMEZONE", "TZID:Z", "BEGIN:STANDARD", "%s", "END:STANDARD", "END:VTIMEZONE"])


@pytest.mark.parametrize(
    "rules",
    [
        "DTSTART:20250101T000000\nTZOFFSETTO:+9900",
        "DTSTART:20250101T000000\nTZOFFSETTO:x",
        "TZOFFSETTO:+0100",
        "DTSTART:99999999T000000\nTZOFFSETTO:+0100",
        "",
    ],
)
def test_a_zone_without_sense_leaves_the_time_as_it_is_written(rules: str) -> None:
    found = event("DTSTART;TZID=Z:20251202T090000", before=ZONE % rules)
    assert found.start == datetime(2025, 12, 2, 9)


def test_a_rule_for_every_second_is_not_followed() -> None:
    rules = "DTSTART:20250101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\nRRULE:FREQ=SECONDLY"
    assert at(event("DTSTART;TZID=Z:20251202T090000", before=ZONE % rules).start) == "2025-12-02 08:00"


def test_before_the_first_rule_the_offset_before_it_holds() -> None:
    rules = "DTSTART:20300101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0100"
    found = event("DTSTART;TZID=Z:20251202T090000", before=ZONE % rules)
    assert found.start.utcoffset() == timedelta(hours=3)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("FREQ=DAILY", Recurrence(Frequency.DAILY)),
        ("FREQ=DAILY;INTERVAL=3;COUNT=10", Recurrence(Frequency.DAILY, interval=3, count=10)),
        ("FREQ=WEEKLY;WKST=SU;BYDAY=FR,MO", Recurrence(Frequency.WEEKLY, weekdays=(0, 4))),
        ("FREQ=MONTHLY;BYMONTHDAY=15", Recurrence(Frequency.MONTHLY, month_day=15)),
        ("FREQ=MONTHLY;BYDAY=-1FR", Recurrence(Frequency.MONTHLY, weekdays=(4,), nth=-1)),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", Recurrence(Frequency.MONTHLY, weekdays=(4,), nth=-1)),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", Recurrence(Frequency.YEARLY, month_day=24)),
        ("freq=weekly;until=20260101", Recurrence(Frequency.WEEKLY, until=date(2026, 1, 1))),
        ("FREQ=DAILY;INTERVAL=0;COUNT=-5;UNTIL=99999999", Recurrence(Frequency.DAILY)),
        ("FREQ=DAILY;COUNT=99999999999", Recurrence(Frequency.DAILY, count=999)),
    ],
)
def test_reads_common_rules(rule: str, found: Recurrence) -> None:
    assert repeats(rule) == found


@pytest.mark.parametrize(
    "rule",
    [
        *("FREQ=SECONDLY", "FREQ=HOURLY;INTERVAL=1", "", "x", "FREQ=IRREGULAR"),
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY;BYDAY=2SU;BYMONTH=5",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=MONTHLY;BYDAY=TU",
    ],
)
def test_calls_other_rules_irregular(rule: str) -> None:
    assert repeats(rule) == Recurrence(Frequency.IRREGULAR)


def test_single_dates_that_repeat_are_irregular() -> None:
    assert event("RDATE:20251202T090000Z").recurrence == Recurrence(Frequency.IRREGULAR)
    assert event("SUMMARY:Once").recurrence is None


@pytest.mark.parametrize(
    ("location", "link"),
    [
        ("https://call.test/a?b=1", "https://call.test/a?b=1"),
        ("Call (https://call.test/a).", "https://call.test/a"),
        ("javascript:alert(1)", ""),
        ("https://call.test@evil.test/", ""),
        ("https://call.test:80@evil.test/", ""),
        ("https://gооgle.com/meet", ""),
        ("https://call.test:8443/x", "https://call.test:8443/x"),
        ("https://call.test", "https://call.test"),
        ("data:text/html,x", ""),
        ("Boathouse", ""),
        ('https://call.test/"onclick=x', "https://call.test/"),
    ],
)
def test_finds_the_address_of_a_call(location: str, link: str) -> None:
    assert event(f"LOCATION:{location}").link == link


def test_text_is_one_line_without_what_turns_it() -> None:
    found = event("SUMMARY:A\\nB \u202eevil\u202c", "LOCATION:x\x07y")
    assert (found.summary, found.location) == ("A B evil", "xy")


def test_markup_is_text_like_any_other() -> None:
    assert event("SUMMARY:<b>x</b>").summary == "<b>x</b>"


def test_an_end_that_closes_nothing_is_passed_over() -> None:
    assert event("END:VALARM", "SUMMARY:Still here").summary == "Still here"


HOSTILE = {
    "opened": "BEGIN:VEVENT\n" * 70_000,
    "opened and closed": "BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nEND:VEVENT\n" * 40_000,
    "nested": "BEGIN:VEVENT\n" * 20_000 + "END:VEVENT\n" * 20_000,
    "one line": "BEGIN:VEVENT\nSUMMARY:" + "a" * 1_000_000,
    "parameters": "BEGIN:VEVENT\nSUMMARY" + ";A=b" * 250_000 + ":x",
    "quotes": 'BEGIN:VEVENT\nATTENDEE;CN="' + '";CN="' * 150_000,
    "attendees": "BEGIN:VEVENT\n" + "ATTENDEE;CN=a:mailto:b@c.d\n" * 35_000,
    "rules": "BEGIN:VEVENT\n" + "RRULE:FREQ=DAILY\n" * 50_000,
    "folds": "BEGIN:VEVENT\nSUMMARY:a" + "\n b" * 300_000,
    "zones": "BEGIN:VCALENDAR\n" + ZONE * 1_900 + "\nBEGIN:VEVENT\nDTSTART;TZID=Z:20251202T090000",
    "days": "BEGIN:VEVENT\nRRULE:FREQ=WEEKLY;BYDAY=" + "MO," * 300_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_calendars_are_read_within_bounds(text: str) -> None:
    limits = CalendarLimits()
    found = read_calendar(text, limits=limits)
    if found:
        assert len(found.events) <= limits.events_count
        assert all(len(each.attendees) <= limits.attendees_count for each in found.events)
        assert all(len(each.summary) <= 500 for each in found.events)


def test_depth_and_number_of_components_are_bounded() -> None:
    def depth(component) -> int:
        return 1 + max(map(depth, component.children), default=0)

    assert depth(read_components("BEGIN:A\n" * 1000, CalendarLimits())) == CalendarLimits().depth + 1
    assert len(read_components("BEGIN:A\nEND:A\n" * 9000, CalendarLimits()).children) == 2000


@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(
            ["BEGIN:VEVENT", "END:VEVENT", "DTSTART:", "DTEND;TZID=", "RRULE:FREQ=", "20251202T0900", "\n ", ":"]
        )
    ).map("\n".join)
)
def test_never_raises(text: str) -> None:
    read_calendar("BEGIN:VEVENT\n" + text)


@given(
    st.datetimes(),
    st.sampled_from(["Europe/Berlin", "Tokyo Standard Time", "Z"]),
    st.text("PTDHMSW0123456789", max_size=8),
)
def test_any_time_can_be_read_and_moved(moment: datetime, zone: str, duration: str) -> None:
    found = event(f"DTSTART;TZID={zone}:{moment:%Y%m%dT%H%M%S}", f"DURATION:{duration}")
    if isinstance(found.start, datetime) and found.start.tzinfo:
        found.start.astimezone(UTC)
