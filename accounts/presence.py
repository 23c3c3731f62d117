"""When each session was last used, and from where: noted now and then, so that pages cost no more for it."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User
from webmail.memory import MemoryCache

# The time after which a session that is in use is noted again, in seconds.
EVERY = 300
# Sessions that this process has noted lately.
_noted = MemoryCache("presence", {"TIMEOUT": EVERY, "OPTIONS": {"MAX_ENTRIES": 10_000}})


class PresenceMiddleware:
    """Note that a session is in use, at most once in EVERY seconds and process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            _note(request)
        return self.get_response(request)


def _note(request: HttpRequest) -> None:
    key = request.session.session_key
    if not key or _noted.get(key):
        return
    _noted.set(key, True)
    seen = {"last_seen_at": timezone.now(), "ip": get_adapter(request).get_client_ip(request)}
    if not UserSession.objects.filter(session_key=key).update(**seen):
        UserSession.objects.create_from_request(request)


@receiver(user_logged_in)
def _begin(request: HttpRequest, **_: object) -> None:
    """The sign-in itself notes the session."""
    if request.session.session_key:
        _noted.set(request.session.session_key, True)
