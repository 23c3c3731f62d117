"""Where a person is signed in, and how he ends that elsewhere."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY, logout
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.browsers import browser_name
from accounts.models import User
from accounts.numbers import number_in

# The name in a session of the browser's subscription to notifications; see `mailbox.views.notifications`.
PUSH_KEY = "push"


@dataclass(frozen=True, slots=True)
class Place:
    """One session as its person sees it."""

    pk: int
    browser: str
    """Such as `Firefox, Windows`; "" where the browser says nothing known."""
    address: str
    since: datetime
    seen: datetime
    is_this: bool


def places_of(user: User, session_key: str | None) -> list[Place]:
    """Return where `user` is signed in, this session first, then the one that was used last."""
    known = list(UserSession.objects.filter(user=user))
    alive = _alive(user, [each.session_key for each in known])
    places = [
        Place(
            pk=each.pk,
            browser=browser_name(each.user_agent),
            address=each.ip,
            since=each.created_at,
            seen=each.last_seen_at,
            is_this=each.session_key == session_key,
        )
        for each in known
        if each.session_key in alive
    ]
    return sorted(places, key=lambda place: (not place.is_this, -place.seen.timestamp()))


def end(session: UserSession) -> None:
    """End a session at once, with the notifications of its browser."""
    data = session._session_store(session.session_key).load()
    if subscribed := data.get(PUSH_KEY):
        session.user.push_subscriptions.filter(sha256=subscribed).delete()
    session.end()


def end_all(user: User, *, but: str | None = None) -> int:
    """End every session of `user` but that with the key `but`; return how many these were."""
    others = list(UserSession.objects.filter(user=user).exclude(session_key=but or "").select_related("user"))
    for session in others:
        end(session)
    return len(others)


def prune(now: datetime) -> None:
    """Forget sessions that are over, also those of strangers who only looked at the door."""
    Session.objects.filter(expire_date__lte=now).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


@require_POST
def end_one(request: HttpRequest) -> HttpResponse:
    """Sign out where the person is signed in too; where he sits now, if he chose that."""
    own = UserSession.objects.filter(user=request.user).select_related("user")
    session = get_object_or_404(own, pk=number_in(request.POST.get("session", "")))
    is_this = session.session_key == request.session.session_key
    if is_this:
        logout(request)
        session.delete()
        return redirect("account_login")
    end(session)
    messages.success(request, _("That browser is signed out."))
    return redirect("security")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    end_all(request.user, but=request.session.session_key)
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("security")


@receiver([password_changed, password_reset, password_set])
def _end_with_password(request: HttpRequest, user: User, **_: object) -> None:
    """A new password ends every session but the one in which it was chosen."""
    end_all(user, but=request.session.session_key if request.user.pk == user.pk else None)


def _alive(user: User, keys: list[str]) -> set[str]:
    """Return the keys of sessions that still let `user` in: not over, and not of an older password."""
    stamp = user.get_session_auth_hash()
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return {row.session_key for row in rows if row.get_decoded().get(HASH_SESSION_KEY) == stamp}
