"""How an account logs in to its mail servers: by its password, or by a token that its provider has issued."""

from dataclasses import dataclass, field, replace

from accounts.models import Grant, RemoteServer, Security
from accounts.oauth import TokenRefused, has_mail_of
from mailbox import pop3, smtp, tokens

_IN_THE_CLEAR = "An access token is only sent under TLS."

type Client = pop3.Client | smtp.Client


@dataclass(frozen=True, slots=True)
class Credential:
    """What is presented: a password, or a token where there is one."""

    login: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def credential_of(server: RemoteServer, *, login: str = "", grant: Grant | None = None) -> Credential:
    """Return what `server` is to be shown, the token renewed where that is time.

    `login` stands in for its own, and `grant`, which is not saved, for that of its account. Ask before connecting, so
    that no server waits meanwhile. Raises OAuthError.
    """
    login, grant = login or server.login, (grant if not server.password and server.login else None) or server.grant
    if grant is None:
        return Credential(login, server.password)
    if server.security == Security.NONE or not has_mail_of(server.host, grant.server):
        raise TokenRefused
    return Credential(login, token=tokens.access_token(grant) if grant.pk else grant.access_token)


def log_in(client: Client, credential: Credential) -> None:
    """Log in once. Raises what the clients raise."""
    if credential.token and not client.tls_version:
        raise (pop3.Untrusted if isinstance(client, pop3.Client) else smtp.Unreachable)(_IN_THE_CLEAR)
    if credential.token:
        client.login_with_token(credential.login, credential.token)
    else:
        client.login(credential.login, credential.password)


def log_in_renewing(client: Client, server: RemoteServer, credential: Credential) -> None:
    """Log in, and once more with a new token where the server takes the first for wrong or outdated.

    Raises what the clients raise, OAuthError, and TokenRefused where a POP3 server does not take the new one either.
    """
    try:
        log_in(client, credential)
    except (pop3.Refused, smtp.Refused) as refusal:
        if not credential.token or not _may_be_token(refusal):
            raise
        token = tokens.access_token(server.grant, refused=credential.token)
        _log_in_again(client, replace(credential, token=token))


def _log_in_again(client: Client, credential: Credential) -> None:
    try:
        log_in(client, credential)
    except pop3.Refused as refusal:
        if refusal.is_password_wrong:
            raise TokenRefused(str(refusal)) from refusal
        raise


def _may_be_token(refusal: pop3.Refused | smtp.Refused) -> bool:
    """Some POP3 servers have no code for it."""
    if isinstance(refusal, pop3.Refused):
        return refusal.is_password_wrong or not (refusal.code or refusal.is_locked)
    return refusal.is_password_wrong
