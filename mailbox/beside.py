"""A batch written while the next one is retrieved, where that is faster.

PostgreSQL works in processes of its own: while it writes, this one can read the next messages. SQLite works in this
process and takes Python's lock for every row, so that a second thread only makes both wait for each other (a pull was
slower by a third).
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from django.db import connection


class Writer[Batch, Result]:
    """Calls `store` with one batch after the other, in their order; at most one is on its way at a time.

    What `store` raises is raised by the next call. Leaving the context waits for the batch that is on its way: what
    was retrieved is kept, also where retrieving has failed since.
    """

    def __init__(self, store: Callable[[Batch], Result]) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(1) if connection.vendor == "postgresql" else None
        self._pending: Future[Result] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: object, _traceback: TracebackType | None) -> None:
        if self._pool:
            self._pool.submit(_close_connection)
            self._pool.shutdown()

    def write(self, batch: Batch) -> list[Result]:
        """Store `batch`, or begin to; return what became of those before it, and of itself where that is known."""
        if not self._pool:
            return [self._store(batch)]
        done = self.finish()
        self._pending = self._pool.submit(self._store, batch)
        return done

    def finish(self) -> list[Result]:
        """Wait for the batch that is on its way; return what became of it."""
        if not self._pending:
            return []
        pending, self._pending = self._pending, None
        return [pending.result()]


def _close_connection() -> None:
    """Close the connection of the thread that calls this: `connection` means another one in each."""
    connection.close()
