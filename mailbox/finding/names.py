"""Asks DNS: who takes a domain's mail (MX, RFC 5321), and which servers it names (SRV, RFC 6186 and 8314)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import dns.exception
import dns.resolver
from django.conf import settings

from accounts.models import Security
from mailbox.finding.values import Place, Servers, Silent, host_name

MX_SECONDS = 1.5
SRV_SECONDS = 1.5
# The better protected first. A plain name promises STARTTLS (RFC 8314, 5.1 prefers the other).
_POP3 = {"_pop3s._tcp": Security.TLS, "_pop3._tcp": Security.STARTTLS}
_SMTP = {"_submissions._tcp": Security.TLS, "_submission._tcp": Security.STARTTLS}
_MOST = 10


def exchangers(domain: str) -> list[str]:
    """Return the names of the servers that take the domain's mail, the most wanted first. Raises Silent."""
    records = sorted(_records(domain, "MX", MX_SECONDS), key=lambda each: each.preference)
    return [name for each in records[:_MOST] if (name := host_name(str(each.exchange)))]


def services(domain: str) -> Servers | None:
    """Return the servers that the domain names by SRV records; None where it names no POP3 server. Raises Silent."""
    names = [*_POP3, *_SMTP]
    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        answers = list(pool.map(lambda name: _service(f"{name}.{domain}"), names))
    if all(isinstance(each, Silent) for each in answers):
        raise Silent
    places = {name: each for name, each in zip(names, answers, strict=True) if isinstance(each, tuple)}
    pop3, smtp = _best(places, _POP3), _best(places, _SMTP)
    # DNS is not protected: unless the names lie in the domain, anybody may have put them there.
    return Servers(pop3=pop3, smtp=smtp, is_vouched=False) if pop3 else None


def _best(places: dict[str, tuple[str, int]], securities: dict[str, Security]) -> Place | None:
    return next((Place(*places[name], security) for name, security in securities.items() if name in places), None)


def _service(name: str) -> tuple[str, int] | Silent | None:
    try:
        records = sorted(_records(name, "SRV", SRV_SECONDS), key=lambda each: (each.priority, -each.weight))
    except Silent as silence:
        return silence
    # A target "." says that there is no such service (RFC 2782); it is no name of a host.
    return next(((host, each.port) for each in records[:_MOST] if (host := host_name(str(each.target)))), None)


def _records(name: str, kind: str, seconds: float) -> list[Any]:
    try:
        return list(_resolver().resolve(name, kind, lifetime=seconds, search=False))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
        return []
    except (dns.exception.Timeout, dns.resolver.NoNameservers, dns.resolver.NoResolverConfiguration, OSError) as error:
        raise Silent from error
    except dns.exception.DNSException:
        return []


def _resolver() -> dns.resolver.Resolver:
    """Return that of the machine, or the one that the operator names."""
    if not settings.DNS_SERVER:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    host, _colon, port = settings.DNS_SERVER.partition(":")
    resolver.nameservers, resolver.port = [host], int(port or 53)
    return resolver
