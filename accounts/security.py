"""The screen that gathers all that guards a person's mail: password, second factor, passkeys, sessions, address."""

from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import AuditEvent, Departure, User
from accounts.passkeys import passkey_of
from accounts.sessions import places_of

# As many of the latest events as a person reads.
EVENTS = 20


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Everything about signing in, each with the way to change it."""
    user = cast("User", request.user)
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    context: dict[str, Any] = {
        "here": "settings",
        "has_password": user.has_usable_password(),
        "app": _of(factors, Authenticator.Type.TOTP),
        "passkeys": [passkey_of(each) for each in factors if each.type == Authenticator.Type.WEBAUTHN],
        "codes": _of(factors, Authenticator.Type.RECOVERY_CODES),
        "places": places_of(user, request.session.session_key),
        "awaited": EmailAddress.objects.filter(user=user, verified=False).exclude(email__iexact=user.email).first(),
        "departure": Departure.objects.filter(user=user).first(),
        "writes": settings.WRITES_LETTERS,
        "events": AuditEvent.of(user)[:EVENTS],
    }
    context["code_count"] = _code_count(context["codes"])
    return render(request, "accounts/security/page.html", context)


def _of(factors: list[Authenticator], kind: str) -> Authenticator | None:
    return next((each for each in factors if each.type == kind), None)


def _code_count(codes: Authenticator | None) -> int:
    """Return how many recovery codes are left; 0 also where their key is gone."""
    try:
        return len(codes.wrap().get_unused_codes()) if codes else 0
    except ValidationError:
        return 0
