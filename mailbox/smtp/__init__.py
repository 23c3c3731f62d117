"""SMTP on both ends: a blocking client for submission and a server for local maildrops. Knows no Django."""

from mailbox.smtp.client import Client, Limits, Security, Server
from mailbox.smtp.envelope import Envelope, Outcome, Status, canonical
from mailbox.smtp.errors import Garbled, Refused, SmtpError, Unreachable
from mailbox.smtp.server import Arrival, MailboxFull, MailServer

__all__ = [
    "Arrival",
    "Client",
    "Envelope",
    "Garbled",
    "Limits",
    "MailServer",
    "MailboxFull",
    "Outcome",
    "Refused",
    "Security",
    "Server",
    "SmtpError",
    "Status",
    "Unreachable",
    "canonical",
]
