"""The times that are offered beside Send, and the one that was chosen."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory
from django.utils import timezone

from mailbox.views.moments import NoTime, chosen, picks

TOKYO = ZoneInfo("Asia/Tokyo")
EVENING, TOMORROW, MONDAY = "This evening", "Tomorrow morning", "Monday morning"


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        # 2026-11-25 is a Wednesday.
        ("2026-11-25T09:30", {EVENING: "25T18:00", TOMORROW: "26T08:00", MONDAY: "30T08:00"}),
        ("2026-11-25T18:30", {TOMORROW: "26T08:00", "Tomorrow evening": "26T18:00", MONDAY: "30T08:00"}),
        ("2026-11-25T01:10", {"This morning": "25T08:00", EVENING: "25T18:00", MONDAY: "30T08:00"}),
        # On a Sunday tomorrow is Monday, and is said once.
        ("2026-11-22T10:00", {EVENING: "22T18:00", TOMORROW: "23T08:00"}),
        # On a Monday it is the next one.
        ("2026-11-23T10:00", {EVENING: "23T18:00", TOMORROW: "24T08:00", MONDAY: "30T08:00"}),
    ],
)
def test_offers_what_the_clock_allows(now: str, offered: dict[str, str]) -> None:
    found = picks(datetime.fromisoformat(now).replace(tzinfo=TOKYO))
    assert {each.words: f"{each.moment:%dT%H:%M}" for each in found} == offered
    assert [each.moment for each in found] == sorted(each.moment for each in found)


def test_a_pick_names_its_offset() -> None:
    [first, *_rest] = picks(datetime(2026, 11, 25, 9, 30, tzinfo=TOKYO))
    assert first.value == "2026-11-25T18:00:00+09:00"


def test_a_typed_time_is_one_of_the_readers_zone() -> None:
    tomorrow = (timezone.now() + timedelta(days=1)).astimezone(TOKYO).replace(hour=7, minute=30)
    request = RequestFactory().post("/", {"later": "typed", "send_at": f"{tomorrow:%Y-%m-%dT%H:%M}"})
    with timezone.override(TOKYO):
        found = chosen(request)
    assert found == tomorrow.replace(second=0, microsecond=0)


def test_a_pick_holds_in_any_zone() -> None:
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=5)
    request = RequestFactory().post("/", {"later": moment.astimezone(TOKYO).isoformat()})
    assert chosen(request) == moment


def test_without_its_buttons_no_time_is_chosen() -> None:
    assert chosen(RequestFactory().post("/", {"send_at": "2026-11-25T18:00"})) is None


@pytest.mark.parametrize(
    "value", ["", "soon", "2026-13-45T99:00", "0001-01-01T00:00", "2020-01-01T08:00+00:00", "9000-01-01T08:00+00:00"]
)
def test_says_what_is_no_time(value: str) -> None:
    for form in ({"later": value}, {"later": "typed", "send_at": value}):
        with pytest.raises(NoTime):
            chosen(RequestFactory().post("/", form))
