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
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

SESSION_KEY = "confirmed_at"
SECONDS = 15 * 60
# What was typed into a form is not lost while somebody looks something up.
FORM_SECONDS = 60 * 60

type View = Callable[..., HttpResponse]


def is_confirmed(request: HttpRequest, seconds: int = SECONDS) -> bool:
    """Whether the person of this session proved within `seconds` that it is he."""
    since: float = request.session.get(SESSION_KEY, 0)
    return 0 <= time.time() - since < seconds


def confirmed(view: View) -> View:
    """Send whoever has not shown lately that it is he to do so; he comes back to the same page.

    What was posted is not kept, since it may hold a password.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        seconds = FORM_SECONDS if request.method == "POST" else SECONDS
        asked = [] if is_confirmed(request, seconds) else _ways(request)
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


@receiver(authentication_step_completed)
def _note_step(request: HttpRequest, reauthenticated: bool = False, **_: object) -> None:
    if reauthenticated:
        request.session[SESSION_KEY] = time.time()
