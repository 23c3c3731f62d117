"""Which machines may be connected to: neither a person nor a stranger's mail may reach into the private network.

People name mail servers; the mail of strangers names web servers. What counts as public is the same for both.
"""

import ipaddress
import socket
from collections.abc import Collection, Iterable, Iterator, Sequence

from django.conf import settings
from django.utils.translation import gettext as _

# The ports of mail access and submission, and those on which hosters put the second when networks block the first.
MAIL_PORTS = frozenset({25, 110, 465, 587, 995, 2110, 2525})
WEB_PORTS = frozenset({80, 443})
# IANA has given out global unicast addresses from here only; the rest are links, sites, groups and translations.
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# RFC 6052, 2.1: the last 32 bits are the IPv4 address that a NAT64 gateway connects to.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SIX_TO_FOUR_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")
# RFC 3056 and 4380: addresses that carry an IPv4 address, which a gateway may unpack on its own.
TUNNELS = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/32"))
# RFC 9637: for documentation, and not yet known to all versions of Python.
DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class HostError(Exception):
    """No connection is made to this server; `str()` is a sentence for the person who named it."""


class HostRefused(HostError):
    """The server lies where people may not point. The sentence never says where it lies, nor whether it is there."""

    def __init__(self) -> None:
        super().__init__(_("This server may not be used. Ask the person who runs Letterbox to allow it."))


class HostUnknown(HostError):
    """The name of the server does not resolve."""

    def __init__(self, host: str) -> None:
        super().__init__(_("There is no server named “%(host)s”. Check the spelling.") % {"host": host})


def checked_address(host: str, port: int, *, may_be_private: bool = False) -> str:
    """Return the IP address to connect to for the mail server `host`, which is resolved this once.

    All its addresses must be public and the port one of mail, unless `may_be_private` or PRIVATE_HOSTS names the host
    or the network of every address. Raises HostRefused or HostUnknown. Connecting to the name again instead of to
    this address would let its owner answer with another one the second time.
    """
    addresses = _resolve(host, port)
    if not may_be_private:
        _refuse(host, port, addresses, ports=MAIL_PORTS, listed=settings.PRIVATE_HOSTS)
    return str(addresses[0])


def is_mail_port(host: str, port: int) -> bool:
    """Whether a mail server may be named with this port; the operator's own in PRIVATE_HOSTS stand where they like."""
    return port in MAIL_PORTS or _is_listed(host, settings.PRIVATE_HOSTS)


def checked_web_addresses(host: str, port: int, *, listed: Sequence[str] | None = None) -> list[str]:
    """Return the IP addresses of the web server `host`, like `checked_address`.

    PRIVATE_HOSTS opens nothing here: those are the servers that people may name, and this is what strangers name.
    PRIVATE_WEB_HOSTS does, or what is `listed` in its place.
    """
    addresses = _resolve(host, port)
    listed = settings.PRIVATE_WEB_HOSTS if listed is None else listed
    _refuse(host, port, addresses, ports=WEB_PORTS, listed=listed)
    return list(dict.fromkeys(map(str, addresses)))


def _refuse(
    host: str, port: int, addresses: Sequence[Address], *, ports: Collection[int], listed: Sequence[str]
) -> None:
    """Raise HostRefused unless all is public, or `listed` names the host or the network of every address."""
    if _is_listed(host, listed) or all(_is_in_network(address, listed) for address in addresses):
        return
    if port not in ports or not all(map(_is_public, addresses)):
        raise HostRefused


def _resolve(host: str, port: int) -> list[Address]:
    # An empty name would resolve to this machine.
    if not host.strip():
        raise HostUnknown(host)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, OverflowError) as error:
        if _is_this_machine(host):
            return [ipaddress.IPv4Address("127.0.0.1")]
        raise HostUnknown(host) from error
    return [_unwrapped(ipaddress.ip_address(target[0])) for *_rest, target in found]


def _is_this_machine(host: str) -> bool:
    """Whether a name means this machine whatever resolvers say (RFC 6761, 6.3); some know it only without the dot."""
    return f".{_bare(host)}".endswith(".localhost")


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that stands for it on this machine."""
    return getattr(address, "ipv4_mapped", None) or address


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and address not in SIX_TO_FOUR_RELAYS
    if address in NAT64:
        return _is_public(ipaddress.IPv4Address(address.packed[-4:]))
    if address in DOCUMENTATION or any(address in tunnel for tunnel in TUNNELS):
        return False
    return address.is_global and address in GLOBAL_UNICAST


def _is_listed(host: str, listed: Iterable[str]) -> bool:
    return _bare(host) in map(_bare, listed)


def _bare(host: str) -> str:
    return host.strip().rstrip(".").casefold()


def _is_in_network(address: Address, listed: Iterable[str]) -> bool:
    return any(address in network for network in _networks(listed))


def _networks(listed: Iterable[str]) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for entry in listed:
        try:
            yield ipaddress.ip_network(entry.strip(), strict=False)
        except ValueError:
            continue
