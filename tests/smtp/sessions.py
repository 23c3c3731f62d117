"""Short names for what most tests of the client begin with."""

import ssl
from dataclasses import replace

from mailbox.smtp import Client, Envelope, Limits, Security, Server

PATIENT = Limits(connect_seconds=10, command_seconds=20, data_seconds=20, session_seconds=60)
HURRIED = replace(PATIENT, command_seconds=0.3)
HURRIED_WITH_DATA = replace(PATIENT, data_seconds=0.3)


def envelope(*recipients: str, octets: bytes = b"Subject: Hello\r\n\r\nHello Bob\r\n") -> Envelope:
    """A message from Alice, to Bob unless said."""
    return Envelope("alice@home.test", recipients or ("bob@home.test",), octets)


def connect(
    port: int,
    *,
    limits: Limits = PATIENT,
    security: Security = Security.NONE,
    context: ssl.SSLContext | None = None,
    local_hostname: str | None = None,
) -> Client:
    """A client of the server on a loopback port."""
    server = Server("localhost", port, security, address="127.0.0.1")
    return Client.connect(server, limits=limits, context=context, local_hostname=local_hostname)
