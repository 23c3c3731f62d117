"""The server through which Letterbox sends what it writes itself, read from one URL."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Scheme -> backend's options, and the port unless another is given (RFC 6409, 8314).
_SCHEMES: dict[str, tuple[dict[str, bool], int]] = {
    "smtp": ({}, 587),
    "smtp+starttls": ({"use_tls": True}, 587),
    "smtps": ({"use_ssl": True}, 465),
}
_SECONDS = 20


def mailers(url: str) -> dict[str, dict[str, Any]]:
    """Return Django's MAILERS for `smtps://user:password@host:port`, as in `addaccount`; for "" one that sends nothing.

    Raises ImproperlyConfigured, without the password, when the URL names no server.
    """
    if not url:
        return {"default": {"BACKEND": "webmail.unposted.EmailBackend"}}
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must be smtps://user:password@host, smtp+starttls://… or smtp://…")
    security, port = _SCHEMES[parts.scheme]
    options = {
        "host": parts.hostname,
        "port": parts.port or port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "timeout": _SECONDS,
        **security,
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
