"""The poll of every open page, answered before anything else is set up: 500 pages ask 300 times a second.

A middleware, because session, person, language and messages cost ten times as much as the answer, which nearly always
is that nothing changed. Whatever it cannot answer so goes the ordinary way, to `live.live`.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User
from mailbox.views.pulse import pulse_of
from webmail.prepared import Prepared


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
    stored = _sessions(key=session_key, now=timezone.now()) if session_key.isalnum() else []
    if not stored:
        return None
    session = _store(session_key).decode(stored[0])
    found = _people(pk=int(session.get(SESSION_KEY, 0)))
    is_valid = found and constant_time_compare(session.get(HASH_SESSION_KEY, ""), found[0].get_session_auth_hash())
    return found[0].pk if is_valid else None


@Prepared
def _sessions(key: str, now: datetime) -> QuerySet[Session, str]:
    return Session.objects.filter(session_key=key, expire_date__gt=now).values_list("session_data", flat=True)


@Prepared
def _people(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk, is_active=True).only("password")


def _store(session_key: str) -> Any:
    """The store that has written the session; where it is not the database, that holds none."""
    return import_module(settings.SESSION_ENGINE).SessionStore(session_key)
