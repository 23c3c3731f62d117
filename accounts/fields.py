"""Model fields for what must not be readable in the database file."""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from webmail.keys import field_keys


class UnreadableSecret(str):
    """Stands for a stored secret whose key is not in FIELD_KEYS any more: empty text that keeps the token.

    Raising instead would take down every page that meets the row; saving the row must not lose the token either,
    because the operator may bring the key back.
    """

    token: str

    def __new__(cls, token: str) -> "UnreadableSecret":
        secret = super().__new__(cls, "")
        secret.token = token
        return secret


class EncryptedTextField(models.TextField):
    """Text that is encrypted on its way into the database and decrypted on its way out.

    The first of FIELD_KEYS encrypts, all of them decrypt, so that keys can rotate. Equal texts give different
    tokens: such a field cannot be searched.
    """

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, UnreadableSecret):
            return value.token
        text = super().get_prep_value(value)
        return text if not text else keyring().encrypt(text.encode()).decode("ascii")

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        if not value:
            return value
        try:
            return keyring().decrypt(value.encode()).decode()
        except InvalidToken:
            return UnreadableSecret(value)


def keyring() -> MultiFernet:
    """Return what encrypts with the first of FIELD_KEYS and decrypts with all of them."""
    return _keyring_of(current_keys())


def current_keys() -> tuple[str, ...]:
    """Return FIELD_KEYS as they are now: the file may have been given a new one since this process started."""
    path = settings.FIELD_KEYS_FILE
    try:
        return field_keys(path) if path else tuple(settings.FIELD_KEYS)
    except OSError:
        # The file is gone; `doctor` says so, and this process still knows what stood in it.
        return tuple(settings.FIELD_KEYS)


@lru_cache(maxsize=4)
def _keyring_of(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("FIELD_KEYS must be Fernet keys (32 octets in URL-safe base64)") from error
