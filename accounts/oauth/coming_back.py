"""Where providers send people back to."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

# Without TLS to this machine only (RFC 8252, 7.3).
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def can_come_back(request: HttpRequest) -> bool:
    """Whether providers send people back to the address under which this page is open."""
    parts = urlsplit(settings.SITE_URL or request.build_absolute_uri("/"))
    return parts.scheme == "https" or parts.hostname in _THIS_MACHINE


def redirect_uri(request: HttpRequest, server: str) -> str:
    """Return the one address that the operator has registered with the authorization server of this name.

    Each has one of its own, so that the answer of one cannot be taken for that of another (RFC 9700, 4.4).
    """
    path = reverse("oauth_back", args=[server])
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)
