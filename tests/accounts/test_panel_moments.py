"""Times in the panel's lists are written as in the lists of mail, and whole times as on the other screens."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone, translation
from django.utils.formats import localize

from accounts.panel.moments import written

NOW = datetime(2026, 11, 26, 15, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 11, 26, 9, 5, tzinfo=UTC), "09:05"),
        (datetime(2026, 11, 27, 9, 5, tzinfo=UTC), "Fri 27 Nov, 09:05"),
        (datetime(2025, 3, 1, 9, 5, tzinfo=UTC), "2025-03-01"),
    ],
)
def test_a_time_is_as_short_as_it_tells(at, words):
    assert f">{words}</time>" in (written(at) or "")


def test_the_whole_time_is_its_title():
    assert 'title="Thursday 26 November 2026, 15:04 UTC"' in (written(NOW) or "")


@pytest.mark.parametrize(("language", "words"), [("en", "Thu 26 Nov 2026, 15:04"), ("ja", "2026年11月26日(木) 15:04")])
def test_django_writes_times_as_the_other_screens_do(language, words):
    with translation.override(language):
        assert localize(NOW) == words
