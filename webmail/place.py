"""Where people open this installation, for links that are written outside of a page."""

from django.conf import settings


def address_of(path: str) -> str:
    """Return the whole address of a page: SITE_URL if the operator named it, else the likeliest."""
    host = next(iter(settings.ALLOWED_HOSTS), "localhost").lstrip(".")
    return f"{settings.SITE_URL or (f'https://{host}' if settings.HTTPS else 'http://127.0.0.1:8000')}{path}"
