"""Each person reads in his own language and time zone."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone, translation

from accounts.middleware import PreferencesMiddleware
from accounts.models import User


def _answer(_request: HttpRequest) -> HttpResponse:
    headers = {"language": translation.get_language(), "zone": timezone.get_current_timezone_name()}
    return HttpResponse(headers=headers)


@pytest.fixture
def seen_by(db):
    """The language and time zone that a view runs under."""

    def visit(**preferences: str) -> tuple[str, str]:
        request = RequestFactory().get("/")
        request.user = User(username="alice", **preferences)
        with translation.override("en"):
            seen = PreferencesMiddleware(_answer)(request)
        return seen["language"], seen["zone"]

    return visit


def test_uses_what_the_person_chose(seen_by):
    assert seen_by(language="ja", time_zone="Asia/Tokyo") == ("ja", "Asia/Tokyo")


def test_without_a_choice_everything_stays(seen_by):
    assert seen_by() == ("en", "UTC")


@pytest.mark.parametrize("zone", ["Moon/Base", "../../etc/passwd", "/etc/passwd", "nul\0"])
def test_a_zone_that_is_none_breaks_no_page(seen_by, zone):
    assert seen_by(time_zone=zone) == ("en", "UTC")


def test_the_zone_ends_with_the_request(seen_by):
    seen_by(time_zone="Asia/Tokyo")
    assert timezone.get_current_timezone_name() == "UTC"
