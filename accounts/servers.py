"""Mail servers written as URLs, as the operator names them on the command line."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from django.utils.translation import gettext as _

from accounts.models import Security

type Kind = Literal["pop3", "smtp"]

# Scheme -> what is spoken, how the line is protected, the port unless another is given (RFC 1939, 6409, 8314).
SCHEMES: dict[str, tuple[Kind, Security, int]] = {
    "pop3": ("pop3", Security.NONE, 110),
    "pop3+starttls": ("pop3", Security.STARTTLS, 110),
    "pop3s": ("pop3", Security.TLS, 995),
    "smtp": ("smtp", Security.NONE, 587),
    "smtp+starttls": ("smtp", Security.STARTTLS, 587),
    "smtps": ("smtp", Security.TLS, 465),
}


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """A server and who logs in to it; `login` and `password` are "" where the URL names nobody."""

    kind: Kind
    security: Security
    host: str
    port: int
    login: str
    password: str = field(repr=False)


class UrlError(ValueError):
    """The URL names no server; `str()` says why in one sentence, without the password."""


def parse_url(url: str) -> ServerUrl:
    """Read `pop3s://user:password@host:port`; login and password are percent-decoded. Raises UrlError."""
    parts = _split(url)
    if parts.scheme not in SCHEMES:
        raise UrlError(_("A server begins with one of %(schemes)s.") % {"schemes": _schemes()})
    kind, security, default_port = SCHEMES[parts.scheme]
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise UrlError(
            _("Write / ? and # in a login or password percent-encoded: %2F, %3F, %23. Nothing may follow the port.")
        )
    if not parts.hostname:
        raise UrlError(_("The URL names no server. Write %(scheme)s://user:password@host") % {"scheme": parts.scheme})
    login, password = _decoded(parts.username), _decoded(parts.password)
    return ServerUrl(kind, security, parts.hostname, _port(parts) or default_port, login, password)


def _split(url: str) -> SplitResult:
    # urlsplit would drop tabs and line ends without a word.
    if any(not letter.isprintable() or letter.isspace() for letter in url):
        raise UrlError(_("The URL holds a space or a control character. Write it percent-encoded: a space is %20."))
    try:
        return urlsplit(url)
    except ValueError as error:
        raise UrlError(_("The URL is malformed; an IPv6 address stands in square brackets.")) from error


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError as error:
        raise UrlError(_("The port is a number from 1 to 65535.")) from error
    if port == 0:
        raise UrlError(_("The port is a number from 1 to 65535."))
    return port


def _decoded(text: str | None) -> str:
    try:
        return unquote(text or "", errors="strict")
    except UnicodeDecodeError as error:
        raise UrlError(_("The percent-encoding of the login or password is not UTF-8.")) from error


def _schemes() -> str:
    return ", ".join(f"{scheme}://" for scheme in SCHEMES)
