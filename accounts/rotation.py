"""Encrypting every stored secret by another key, row by row, while everything runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.db import connection, models, transaction

from accounts.fields import EncryptedTextField

BATCH = 200
# Where an Authenticator's JSON holds tokens.
_SEALED = ("secret", "seed")


@dataclass(slots=True)
class Tally:
    """What was done: secrets under the new key already, those encrypted anew, and those that no key opens."""

    current: int = 0
    renewed: int = 0
    unreadable: int = 0


def reencrypt(keys: tuple[str, ...], *, is_dry: bool = False) -> Tally:
    """Have every secret encrypted by the first of `keys`. May be interrupted and repeated; changes nothing if dry."""
    tally = Tally()
    for model, field in encrypted_fields():
        for rows in _batches(model, field):
            with transaction.atomic():
                for pk, token in rows:
                    if renewed := _renewed(token, keys, tally, is_dry=is_dry):
                        _replace(model, field, pk, token, renewed)
    _reencrypt_factors(keys, tally, is_dry=is_dry)
    return tally


def encrypted_fields() -> list[tuple[type[models.Model], EncryptedTextField]]:
    """Return every column of the database that is encrypted."""
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedTextField)
    ]


def _renewed(token: str, keys: tuple[str, ...], tally: Tally, *, is_dry: bool) -> str:
    """Return the secret encrypted anew, or "" where it is to stay; count it."""
    try:
        Fernet(keys[0]).decrypt(token.encode())
    except InvalidToken:
        pass
    else:
        tally.current += 1
        return ""
    try:
        renewed = MultiFernet([Fernet(key) for key in keys]).rotate(token.encode()).decode("ascii")
    except InvalidToken:
        tally.unreadable += 1
        return ""
    tally.renewed += 1
    return "" if is_dry else renewed


def _batches(model: type[models.Model], field: Any) -> Iterator[list[tuple[int, str]]]:
    """Yield primary keys with their tokens, which Django would decrypt."""
    table, key = model._meta.db_table, model._meta.pk.column
    statement = (
        f"SELECT {key}, {field.column} FROM {table} WHERE {key} > %s AND {field.column} <> '' "  # noqa: S608
        f"ORDER BY {key} LIMIT {BATCH}"
    )
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [last])
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _replace(model: type[models.Model], field: Any, pk: int, token: str, renewed: str) -> None:
    """Write a token in place of the one that was read; what somebody has typed meanwhile stays."""
    table, key, column = model._meta.db_table, model._meta.pk.column, field.column
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s",  # noqa: S608
            [renewed, pk, token],
        )


def _reencrypt_factors(keys: tuple[str, ...], tally: Tally, *, is_dry: bool) -> None:
    """The same for second factors, whose tokens stand within JSON."""
    for pk in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            tokens = {name: factor.data[name] for name in _SEALED if factor.data.get(name)} if factor else {}
            renewed = {name: _renewed(token, keys, tally, is_dry=is_dry) for name, token in tokens.items()}
            if factor and any(renewed.values()):
                factor.data |= {name: token for name, token in renewed.items() if token}
                factor.save(update_fields=["data"])
