"""Questions to the database that every page asks: Django writes the SQL of each once, then only its values change.

To build a query and to write its SQL costs Django 0.5 to 5 ms, ten times what SQLite needs for the answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

type Single = int | str | datetime
type Value = Single | list[int] | list[str]
type _Shape = tuple[tuple[str, type, int | None], ...]
"""Of each value its name, its type, and where it is a list, that of its first and how many there are."""
type _Source = tuple[str, int | None]
"""Where a parameter comes from: the value's name, and the place in a list."""

_LOWEST = -(10**15)
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)


class Prepared[Row]:
    """A function that builds a QuerySet of its keyword arguments; called with some, it returns the rows as a list.

    The function, `build`, is given stand-ins, which are found again among the parameters of the SQL: it passes them on
    to the database and looks no closer. A value is a number, a text, a moment or a list of them, never None or an empty
    list; a list of another length makes another statement. Nothing is prefetched.
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
        sources = {value: source for source, value in _singles(stand_ins).items()}
        places = [sources.get(each) if isinstance(each, int | str | datetime) else None for each in parameters]
        unseen = set(sources.values()) - set(places)
        assert not unseen, f"{unseen} are no parameters of {sql}"
        # A connection belongs to its thread.
        compiler.connection = None
        return _Statement(built, compiler, sql, list(zip(places, parameters, strict=True)))


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL, and what is needed to make objects of its rows."""

    built: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    parameters: list[tuple[_Source | None, Any]]
    """The source of each, or None and its own value."""

    def rows(self, values: Mapping[str, Value]) -> list[Any]:
        given = _singles(values)
        # Any: what Django's types do not tell, the tests do.
        compiler: Any = copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        parameters = [value if source is None else given[source] for source, value in self.parameters]
        compiler.as_sql = lambda: (self.sql, parameters)
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


def _kind(value: Value) -> tuple[type, int | None]:
    return (type(value[0]), len(value)) if isinstance(value, list) else (type(value), None)


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
            found.update(((name, at), _adapted(each)) for at, each in enumerate(singles))
        else:
            found[name, None] = _adapted(value)
    return found


def _adapted(value: Single) -> Any:
    if isinstance(value, datetime):
        return connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(value)
    return value
