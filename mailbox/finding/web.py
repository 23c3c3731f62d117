"""Asks web servers for configuration files: those of the domain itself, and the public database of providers."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from django.conf import settings

from accounts.hosts import HostRefused, HostUnknown, checked_web_addresses
from mailbox import web
from mailbox.finding.autoconfig import read_config
from mailbox.finding.values import Servers, Silent, domain_of

OWN_LIMITS = web.Limits(seconds=2.5, connect_seconds=1.5, octets=64 * 1024, redirects_count=2)
DATABASE_LIMITS = web.Limits(seconds=2.0, connect_seconds=1.5, octets=64 * 1024, redirects_count=2)
_XML = "application/xml, text/xml;q=0.9"


def own_config(address: str) -> Servers | None:
    """Return what the domain of `address` says of its servers. All places are asked at once, the first of them counts.

    Raises Silent where none of them answered.
    """
    urls = [_filled(url, address) for url in settings.AUTOCONFIG_URLS]
    with ThreadPoolExecutor(max_workers=max(len(urls), 1)) as pool:
        answers = list(pool.map(lambda url: _answer(url, OWN_LIMITS), urls))
    return _first(zip(urls, answers, strict=True), address)


def database_config(address: str) -> Servers | None:
    """Return what the public database knows of the domain. It is told the domain, and no address. Raises Silent."""
    url = settings.ISPDB_URL.replace("{domain}", quote(domain_of(address)))
    return _first([(url, _answer(url, DATABASE_LIMITS))], address)


def _filled(url: str, address: str) -> str:
    """Put the domain into a template, and the address only where the line is protected."""
    if not url.startswith("https:"):
        url = url.partition("?")[0]
    return url.replace("{domain}", quote(domain_of(address))).replace("{address}", quote(address, safe=""))


def _first(answers: Iterable[tuple[str, bytes | web.WebError]], address: str) -> Servers | None:
    failures = []
    for url, answer in answers:
        if isinstance(answer, web.WebError):
            failures.append(answer)
        elif servers := read_config(answer, address):
            is_secure = url.startswith("https:")
            return replace(servers, is_vouched=is_secure)
        else:
            failures.append(web.Garbled("no configuration"))
    if all(isinstance(each, web.Unreachable) for each in failures):
        raise Silent
    return None


def _answer(url: str, limits: web.Limits) -> bytes | web.WebError:
    resolve = partial(_resolve, is_secure=url.startswith("https:"))
    try:
        return web.get(url, resolve=resolve, accept=_XML, is_wanted=_may_be_xml, limits=limits).content
    except web.WebError as error:
        return error


def _resolve(host: str, port: int, *, is_secure: bool) -> Sequence[str]:
    """Return the checked addresses of a host that a person's domain names; asked for each redirect too."""
    if is_secure and port == 80:
        raise web.Forbidden("from a protected line to a plain one")
    try:
        return checked_web_addresses(host, port, listed=settings.PRIVATE_HOSTS)
    except HostRefused as error:
        raise web.Forbidden("a machine that is not asked") from error
    except HostUnknown as error:
        raise web.Unreachable("no such name") from error


def _may_be_xml(media_type: str) -> bool:
    return "xml" in media_type or media_type in {"", "text/plain", "application/octet-stream"}
