"""Questions to the database that every page asks: Django writes the SQL of each once, then only its values change.

To build a query and to write its SQL costs Django 0.5 to 5 ms, ten times what SQLite needs for the answer. PostgreSQL
plans each statement once for a connection (`webmail.postgresql`).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler
from psycopg.sql import Literal
from psycopg.types.numeric import Int8

type Single = int | str | datetime
type Value = Single | list[int] | list[str]
type _Shape = tuple[tuple[str, type, int | None], ...]
"""Of each value its name, its type, and where it is a list, that of its first and how many there are."""
type _Source = tuple[str, int | None]
"""Where a parameter comes from: the value's name, and the place in a list."""
type _Parameter = tuple[_Source | None, Any]
"""Its source, or None and its own value."""

_LOWEST = -(10**15)
_ROUNDED = 1024
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)


class Prepared[Row]:
    """A function that builds a QuerySet of its keyword arguments; called with some, it returns the rows as a list.

    The function, `build`, is given stand-ins, which are found again among the parameters of the SQL: it passes them on
    to the database and looks no closer. A value is a number, a text, a moment or a list of them, never None or an empty
    list; a list stands behind `__in`, and one of more than twice the length may make another statement. Nothing is
    prefetched.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self.build = build
        self._statement = lru_cache(maxsize=256)(self._write)

    def __call__(self, **values: Value) -> list[Row]:
        return self._statement(tuple([(name, *_kind(value)) for name, value in values.items()])).rows(values)

    def _write(self, shape: _Shape) -> "_Statement":
        numbers = count(_LOWEST)
        stand_ins = {name: _stand_in(kind, size, numbers) for name, kind, size in shape}
        built = self.build(**stand_ins)
        compiler = built.query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        assert not compiler.has_extra_select, "what is selected for the order alone would have to be taken away"
        sources = {value: source for source, value in _singles(stand_ins).items()}
        places = [sources.get(each) if isinstance(each, int | str | datetime) else None for each in parameters]
        unseen = set(sources.values()) - set(places)
        assert not unseen, f"{unseen} are no parameters of {sql}"
        # A connection belongs to its thread.
        compiler.connection = None
        sourced = list(zip(places, parameters, strict=True))
        lists = {name for name, _kind, size in shape if size is not None}
        return _Statement(
            built, compiler, *(_for_postgresql(sql, sourced, lists) if _is_postgresql() else (sql, sourced))
        )


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL, and what is needed to make objects of its rows."""

    built: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    parameters: list[_Parameter]

    def rows(self, values: Mapping[str, Value]) -> list[Any]:
        given = _whole(values) if _is_postgresql() else _singles(values)
        # Any: what Django's types do not tell, the tests do.
        compiler: Any = copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        parameters = [value if source is None else given[source] for source, value in self.parameters]
        compiler.execute_sql = lambda *_, **__: [ask(self.sql, parameters)]
        query: Any = _Query(compiler)
        asked = self.built.__class__(self.built.model, query, DEFAULT_DB_ALIAS)
        asked._iterable_class = self.built._iterable_class
        return list(asked)


@dataclass(frozen=True, slots=True)
class _Query:
    """All that a QuerySet asks of its query in order to be read."""

    compiler: SQLCompiler
    values_select: tuple[str, ...] = ()

    def get_compiler(self, using: str) -> SQLCompiler:
        return self.compiler


def cursor() -> AbstractContextManager[Any]:
    """Return a cursor for a statement that is asked again and again, with other values."""
    connection: Any = connections[DEFAULT_DB_ALIAS]
    return connection.prepared_cursor() if _is_postgresql() else connection.cursor()


def ask(sql: str, parameters: Sequence[Any]) -> list[Any]:
    """Return the rows that such a statement finds."""
    with cursor() as asking:
        asking.execute(sql, parameters)
        found: list[Any] = asking.fetchall()
        return found


def among(column: str, values: Collection[int | str]) -> tuple[str, list[Any]]:
    """Return the condition that `column` is one of `values`, of which there is at least one, and its parameters."""
    if _is_postgresql():
        return f"{column} = ANY(%s)", [[_adapted(value) for value in values]]
    padded = _padded(list(values))
    return f"{column} IN ({', '.join(['%s'] * len(padded))})", padded


def _is_postgresql() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"


def _for_postgresql(sql: str, parameters: Sequence[_Parameter], lists: Collection[str]) -> tuple[str, list[_Parameter]]:
    """Return a statement that is the same for lists of any length, with every value that never changes written out.

    From those the planner sees which index serves, before it knows the others.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    pieces = re.split(r"(?<!%)%s", sql)
    assert len(pieces) == len(parameters) + 1, sql
    for at, (source, value) in enumerate(parameters):
        if source is None:
            written = Literal(value).as_string(connection.connection).replace("%", "%%")
        elif source[0] in lists:
            assert pieces[at].endswith(" IN ("), sql
            pieces[at], written = f"{pieces[at].removesuffix(' IN (')} = ANY(", "%s"
        else:
            written = "%s"
        pieces[at] += written
    return "".join(pieces), [each for each in parameters if each[0]]


def _kind(value: Value) -> tuple[type, int | None]:
    if not isinstance(value, list):
        return type(value), None
    return type(value[0]), 1 if _is_postgresql() else _rounded(len(value))


def _rounded(length: int) -> int:
    """Return the next power of two: so there are ten statements for lists of up to 512 values, and not 512.

    SQLite does not take so many that longer lists could be rounded.
    """
    return 1 << (length - 1).bit_length() if length <= _ROUNDED else length


def _padded[V](values: list[V]) -> list[V]:
    return values + values[-1:] * (_rounded(len(values)) - len(values))


def _stand_in(kind: type, size: int | None, numbers: Iterator[int]) -> Any:
    """Return a value, or a list of `size`, that stands in no query by itself."""
    if size is not None:
        return [_stand_in(kind, None, numbers) for _ in range(size)]
    number = next(numbers)
    if kind is datetime:
        return _EARLIEST + timedelta(microseconds=number - _LOWEST)
    return f"stand-in {number}" if kind is str else number


def _singles(values: Mapping[str, Value]) -> dict[_Source, Single]:
    """Return each value, and each of a list, as the database takes it."""
    found: dict[_Source, Single] = {}
    for name, value in values.items():
        if isinstance(value, list):
            singles: Sequence[Single] = value
            found.update(((name, at), _adapted(each)) for at, each in enumerate(_padded(list(singles))))
        else:
            found[name, None] = _adapted(value)
    return found


def _whole(values: Mapping[str, Value]) -> dict[_Source, Any]:
    """Return each value as PostgreSQL takes it, and each list in the place of its first."""
    return {
        (name, 0 if isinstance(value, list) else None): [_adapted(each) for each in value]
        if isinstance(value, list)
        else _adapted(value)
        for name, value in values.items()
    }


def _adapted(value: Single) -> Any:
    if isinstance(value, datetime):
        return connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(value)
    # Of one type, whatever its size: another type would be another statement.
    return Int8(value) if isinstance(value, int) and _is_postgresql() else value
