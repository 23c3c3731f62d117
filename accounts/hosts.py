"""Which hosts may be named as mail servers: whoever has an account here must not reach into the private network."""

import ipaddress
import socket
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

# The ports of mail access and submission, and those on which hosters put the second when networks block the first.
MAIL_PORTS = frozenset({25, 110, 465, 587, 995, 2110, 2525})
# IANA has given out global unicast addresses from here only; the rest are links, sites, groups and translations.
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# RFC 6052, 2.1: the last 32 bits are the IPv4 address that a NAT64 gateway connects to.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SIX_TO_FOUR_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")

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
    """Return the IP address to connect to for `host`, which is resolved this once.

    All its addresses must be public and the port one of mail, unless `may_be_private` or PRIVATE_HOSTS names the host
    or the network of every address. Raises HostRefused or HostUnknown. Connecting to the name again instead of to
    this address would let its owner answer with another one the second time.
    """
    addresses = _resolve(host, port)
    if may_be_private or _is_listed(host) or all(map(_is_in_listed_network, addresses)):
        return str(addresses[0])
    if port not in MAIL_PORTS or not all(map(_is_public, addresses)):
        raise HostRefused
    return str(addresses[0])


def _resolve(host: str, port: int) -> list[Address]:
    # An empty name would resolve to this machine.
    if not host.strip():
        raise HostUnknown(host)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, OverflowError) as error:
        raise HostUnknown(host) from error
    return [_unwrapped(ipaddress.ip_address(target[0])) for *_rest, target in found]


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that stands for it on this machine."""
    return getattr(address, "ipv4_mapped", None) or address


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and address not in SIX_TO_FOUR_RELAYS
    if address in NAT64:
        return _is_public(ipaddress.IPv4Address(address.packed[-4:]))
    return address.is_global and address in GLOBAL_UNICAST


def _is_listed(host: str) -> bool:
    return _bare(host) in map(_bare, settings.PRIVATE_HOSTS)


def _bare(host: str) -> str:
    return host.strip().rstrip(".").casefold()


def _is_in_listed_network(address: Address) -> bool:
    return any(address in network for network in _listed_networks())


def _listed_networks() -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for entry in settings.PRIVATE_HOSTS:
        try:
            yield ipaddress.ip_network(entry.strip(), strict=False)
        except ValueError:
            continue
