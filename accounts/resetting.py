"""Forgotten passwords and the address for them: allauth's screens where Letterbox can write, plain words where not."""

from typing import cast

from allauth.account import views as signing
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.confirming import confirmed
from accounts.models import User


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
    believe_the_operator(cast("User", request.user))
    return signing.email(request)


@confirmed
def set_first(request: HttpRequest) -> HttpResponse:
    """A password for somebody who has none."""
    return signing.password_set(request)


def believe_the_operator(user: User) -> None:
    """Count the address of a person as confirmed: else allauth drops it as soon as another is asked for."""
    address = user.email.lower()
    others = EmailAddress.objects.filter(email=address, verified=True).exclude(user=user)
    if address and not others.exists():
        EmailAddress.objects.filter(user=user, verified=True).exclude(email=address).delete()
        EmailAddress.objects.update_or_create(user=user, email=address, defaults={"verified": True, "primary": True})
