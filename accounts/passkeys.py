"""The passkeys of a person: naming and removing one. An address names one by a key that cannot be counted up."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

# How long the session of somebody who only looked at the door is kept.
UNKNOWN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey as its person sees it."""

    key: str
    name: str
    made: datetime
    used: datetime | None


def passkey_of(authenticator: Authenticator) -> Passkey:
    return Passkey(
        key=_key_of(authenticator),
        name=str(authenticator),
        made=authenticator.created_at,
        used=authenticator.last_used_at,
    )


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey; GET says what the browser is to prove, which its session remembers for an hour."""
    if request.method == "GET" and not request.user.is_authenticated:
        request.session.set_expiry(UNKNOWN_SECONDS)
    return webauthn.login_webauthn(request)


def rename(request: HttpRequest, key: str) -> HttpResponse:
    """Call a passkey something else."""
    return webauthn.edit_webauthn(request, pk=_own(request, key).pk)


def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Take a passkey away: it signs nobody in any more."""
    return webauthn.remove_webauthn(request, pk=_own(request, key).pk)


def _own(request: HttpRequest, key: str) -> Authenticator:
    own = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
    for authenticator in own:
        if constant_time_compare(_key_of(authenticator), key):
            return authenticator
    raise Http404


def _key_of(authenticator: Authenticator) -> str:
    return salted_hmac("accounts.passkeys", str(authenticator.pk), algorithm="sha256").hexdigest()[:16]
