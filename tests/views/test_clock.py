"""Times for reading: by the reader's zone and language, whatever was written before them."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.utils import timezone, translation

from mailbox.views.clock import Clock

SUMMER, WINTER = datetime(2025, 10, 26, 0, 30, tzinfo=UTC), datetime(2025, 10, 26, 1, 30, tzinfo=UTC)


def test_the_zone_is_that_of_the_moment_and_not_of_its_day():
    with timezone.override("Europe/Berlin"):
        assert Clock.now().full(SUMMER) == "Sunday 26 October 2025, 02:30 CEST"
        assert Clock.now().full(WINTER) == "Sunday 26 October 2025, 02:30 CET"


def test_a_day_is_that_of_the_reader():
    late = datetime(2025, 3, 1, 23, 30, tzinfo=UTC)
    assert (Clock.now().short(late), Clock.now().full(late)) == ("2025-03-01", "Saturday 1 March 2025, 23:30 UTC")
    with timezone.override("Asia/Tokyo"):
        assert (Clock.now().short(late), Clock.now().full(late)) == ("2025-03-02", "Sunday 2 March 2025, 08:30 JST")


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_language_shows_hours_and_minutes(language):
    with translation.override(language):
        assert "02:30" in Clock.now().full(datetime(2025, 10, 26, 2, 30, tzinfo=UTC))
