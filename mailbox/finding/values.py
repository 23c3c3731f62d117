"""What is looked for, and what came of each step of looking."""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Security
from accounts.providers import Provider
from accounts.senders import domain
from accounts.servers import ServerUrl

_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_LOGIN = 254


class Step(enum.StrEnum):
    """Where servers are looked for, in this order."""

    FACTS = "facts"
    OWN = "own"
    DATABASE = "database"
    EXCHANGERS = "exchangers"
    SERVICES = "services"
    GUESSES = "guesses"


class Came(enum.StrEnum):
    """What came of a step."""

    FOUND = "found"
    # The provider is known, but not its servers.
    KNOWN = "known"
    NOTHING = "nothing"
    SILENCE = "silence"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Place:
    """A server: where it is, and how the line to it is protected, which is never not at all."""

    host: str
    port: int
    security: Security

    @classmethod
    def of(cls, url: ServerUrl | None) -> "Place | None":
        return cls(url.host, url.port, Security(url.security)) if url else None


@dataclass(frozen=True, slots=True)
class Servers:
    """Both servers of a domain, or as much of them as was found. Texts of strangers in it are checked or shortened."""

    pop3: Place | None = None
    smtp: Place | None = None
    login: str = ""
    """What the person logs in with; "" for the whole address."""
    smtp_login: str = ""
    is_token_only: bool = False
    """Whether no password is taken there."""
    help_page: str = ""
    provider: Provider | None = None
    is_vouched: bool = True
    """Whether what named them came over a line that nobody could change."""

    def are_within(self, name: str) -> bool:
        """Whether their names lie in the domain `name`, so that TLS itself proves whose they are."""
        places: Sequence[Place | None] = (self.pop3, self.smtp)
        return all(place is None or f".{place.host}".endswith(f".{name}") for place in places)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step with what came of it."""

    step: Step
    came: Came
    servers: Servers | None = None

    @property
    def is_last(self) -> bool:
        """Whether nothing is to be looked for after it."""
        return self.came == Came.FOUND


class Silent(Exception):
    """Nobody answered in time, or there is no network."""


def host_name(text: str) -> str:
    """Return the name of a server that a stranger wrote, in small letters; "" for what is none."""
    name = text.strip().lower().rstrip(".")
    return name if _HOST.fullmatch(name) or _is_address(name) else ""


def login_text(text: str) -> str:
    """Return a login that a stranger wrote; "" for what cannot be one."""
    return text if text.isprintable() and len(text) <= _LONGEST_LOGIN else ""


def domain_of(address: str) -> str:
    """Return the domain of a mail address in A-labels, without a closing dot."""
    return domain(address).rstrip(".")


def _is_address(name: str) -> bool:
    return bool(re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", name))
