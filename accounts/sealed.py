"""Passwords that were typed but not saved yet: they go back into the page sealed, so that nobody types them twice.

A page with errors must not hold the password in the clear, and the session would keep it in the database for weeks.
"""

from cryptography.fernet import InvalidToken

from accounts.fields import keyring

# As long as somebody may take to correct a form.
SECONDS = 3600


def seal(password: str, *, user_pk: int) -> str:
    """Return `password` unreadable for everyone, to be opened for the same person within the hour."""
    return keyring().encrypt(f"{_prefix(user_pk)}{password}".encode()).decode("ascii")


def unseal(token: str, *, user_pk: int) -> str:
    """Return the password, or "" when the seal is broken, too old, or another person's."""
    try:
        text = keyring().decrypt(token.encode(), ttl=SECONDS).decode()
    except InvalidToken:
        return ""
    return text.removeprefix(_prefix(user_pk)) if text.startswith(_prefix(user_pk)) else ""


def _prefix(user_pk: int) -> str:
    return f"form of {user_pk}:"
