"""The authorization servers of Google and Microsoft: their endpoints, what is asked of them, and by which client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings

from accounts.providers import Provider, provider_of

GOOGLE, MICROSOFT = "google", "microsoft"


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """One of them (RFC 6749, 1.1), as the operator has registered Letterbox with it."""

    name: str
    label: str
    """What people call it."""
    authorization_endpoint: str
    token_endpoint: str
    scopes: tuple[str, ...]
    client_id: str
    client_secret: str = field(repr=False)
    device_endpoint: str = ""
    """RFC 8628, 3.1; "" where the mail may not be asked for that way."""
    revocation_endpoint: str = ""
    """RFC 7009; "" where there is none."""
    more: Mapping[str, str] = field(default_factory=dict)
    """What else the authorization request says, so that a refresh token is issued."""

    @property
    def is_ready(self) -> bool:
        """Whether the operator has registered a client here."""
        return bool(self.client_id)

    def authorization_request(self, *, state: str, challenge: str, redirect_uri: str, address: str) -> str:
        """Return the address to send a person to (RFC 6749, 4.1.1; RFC 7636, 4.3)."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.scopes),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "login_hint": address,
            **self.more,
        }
        return f"{self.authorization_endpoint}?{urlencode(query)}"


def server_named(name: str) -> AuthorizationServer | None:
    """Return the authorization server of this name."""
    make = _MAKERS.get(name)
    return make() if make else None


def server_for(provider: Provider | None) -> AuthorizationServer | None:
    """Return the one by which people sign in at `provider`; None where that is unknown or no client is registered."""
    found = server_named(provider.oauth) if provider else None
    return found if found and found.is_ready else None


def has_mail_of(host: str, name: str) -> bool:
    """Whether the mail server `host` is one of the provider whose authorization server is called `name`.

    A token goes nowhere else, whatever a form or the panel made of the server.
    """
    provider = provider_of(host)
    return bool(settings.OAUTH_STAND_IN) or (provider is not None and provider.oauth == name)


def _google() -> AuthorizationServer:
    # No device endpoint: it does not issue tokens for mail.
    base = _stand_in(GOOGLE)
    return AuthorizationServer(
        name=GOOGLE,
        label="Google",
        authorization_endpoint=f"{base}/authorize" if base else "https://accounts.google.com/o/oauth2/v2/auth",
        token_endpoint=f"{base}/token" if base else "https://oauth2.googleapis.com/token",
        revocation_endpoint=f"{base}/revoke" if base else "https://oauth2.googleapis.com/revoke",
        scopes=("https://mail.google.com/",),
        client_id=settings.GOOGLE_CLIENT_ID,
        client_secret=settings.GOOGLE_CLIENT_SECRET,
        more={"access_type": "offline", "prompt": "consent"},
    )


def _microsoft() -> AuthorizationServer:
    tenant = settings.MICROSOFT_TENANT
    base = _stand_in(MICROSOFT) or f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
    return AuthorizationServer(
        name=MICROSOFT,
        label="Microsoft",
        authorization_endpoint=f"{base}/authorize",
        token_endpoint=f"{base}/token",
        device_endpoint=f"{base}/devicecode",
        scopes=(
            "https://outlook.office.com/POP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",
        ),
        client_id=settings.MICROSOFT_CLIENT_ID,
        client_secret=settings.MICROSOFT_CLIENT_SECRET,
    )


def _stand_in(name: str) -> str:
    return f"{settings.OAUTH_STAND_IN}/{name}" if settings.OAUTH_STAND_IN else ""


_MAKERS = {GOOGLE: _google, MICROSOFT: _microsoft}
