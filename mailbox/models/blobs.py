"""Large octets on their way into a column and out of it, in slices.

As parameters and rows, SQLite would hold three copies of them beside ours, and psycopg each octet in two digits.
"""

from collections.abc import Iterator

import psycopg
from django.db import connection, models

LARGE = 4_000_000
"""Octets; below it, a statement more costs more than the copies."""
# Few: PostgreSQL may have to unpack the value from its beginning for each.
_SLICE = 4_000_000


def write(model: type[models.Model], column: str, pk: int, octets: bytes) -> None:
    """Write `octets` into a column of a row that is there already, within the caller's transaction."""
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        _run(f"UPDATE {table} SET {column} = %b WHERE id = %b", octets, pk)  # noqa: S608
        return
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = zeroblob(%s) WHERE id = %s", [len(octets), pk])  # noqa: S608
    with connection.connection.blobopen(table, column, pk) as blob:
        for at in range(0, len(octets), _SLICE):
            blob.write(octets[at : at + _SLICE])


def read(model: type[models.Model], column: str, pk: int) -> Iterator[bytes]:
    """Yield the octets of a column; nothing else may change them meanwhile."""
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        yield from _substrings(f"SELECT substring({column} FROM %b FOR %b) FROM {table} WHERE id = %b", pk)  # noqa: S608
        return
    connection.ensure_connection()
    with connection.connection.blobopen(table, column, pk, readonly=True) as blob:
        while piece := blob.read(_SLICE):
            yield piece


def _substrings(statement: str, pk: int) -> Iterator[bytes]:
    at = 1
    while piece := _run(statement, at, _SLICE, pk):
        yield piece
        at += len(piece)


def _run(statement: str, *values: bytes | int) -> bytes:
    """Run a statement in PostgreSQL's binary form, past Django's cursor; return the octets that it asks for."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, values, binary=True)
        row = cursor.fetchone() if cursor.description else None
    return bytes(row[0]) if row else b""
