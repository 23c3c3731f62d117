"""What the client is asked for, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

type Resolve = Callable[[str, int], Sequence[str]]
"""From a host and a port to the IP addresses that may be connected to; raises Forbidden or Unreachable."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one question with all its redirects."""

    seconds: float = 12.0
    """From the first question for a name to the last octet."""
    connect_seconds: float = 5.0
    octets: int = 5 * 2**20
    """Of the content."""
    header_octets: int = 32 * 1024
    """Of a status line with its header fields, and of all that frames the content."""
    redirects_count: int = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """A success (2xx), or another status that was asked for, with its content."""

    status: int
    reason: str
    media_type: str
    """In lower case without parameters; "" where the server gave none."""
    content: bytes
