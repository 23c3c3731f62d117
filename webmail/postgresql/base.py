"""Django's PostgreSQL, with statements that the server plans once, and a look at a kept connection that asks nothing.

To parse and plan a statement takes the server longer than to answer most questions of a page, and each question costs
a page two changes of process.
"""

from collections.abc import Sequence
from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper


class DatabaseOperations(operations.DatabaseOperations):
    """Django's own, which also shows tests and loggers what a prepared statement asked for."""

    def last_executed_query(self, cursor: Any, sql: str, params: Sequence[Any] | None) -> str:
        if isinstance(cursor, base.ServerBindingCursor):
            return str(self.compose_sql(sql, params))
        return str(super().last_executed_query(cursor, sql, params))


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own connection."""

    ops_class = DatabaseOperations

    def prepared_cursor(self) -> CursorWrapper:
        """Return a cursor that sends values beside the statement; the server keeps what it was told before."""
        self.ensure_connection()
        # Any: the stubs know neither.
        binding: Any = base.ServerBindingCursor
        django: Any = self
        with self.wrap_database_errors:
            wrapped: CursorWrapper = django._prepare_cursor(binding(self.connection))
        return wrapped

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        # At the first time; and more of them than there are.
        connection.prepare_threshold, connection.prepared_max = 0, 400
        return connection

    def is_usable(self) -> bool:
        """Tell whether the server is still there: when it leaves it closes the line, which is heard without asking."""
        if self.connection is None:
            return False
        try:
            with self.wrap_database_errors:
                self.connection.pgconn.consume_input()
        except OperationalError:
            return False
        return not self.connection.broken
