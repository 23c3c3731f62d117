"""Rows of plain fields, written by one statement for all: a pull writes several rows for each message.

Django's `bulk_create` makes a statement of thousands of parameters and asks each field about each value, and
`Model(**values)` looks at its keywords one by one: together they would be a third of a pull.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

import psycopg
from django.db import connection, models
from django.db.models.base import ModelState

type Returned = Sequence[tuple[Any, ...]]
type _Adapt = Callable[[Any], Any]


def unsaved[M: models.Model](model: type[M], **values: Any) -> M:
    """Return `model(**values)`, in a fifth of the time; `values` are named by their columns (`account_id`).

    It does what `Model.__init__` does, but for signals: nothing here listens to them.
    """
    names, constants, makers = _defaults(model)
    assert names.issuperset(values), f"{model.__name__} has no columns {', '.join(values.keys() - names)}"
    instance = model.__new__(model)
    instance._state = ModelState()
    columns = instance.__dict__
    columns |= constants
    columns |= values
    for name, make in makers:
        if name not in values:
            columns[name] = make()
    return instance


@cache
def _defaults(model: type[models.Model]) -> tuple[set[str], dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """Return the names of the columns, the defaults that are always the same, and what makes the others."""
    fields = model._meta.concrete_fields
    made = [field for field in fields if field.has_default() and callable(field.default)]
    constants = {field.attname: field.get_default() for field in fields if field not in made}
    return {field.attname for field in fields}, constants, [(field.attname, field.get_default) for field in made]


def insert(instances: Sequence[models.Model]) -> None:
    """Insert `instances`, all of one model. Their primary keys are made by the database and not read back."""
    if instances:
        names = _columns(type(instances[0]))
        _write(type(instances[0]), names, map(attrgetter(*names), instances), "")


def insert_new(instances: Sequence[models.Model], *, by: str) -> dict[Any, int]:
    """Insert those of `instances` whose like is not stored yet; return their primary keys by their values of `by`.

    In a transaction: on SQLite, where one can write at a time, new is what has a higher key than all before.
    """
    if not instances:
        return {}
    model = type(instances[0])
    table, names = model._meta.db_table, _columns(model)
    values, end = map(attrgetter(*names), instances), " ON CONFLICT DO NOTHING"
    if connection.vendor == "postgresql":
        return dict(_write(model, names, values, f"{end} RETURNING {by}, id"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {table}")  # noqa: S608
        (last,) = cursor.fetchone()
        _write(model, names, values, end)
        cursor.execute(f"SELECT {by}, id FROM {table} WHERE id > %s", [last or 0])  # noqa: S608
        return dict(cursor.fetchall())


def upsert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]], *, key: int) -> None:
    """Write `rows` of the columns `names` over those with the same values in the first `key` columns, a unique key."""
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[key:])
    _write(model, names, rows, f" ON CONFLICT ({', '.join(names[:key])}) DO UPDATE SET {changes}")


def write_earlier(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write `rows`, of which all columns but the last are a unique key; of two with the same the lower last stays."""
    *key, last = names
    table = model._meta.db_table
    change = f"SET {last} = excluded.{last} WHERE {table}.{last} > excluded.{last}"
    _write(model, names, rows, f" ON CONFLICT ({', '.join(key)}) DO UPDATE {change}")


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if not field.primary_key]


def _write(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]], end: str) -> Returned:
    adapts = _adapts(model, names)
    table, adapted = model._meta.db_table, [_adapted(row, adapts) for row in rows]
    if connection.vendor == "postgresql":
        types = _types(model)
        return write_arrays(table, {name: types[name] for name in names}, adapted, end)
    places = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        # The statement is prepared once.
        cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places}){end}", adapted)  # noqa: S608
    return []


def write_arrays(table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]], end: str = "") -> Returned:
    """Insert `rows` into a table of PostgreSQL, as one array for each column; return what `end` asks for.

    `columns` maps the names to the types; `end` says what to do on a conflict. The arrays are sent beside the
    statement, binary: one with a place for each value of each row, into which Django's cursor writes them, takes the
    server twice and us six times as long.
    """
    if not rows:
        return []
    arrays = ", ".join(f"%b::{_sent_as(kind)}[]" for kind in columns.values())
    values = ", ".join(f"{name}::{kind}" if kind != _sent_as(kind) else name for name, kind in columns.items())
    names = ", ".join(columns)
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM unnest({arrays}) AS given ({names}){end}",  # noqa: S608
            [list(column) for column in zip(*rows, strict=True)],
        )
        return cursor.fetchall() if cursor.description else []


def _sent_as(kind: str) -> str:
    """Return the type that Python has for a column of this one."""
    return "text" if kind == "tsvector" else kind


def _adapted(row: Sequence[Any], adapts: Sequence[tuple[int, _Adapt]]) -> list[Any]:
    values = list(row)
    for place, adapt in adapts:
        values[place] = adapt(values[place])
    return values


def _adapts(model: type[models.Model], names: Sequence[str]) -> list[tuple[int, _Adapt]]:
    """Return what is to be done to the values of some columns before the database takes them."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    found = [(place, _adapt(fields[name])) for place, name in enumerate(names)]
    return [(place, adapt) for place, adapt in found if adapt]


@cache
def _types(model: type[models.Model]) -> dict[str, str]:
    """Return the types of the columns, without their limits: a cast to `varchar(255)` would cut a value silently."""
    return {field.attname: (field.db_type(connection) or "").partition("(")[0] for field in model._meta.concrete_fields}


def _adapt(field: models.Field) -> _Adapt | None:
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.JSONField):
        return lambda value: connection.ops.adapt_json_value(value, field.encoder)
    return None
