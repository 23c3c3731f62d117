"""From the servers that an account names to the values that the protocol clients connect to."""

from accounts.hosts import checked_address
from accounts.models import RemoteMaildrop, RemoteServer, SubmissionServer
from mailbox import pop3, smtp


def pop3_server(maildrop: RemoteMaildrop) -> pop3.Server:
    """Return where `maildrop` is, with its address resolved and checked. Raises HostRefused or HostUnknown."""
    return pop3.Server(maildrop.host, maildrop.port, pop3.Security(maildrop.security), _address(maildrop))


def smtp_server(server: SubmissionServer) -> smtp.Server:
    """Return where `server` is, with its address resolved and checked. Raises HostRefused or HostUnknown."""
    return smtp.Server(server.host, server.port, smtp.Security(server.security), _address(server))


def _address(server: RemoteServer) -> str:
    return checked_address(server.host, server.port, may_be_private=server.may_be_private)
