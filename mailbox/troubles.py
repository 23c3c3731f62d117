"""What keeps a maildrop from being pulled, by kind: the reader's language has a sentence for each."""

from accounts.hosts import HostRefused, HostUnknown
from accounts.oauth import SignInAway, SignInEnded, TokenRefused
from accounts.troubles import Trouble
from mailbox import pop3, quotas


class PasswordLost(Exception):
    """The stored password was encrypted with a key that is gone."""


class CannotKeep(Exception):
    """The server has no unique-ids, so messages that stay there could not be told from new ones (RFC 1939, 7)."""


_TROUBLE_OF: dict[type[Exception], Trouble] = {
    pop3.Untrusted: Trouble.UNTRUSTED,
    pop3.Unreachable: Trouble.UNREACHABLE,
    pop3.Garbled: Trouble.GARBLED,
    pop3.Refused: Trouble.REFUSED,
    HostRefused: Trouble.HOST,
    HostUnknown: Trouble.UNREACHABLE,
    CannotKeep: Trouble.CANNOT_KEEP,
    PasswordLost: Trouble.PASSWORD_LOST,
    SignInEnded: Trouble.SIGNED_OUT,
    SignInAway: Trouble.SIGN_IN_AWAY,
    TokenRefused: Trouble.TOKEN_REFUSED,
    quotas.Full: Trouble.FULL,
}
# What a pull may meet without any fault of ours.
TROUBLES = tuple(_TROUBLE_OF)


def trouble_of(error: Exception) -> Trouble:
    """Return what kind of trouble `error` is, for a sentence in the reader's language."""
    if isinstance(error, pop3.Refused) and error.is_password_wrong:
        return Trouble.PASSWORD
    if isinstance(error, pop3.Refused) and error.is_locked:
        return Trouble.LOCKED
    return next(trouble for kind, trouble in _TROUBLE_OF.items() if isinstance(error, kind))
