"""POP3 without Django: a client, a server session that does no I/O, and a threaded server around it."""

from .client import Client, fingerprint_of
from .errors import Failure, Garbled, Refused, Unreachable, Untrusted
from .server import Opened, PopServer, PostOffice, Rejected
from .session import Session
from .values import Limits, Listed, Missed, Retrieved, Security, Server, Topped, Why

__all__ = [
    "Client",
    "Failure",
    "Garbled",
    "Limits",
    "Listed",
    "Missed",
    "Opened",
    "PopServer",
    "PostOffice",
    "Refused",
    "Rejected",
    "Retrieved",
    "Security",
    "Server",
    "Session",
    "Topped",
    "Unreachable",
    "Untrusted",
    "Why",
    "fingerprint_of",
]
