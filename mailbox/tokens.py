"""Access tokens that are good when they are used: renewed in time, by one worker, and never lost on the way."""

import logging
import time
from datetime import timedelta

from django.utils import timezone

from accounts import audit
from accounts.models import Grant
from accounts.oauth import AuthorizationServer, SignInAway, SignInEnded, server_named
from mailbox import token_endpoint
from mailbox.token_endpoint import Declined

log = logging.getLogger(__name__)

# What only the person can cure: the refresh token is worth nothing any more (RFC 6749, 5.2), or he must be seen again.
_OVER = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
# Another worker renews for as long as one question to the server may take, and then a little.
_PATIENCE = timedelta(seconds=20)
_GLANCE_SECONDS = 0.1
REVOCATION_TRIES = 5


def access_token(grant: Grant, *, refused: str = "") -> str:
    """Return a token that a mail server should take now; renewed where it ends soon, or is the one that was `refused`.

    Raises SignInEnded when only the person can help, SignInAway when time will.
    """
    until = timezone.now() + _PATIENCE
    while (now := timezone.now()) < until:
        grant.refresh_from_db()
        # A key that is gone makes the tokens read as empty; then the person signs in again, as for a password.
        if grant.ended_at or not grant.refresh_token:
            raise SignInEnded
        if grant.access_token != refused and (grant.is_fresh(now) or (grant.is_spared(now) and grant.is_usable(now))):
            return grant.access_token
        if grant.is_spared(now):
            raise SignInAway("left alone for a while")
        if grant.claim(now, generation=grant.generation, ended_at=None):
            return _renewed(grant, refused)
        time.sleep(_GLANCE_SECONDS)
    raise SignInAway("another worker has been renewing it for long")


def forget(grant: Grant) -> None:
    """Take back what no account uses any more, where the server has a way, and delete it; at most a few tries."""
    if not grant.claim(timezone.now(), account=None):
        return
    server = server_named(grant.server)
    if server and server.is_ready and server.revocation_endpoint and _is_alone(grant):
        try:
            token_endpoint.revoke(server, grant.refresh_token)
        except SignInAway as error:
            if grant.failure_count + 1 < REVOCATION_TRIES:
                log.info("%s takes nothing back now: %s", server.label, error)
                grant.put_off(timezone.now())
                return
        except Declined as error:
            log.info("%s had nothing to take back: %s", server.label, error)
    grant.delete()


def _is_alone(grant: Grant) -> bool:
    """Whether no other account lives by the same permission: taking back one token ends all of its person's."""
    others = Grant.objects.filter(server=grant.server, address__iexact=grant.address).exclude(account=None)
    return bool(grant.refresh_token) and not others.exists()


def _renewed(grant: Grant, refused: str) -> str:
    """Renew the tokens of a grant that is claimed; they are stored before anybody is given one."""
    try:
        tokens = token_endpoint.refresh(_server(grant), grant.refresh_token, is_public=grant.is_public)
    except Declined as error:
        if error.code in _OVER:
            _end(grant)
            raise SignInEnded(str(error)) from error
        return _do_without(grant, refused, str(error))
    except SignInAway as error:
        return _do_without(grant, refused, str(error))
    except BaseException:
        grant.release()
        raise
    if not grant.renewed(tokens.access_token, tokens.refresh_token, tokens.expires_at):
        raise SignInAway("another worker has taken over")
    return tokens.access_token


def _server(grant: Grant) -> AuthorizationServer:
    server = server_named(grant.server)
    if server is None or not server.is_ready:
        raise SignInAway("no client is registered for it here any more")
    return server


def _do_without(grant: Grant, refused: str, words: str) -> str:
    """Return the old token while it lasts; the server is asked again later."""
    now = timezone.now()
    grant.put_off(now)
    if grant.is_usable(now) and grant.access_token != refused:
        return grant.access_token
    raise SignInAway(words)


def _end(grant: Grant) -> None:
    grant.ends(timezone.now())
    account = grant.account
    if account:
        audit.note(audit.What.GRANT_ENDED, person=account.owner, about=f"{account.address}: {grant.server}")
