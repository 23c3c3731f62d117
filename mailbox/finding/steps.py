"""Looks for the servers of an address, step by step: what is near and certain first, what is guessed last.

No step needs or sees a password. Each is bounded in time, all together take less than ten seconds, and what came of
one is remembered for a while.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace

from django.conf import settings
from django.core.cache import cache

from accounts.hosts import is_mail_port
from accounts.providers import Provider, provider_by_exchangers, provider_of, provider_serving
from mailbox.finding.guesses import guessed
from mailbox.finding.names import exchangers, services
from mailbox.finding.remembered import read, written
from mailbox.finding.values import Came, Outcome, Place, Servers, Silent, Step, domain_of
from mailbox.finding.web import database_config, own_config

REMEMBERED_SECONDS = 600
# A network that was down may be back, and somebody tries again.
SILENCE_SECONDS = 60


def find(address: str) -> Iterator[Outcome]:
    """Yield what came of each step, until one has found the servers."""
    for step in Step:
        outcome = take(step, address)
        yield outcome
        if outcome.is_last:
            return


def take(step: Step, address: str) -> Outcome:
    """Do one step for `address`, or remember it."""
    if step == Step.FACTS:
        return _facts(address)
    key = _key(step, address)
    outcome = read(cache.get(key))
    if outcome is None:
        outcome = _asked(step, address)
        cache.set(key, written(outcome), SILENCE_SECONDS if outcome.came == Came.SILENCE else REMEMBERED_SECONDS)
    return outcome


def after(step: Step) -> Step | None:
    """Return the step that follows."""
    steps = list(Step)
    return next(iter(steps[steps.index(step) + 1 :]), None)


def is_offline(address: str) -> bool:
    """Whether nobody answered in any of the steps, which have just been done."""
    asked = [take(step, address).came for step in Step if step != Step.FACTS]
    return set(asked) <= {Came.SILENCE, Came.OFF}


def known_provider(address: str) -> Provider | None:
    """Return the provider whose domain it is, as the facts have it."""
    return provider_serving(domain_of(address))


def _facts(address: str) -> Outcome:
    provider = known_provider(address)
    if provider is None:
        return Outcome(Step.FACTS, Came.NOTHING)
    servers = _of_provider(provider, address)
    is_enough = provider.is_certain or not provider.has_pop3
    return Outcome(Step.FACTS, Came.FOUND if is_enough else Came.KNOWN, servers)


def _asked(step: Step, address: str) -> Outcome:
    if step == Step.DATABASE and not settings.ISPDB_URL:
        return Outcome(step, Came.OFF)
    try:
        servers = _ASKED[step](address)
    except Silent:
        return Outcome(step, Came.SILENCE)
    if servers is None or not all(map(_may_be_asked, (servers.pop3, servers.smtp))):
        return Outcome(step, Came.NOTHING)
    return Outcome(step, Came.FOUND, _judged(servers, address))


def _may_be_asked(place: Place | None) -> bool:
    """Whether the port is one of mail. Where the name leads is checked with each connection."""
    return place is None or is_mail_port(place.host, place.port)


def _judged(servers: Servers, address: str) -> Servers:
    """Add what is known of the provider whose servers these are, and whether somebody vouches for them."""
    provider = servers.provider or (provider_of(servers.pop3.host) if servers.pop3 else None)
    is_vouched = servers.is_vouched or servers.are_within(domain_of(address))
    return replace(servers, provider=provider, is_vouched=is_vouched)


def _hosted(address: str) -> Servers | None:
    provider = provider_by_exchangers(exchangers(domain_of(address)))
    # Whoever can change MX answers could only lead to one of the providers that are known.
    return _of_provider(provider, address) if provider else None


def _of_provider(provider: Provider, address: str) -> Servers:
    return Servers(
        pop3=Place.of(provider.pop3),
        smtp=Place.of(provider.smtp),
        login=provider.login_of(address),
        smtp_login=provider.login_of(address),
        is_token_only=not provider.takes_passwords,
        help_page=provider.help_page,
        provider=provider,
    )


_ASKED: dict[Step, Callable[[str], Servers | None]] = {
    Step.OWN: own_config,
    Step.DATABASE: database_config,
    Step.EXCHANGERS: _hosted,
    Step.SERVICES: lambda address: services(domain_of(address)),
    Step.GUESSES: lambda address: guessed(domain_of(address)),
}


def _key(step: Step, address: str) -> str:
    """Name what is remembered: by the address, for a file may hold a login that is made of it."""
    digest = hashlib.sha256(f"{step} {address.lower()}".encode()).hexdigest()
    return f"finding:{digest}"
