"""A batch written while the next one is retrieved, where that is faster.

PostgreSQL works in processes of its own: while it writes, this one can read the next messages. SQLite works in this
process and takes Python's lock for every row, so that a second thread only makes both wait for each other (a pull was
slower by a third).
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from django.db import connection

# One is written, one waits: now and then the server puts its index in order, for as long as two batches take.
_MOST_PENDING = 2


class Writer[Batch, Result]:
    """Calls `store` with one batch after the other, in their order; at most two are on their way at a time.

    What `store` raises is raised by one of the next calls, and no batch after it is stored. Leaving the context waits
    for the batches that are on their way: what was retrieved is kept, also where retrieving has failed since.
    """

    def __init__(self, store: Callable[[Batch], Result]) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(1) if connection.vendor == "postgresql" else None
        self._pending: deque[Future[Result]] = deque()
        self._has_failed = False

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
        done = [self._oldest()] if len(self._pending) == _MOST_PENDING else []
        self._pending.append(self._pool.submit(self._store_in_turn, batch))
        return done

    def finish(self) -> Iterator[Result]:
        """Wait for the batches that are on their way; yield what became of each."""
        while self._pending:
            yield self._oldest()

    def _oldest(self) -> Result:
        try:
            return self._pending.popleft().result()
        except BaseException:
            # None of them is stored.
            self._pending.clear()
            raise

    def _store_in_turn(self, batch: Batch) -> Result:
        if self._has_failed:
            raise CancelledError
        try:
            return self._store(batch)
        except BaseException:
            self._has_failed = True
            raise


def _close_connection() -> None:
    """Close the connection of the thread that calls this: `connection` means another one in each."""
    connection.close()
