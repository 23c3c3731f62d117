"""The facts about providers, read once from `facts.toml`, and the ways to look one up."""

import tomllib
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from accounts.providers.provider import Elsewhere, LoginForm, Password, Provider, ends_with
from accounts.servers import ServerUrl, parse_url

_FACTS = Path(__file__).with_name("facts.toml")


def _provider(row: dict[str, Any]) -> Provider:
    return Provider(
        name=row["name"],
        pop3=_server(row.get("pop3")),
        smtp=_server(row.get("smtp")),
        login_form=LoginForm(row.get("login", LoginForm.ADDRESS)),
        password_kind=Password(row.get("password", Password.USUAL)),
        is_switched_off=row.get("switch", False),
        elsewhere=Elsewhere(row["without-pop3"]) if "without-pop3" in row else None,
        has_recent_mode=row.get("recent", False),
        help_page=row.get("help", ""),
        first_page=row.get("page", ""),
        oauth=row.get("oauth", ""),
        **{name: tuple(row.get(name, ())) for name in ("domains", "exchangers", "servers", "judges")},
    )


def _server(url: str | None) -> ServerUrl | None:
    return parse_url(url) if url else None


PROVIDERS = tuple(_provider(row) for row in tomllib.loads(_FACTS.read_text("utf-8"))["provider"])


@lru_cache(maxsize=1024)
def provider_of(host: str) -> Provider | None:
    """Return the provider that a server belongs to, where it is one of those known here."""
    return _nearest(host, lambda each: each.servers)


def provider_serving(domain: str) -> Provider | None:
    """Return the provider whose own domain this is: other people have addresses there too."""
    name = domain.strip().lower().rstrip(".")
    return next((each for each in PROVIDERS if name in each.domains), None)


def provider_by_exchangers(names: Iterable[str]) -> Provider | None:
    """Return the provider to whose servers a domain's MX records lead, the most wanted of them first."""
    return next(filter(None, (_nearest(name, lambda each: each.exchangers) for name in names)), None)


def judges_of(host: str) -> frozenset[str]:
    """Return the names that the provider of this POP3 server signs its findings about senders with."""
    provider = provider_of(host)
    return frozenset(provider.judges) if provider else frozenset()


def _nearest(name: str, ends: Callable[[Provider], Iterable[str]]) -> Provider | None:
    """Return the provider with the longest end that `name` has, for some lie below others."""
    best = max(PROVIDERS, key=lambda each: ends_with(name, ends(each)))
    return best if ends_with(name, ends(best)) else None
