"""Forgotten passwords and the address for them: allauth's screens where Letterbox can write, plain words where not."""

from allauth.account import views as signing
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.confirming import confirmed


@login_not_required
def ask(request: HttpRequest) -> HttpResponse:
    """Send a link for a new password, or say whom to ask."""
    if not settings.WRITES_LETTERS:
        return render(request, "account/password_reset_by_hand.html")
    return signing.password_reset(request)


@confirmed
def address(request: HttpRequest) -> HttpResponse:
    """Change the address for signing in and for new passwords; the new one proves itself by a letter."""
    if not settings.WRITES_LETTERS:
        return redirect("security")
    return signing.email(request)


@confirmed
def set_first(request: HttpRequest) -> HttpResponse:
    """A password for somebody who has none."""
    return signing.password_set(request)
