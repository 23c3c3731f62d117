"""Addresses of the web, read strictly: what two programs might read differently is refused."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from .errors import Forbidden

LONGEST = 4_000
"""Characters of an address; trackers carry much in theirs, but no more than this."""
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
_IP6 = re.compile(r"[0-9a-f:.]{2,45}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")
# Browsers leave them out wherever they stand.
_BREAKS = re.compile(r"[\t\r\n]")
_PLAIN = "!#$%&'()*+,-./:;=?@[]_~|"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: `host` as it is resolved and verified, `path` as it is sent, in ASCII."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def host_field(self) -> str:
        """The value of the Host field (RFC 9110, 7.2): the port only where it is not the usual one."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def address(self) -> str:
        return f"{self.scheme}://{self.host_field}{self.path}"


def read_target(address: str) -> Target:
    """Return where `address` leads. Raises Forbidden for all but http and https without credentials."""
    address = _BREAKS.sub("", address).strip()
    if len(address) > LONGEST or _CONTROL.search(address):
        raise Forbidden("an address that cannot be read")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise Forbidden("an address that cannot be read") from error
    if parts.scheme not in _PORTS or "@" in parts.netloc or port == 0:
        raise Forbidden("an address of a kind that is not asked")
    return Target(parts.scheme, _host(parts), port or _PORTS[parts.scheme], _path(parts))


def redirected(target: Target, location: str) -> Target:
    """Return where a Location field (RFC 9110, 10.2.2), octets as Latin-1, leads from `target`. Raises Forbidden."""
    try:
        return read_target(urljoin(target.address, quote(location.strip().encode("latin-1", "replace"), safe=_PLAIN)))
    except ValueError as error:
        raise Forbidden("an address that cannot be read") from error


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise Forbidden("a name that cannot be read") from error
    pattern = _IP6 if ":" in host else _NAME
    if len(host) > 253 or not pattern.fullmatch(host):
        raise Forbidden("a name that cannot be read")
    return host


def _path(parts: SplitResult) -> str:
    query = f"?{parts.query}" if parts.query else ""
    return quote((parts.path or "/") + query, safe=_PLAIN.replace("#", ""))
