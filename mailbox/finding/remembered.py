"""What came of a step, as text for the cache and back: what lies in a cache is read as values, never as objects."""

import json
from dataclasses import asdict, replace

from accounts.models import Security
from accounts.providers import PROVIDERS
from mailbox.finding.values import Came, Outcome, Place, Servers, Step


def written(outcome: Outcome) -> str:
    """Return `outcome` as JSON; a provider is its place in the facts."""
    servers = outcome.servers
    kept = asdict(replace(servers, provider=None)) if servers else None
    if servers and servers.provider and kept:
        kept["provider"] = PROVIDERS.index(servers.provider)
    return json.dumps({"step": outcome.step, "came": outcome.came, "servers": kept})


def read(text: object) -> Outcome | None:
    """Return what `written` wrote; None for everything else."""
    if not isinstance(text, str):
        return None
    kept = json.loads(text)
    return Outcome(Step(kept["step"]), Came(kept["came"]), _servers(kept["servers"]))


def _servers(kept: dict[str, object] | None) -> Servers | None:
    if kept is None:
        return None
    number = kept["provider"]
    provider = PROVIDERS[number] if isinstance(number, int) else None
    places = {name: _place(kept[name]) for name in ("pop3", "smtp")}
    return Servers(**(kept | places | {"provider": provider}))  # type: ignore[arg-type]


def _place(kept: object) -> Place | None:
    return Place(kept["host"], kept["port"], Security(kept["security"])) if isinstance(kept, dict) else None
