"""How an account stands with its provider's sign-in, for the account's own screen."""

from dataclasses import dataclass

from accounts.models import Grant, MailAccount
from accounts.oauth.servers import AuthorizationServer, server_named
from accounts.providers import provider_of


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose sign-in it is, and what is granted; None where the account has a password."""

    server: AuthorizationServer
    grant: Grant | None


def standing_of(account: MailAccount) -> Standing | None:
    """Return None for a new account, and where its provider has no sign-in that could be used here."""
    maildrop = getattr(account, "remote_maildrop", None) if account.pk else None
    provider = provider_of(maildrop.host) if maildrop else None
    server = server_named(provider.oauth) if provider else None
    if server is None:
        return None
    grant = getattr(account, "grant", None)
    return Standing(server, grant) if grant or server.is_ready else None
