"""The values that a POP3 client and server speak about."""

import enum
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Security(enum.StrEnum):
    """How a connection is protected (RFC 8314 prefers TLS from the first octet)."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Server:
    """Where a maildrop is. `address` is the IP to connect to once the host was resolved and checked; `host` is the
    name that the certificate must bear."""

    host: str
    port: int
    security: Security
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session may last and how much it may hold.

    Seconds: to connect and shake hands; for one reply line, and for silence inside a message; for the whole session.
    `message_octets`: a longer message is not retrieved. `skip_octets`: so much more of it is read away to reach the
    next one. `listing_count`: messages in a maildrop. `line_octets`: a reply or listing line (message lines have no
    limit). `spool_octets`: size of the receive buffer; a longer message is received into a temporary file.
    `top_octets`: the answer to a TOP is cut after so many. `window_octets` and `window_count`: what may be asked for
    ahead of its answer.
    """

    connect_seconds: float = 20
    command_seconds: float = 60
    session_seconds: float = 600
    message_octets: int = 60 * 2**20
    skip_octets: int = 2**30
    listing_count: int = 250_000
    line_octets: int = 8192
    spool_octets: int = 2**20
    top_octets: int = 2**18
    window_octets: int = 2 * 2**20
    window_count: int = 256


class Listed(NamedTuple):
    """One line of a maildrop's listing. `uidl` is "" where the server gives no unique-id; octets are its own claim.

    A tuple, because a maildrop may have a hundred thousand of them.
    """

    number: int
    octets: int
    uidl: str


class Spooled(Protocol):
    """Octets that are kept outside of memory."""

    def __len__(self) -> int: ...
    def read(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A message exactly as the server has it, dots unstuffed, line ends untouched.

    `body` holds a long message in a temporary file, which goes with it; `octets` reads it back each time.
    """

    listed: Listed
    body: bytes | Spooled

    @property
    def octets(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else self.body.read()

    @property
    def octets_count(self) -> int:
        return len(self.body)


@dataclass(frozen=True, slots=True)
class Topped:
    """The beginning of a message as the server sent it, dots unstuffed."""

    listed: Listed
    octets: bytes


class Why(enum.StrEnum):
    """Why a message was not retrieved."""

    REFUSED = "refused"
    OVERSIZE = "oversize"


@dataclass(frozen=True, slots=True)
class Missed:
    """A message that was not retrieved; the others come all the same. `reason` is the server's words, or ours."""

    listed: Listed
    kind: Why
    reason: str
