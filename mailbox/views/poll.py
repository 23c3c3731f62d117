"""The poll of every open page, answered before anything else is set up: 500 pages ask 300 times a second.

A middleware, because session, person, language and messages cost ten times as much as the answer, which nearly always
is that nothing changed. Whatever it cannot answer so goes the ordinary way, to `live.live`.
"""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from accounts.backends import person
from mailbox.views.pulse import pulse_of
from webmail.sessions import SessionStore


class PollMiddleware:
    """Say 204 to the poll of a signed-in person for whom nothing changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == _path() and request.method == "GET" and _is_quiet(request):
            return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
        return self.get_response(request)


@cache
def _path() -> str:
    return reverse("live")


def _is_quiet(request: HttpRequest) -> bool:
    user_pk = _signed_in(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    return user_pk is not None and str(pulse_of(user_pk)) == request.GET.get("since")


def _signed_in(session_key: str) -> int | None:
    """Return whose session that is, as `django.contrib.auth.get_user` decides it; None where it would take more."""
    # Other characters stand in no key, and one of them PostgreSQL does not take.
    session = SessionStore(session_key).load() if session_key.isalnum() else {}
    user = person(int(session[SESSION_KEY])) if SESSION_KEY in session else None
    if user is None or not user.is_active:
        return None
    is_valid = constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    return user.pk if is_valid else None
