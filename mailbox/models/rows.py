"""Rows of plain fields, written by one prepared statement for all: a pull writes several rows for each message.

Django's `bulk_create` makes a statement of thousands of parameters and asks each field about each value, and
`Model(**values)` looks at its keywords one by one: together they would be a third of a pull.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import batched, chain
from operator import attrgetter
from typing import Any

from django.db import connection, models

_ROWS_AT_ONCE = 500

type _Adapt = Callable[[Any], Any]


def unsaved[M: models.Model](model: type[M], **values: Any) -> M:
    """Return `model(**values)`, in a third of the time; `values` are named by their columns (`account_id`)."""
    given = [values.pop(name) if name in values else default() for name, default in _defaults(model)]
    assert not values, f"{model.__name__} has no columns {', '.join(values)}"
    return model(*given)


@cache
def _defaults(model: type[models.Model]) -> list[tuple[str, Callable[[], Any]]]:
    return [(field.attname, field.get_default) for field in model._meta.concrete_fields]


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
    adapts = _adapts(model, names)
    place = f"({', '.join(['%s'] * len(names))})"
    write_many(
        f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) VALUES ",  # noqa: S608
        place,
        [_adapted(row, adapts) for row in rows],
        end,
    )


def write_many(start: str, place: str, rows: Sequence[Sequence[Any]], end: str = "") -> None:
    """Execute `start`, `place` and `end` for all `rows`, the way that is fast on this database.

    SQLite prepares the statement once. PostgreSQL would be sent it once for each row, so there one statement has
    a place for each of several rows.
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(start + place + end, rows)
        else:
            for some in batched(rows, _ROWS_AT_ONCE):
                cursor.execute(start + ", ".join([place] * len(some)) + end, [*chain.from_iterable(some)])


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
