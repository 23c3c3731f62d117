"""Whether somebody has just shown that it is he who sits there: asked before secrets, security and deletion.

A session lasts a month, and browsers are left open. Signing in counts for a quarter of an hour, and so does the
password, a code or a passkey that is given again.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import authentication_step_completed
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode

from webmail.htmx import wants_part

SESSION_KEY = "confirmed_at"
# What was typed into a form is not lost while somebody looks something up.
FORM_SECONDS = 60 * 60

type View = Callable[..., HttpResponseBase]


def is_confirmed(request: HttpRequest, more_seconds: int = 0) -> bool:
    """Whether the person of this session proved within CONFIRMED_SECONDS, or so much longer, that it is he."""
    since: float = request.session.get(SESSION_KEY, 0)
    return 0 <= time.time() - since < settings.CONFIRMED_SECONDS + more_seconds


def confirmed(view: View) -> View:
    """Send whoever has not shown lately that it is he to do so; he comes back to the same page.

    What was posted is not kept, since it may hold a password.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponseBase:
        more_seconds = FORM_SECONDS if request.method == "POST" or wants_part(request) else 0
        asked = [] if is_confirmed(request, more_seconds) else _ways(request)
        if asked:
            return redirect(f"{asked[0]['url']}?{urlencode({'next': request.get_full_path()})}")
        return view(request, *arguments, **options)

    return guarded


def _ways(request: HttpRequest) -> list[dict[str, Any]]:
    """How the person can show it; [] for one who signs in elsewhere and has nothing here."""
    ways: list[dict[str, Any]] = get_adapter(request).get_reauthentication_methods(request.user)
    return ways


@receiver(user_logged_in)
def _note_sign_in(request: HttpRequest, **_: object) -> None:
    request.session[SESSION_KEY] = time.time()
    # That of a stranger at the door was kept for an hour; see `passkeys.sign_in`.
    request.session.set_expiry(None)


@receiver(authentication_step_completed)
def _note_step(request: HttpRequest, reauthenticated: bool = False, **_: object) -> None:
    if reauthenticated:
        request.session[SESSION_KEY] = time.time()
