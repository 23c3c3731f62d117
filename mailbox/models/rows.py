"""Rows of plain fields, written by one prepared statement for all: a pull writes several rows for each message.

Django's `bulk_create` makes a statement of thousands of parameters and asks each field about each value, and
`Model(**values)` looks at its keywords one by one: together they would be a third of a pull.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection, models

type _Adapt = Callable[[Any], Any]


def unsaved[M: models.Model](model: type[M], **values: Any) -> M:
    """Return `model(**values)`, in a third of the time; `values` are named by their columns (`account_id`)."""
    given = [values.pop(name) if name in values else default() for name, default in _defaults(model)]
    assert not values, f"{model.__name__} has no columns {', '.join(values)}"
    return model(*given)


@cache
def _defaults(model: type[models.Model]) -> list[tuple[str, Callable[[], Any]]]:
    return [(field.attname, field._get_default) for field in model._meta.concrete_fields]


def insert(instances: Sequence[models.Model], *, ignores_conflicts: bool = False) -> None:
    """Insert `instances`, all of one model. Their primary keys are made by the database and not read back."""
    if instances:
        model = type(instances[0])
        names = _columns(model)
        end = " ON CONFLICT DO NOTHING" if ignores_conflicts else ""
        _write(model, names, map(attrgetter(*names), instances), end)


def upsert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]], *, key: int) -> None:
    """Write `rows` of the columns `names` over those with the same values in the first `key` columns, a unique key."""
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[key:])
    _write(model, names, rows, f" ON CONFLICT ({', '.join(names[:key])}) DO UPDATE SET {changes}")


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if not field.primary_key]


def _write(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]], end: str) -> None:
    marks = ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) VALUES ({marks}){end}"  # noqa: S608
    adapts = _adapts(model, names)
    adapted = [_adapted(row, adapts) for row in rows]
    if adapted:
        with connection.cursor() as cursor:
            cursor.executemany(statement, adapted)


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


def _adapt(field: models.Field) -> _Adapt | None:
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.JSONField):
        return lambda value: connection.ops.adapt_json_value(value, field.encoder)
    return None
