"""Celery's broker where there is no Redis: a folder with one file per message, between the processes of one machine.

kombu's own filesystem transport lets a reader meet a file that is still being written, lists the folder for every
message, and keeps what has expired until a worker comes. Here a file appears whole, by rename; it belongs to the one
process whose unlink succeeds; and whoever writes also sweeps out what has expired.
"""

import fcntl
import logging
import os
import re
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import starmap
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)

# <when written>-<when over>-<random>.<queue>.msg, in nanoseconds since 1970. The width makes names sort by time.
_NAME = re.compile(r"(?P<dot>\.?)(?P<written>\d{20})-(?P<over>\d{20})-[0-9a-f]{32}\.(?P<queue>.+)\.msg")
_NEVER = 10**20 - 1
_SECOND = 10**9
# A file that is still unfinished after this has lost its writer.
_WRITING = 60 * _SECOND
_BETWEEN_SWEEPS = 10.0

type _Binding = filesystem.exchange_queue_t


class Channel(filesystem.Channel):
    """Messages are files in `data_folder_in`, bindings files in `control_folder`; neither is ever seen half-written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._folder = Path(self.data_folder_in)
        # What the folder held when it was last listed: listing it for every message would cost its length squared.
        self._waiting: defaultdict[str, deque[str]] = defaultdict(deque)
        self._swept_at = float("-inf")

    # Messages

    # kombu's own classes do not agree on the name of the second argument.
    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:  # type: ignore[override]
        """Add a message. Raises OSError when it cannot be written, and then nothing of it stays."""
        now = time.time_ns()
        self._sweep(now)
        expiration = message.get("properties", {}).get("expiration")
        over = now + int(expiration) * 10**6 if expiration else _NEVER
        _write_whole(self._folder / f"{now:020}-{over:020}-{uuid.uuid4().hex}.{queue}.msg", dumps(message))

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        """Take the oldest message of `queue`. Raises Empty at once: the transport does the waiting."""
        waiting = self._waiting[queue]
        if not waiting:
            waiting.extend(sorted(self._names_of(queue)))
        while waiting:
            if message := self._take(waiting.popleft()):
                return message
        raise Empty

    def _take(self, name: str) -> dict[str, Any] | None:
        """Return the message in the file and remove it; None when another process has it or there is none in it."""
        path = self._folder / name
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            text = b""
        try:
            path.unlink()
        except OSError:
            return None
        return None if _is_over(name, time.time_ns()) else _read(name, text)

    def _sweep(self, now: int) -> None:
        """Remove what has expired, now and then: without a worker the clock's ticks must not pile up."""
        if time.monotonic() - self._swept_at < _BETWEEN_SWEEPS:
            return
        self._swept_at = time.monotonic()
        for name in self._names():
            if _is_over(name, now):
                (self._folder / name).unlink(missing_ok=True)

    def _purge(self, queue: str) -> int:
        names = self._names_of(queue)
        for name in names:
            (self._folder / name).unlink(missing_ok=True)
        return len(names)

    def _size(self, queue: str) -> int:
        return len(self._names_of(queue))

    def _names_of(self, queue: str) -> list[str]:
        return [name for name in self._names() if name.partition(".")[2] == f"{queue}.msg"]

    def _names(self) -> list[str]:
        try:
            with os.scandir(self._folder) as files:
                return [file.name for file in files]
        except FileNotFoundError:
            # Emptying the broker by removing its folder is allowed, also while others run.
            return []

    # Bindings

    def get_table(self, exchange: str) -> list[_Binding]:
        """Return the bindings of an exchange: what stands in its file, and what this process has declared.

        The second alone where the file is gone or damaged: whoever sends tasks has declared their queue.
        """
        declared = self.state.exchanges.get(exchange, {}).get("table", [])
        return list(dict.fromkeys([*self._stored_table(exchange), *starmap(_binding, declared)]))

    def _stored_table(self, exchange: str) -> list[_Binding]:
        path = self._exchange_file(exchange)
        try:
            return list(starmap(_binding, loads(path.read_bytes())))
        except FileNotFoundError:
            return []
        except (ValueError, TypeError) as error:
            log.warning("%s is damaged and counts as empty: %s", path, error)
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        binding = _binding(routing_key, pattern, queue)
        self._change_table(exchange, lambda table: table if binding in table else [binding, *table])

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *_: Any, **__: Any) -> None:
        """Remove a queue: its messages and its binding."""
        self._purge(queue)
        binding = _binding(routing_key, pattern, queue)
        self._change_table(exchange, lambda table: [each for each in table if each != binding])

    def _change_table(self, exchange: str, change: Callable[[list[_Binding]], list[_Binding]]) -> None:
        path = self._exchange_file(exchange)
        with _locked(path.parent):
            table = self._stored_table(exchange)
            changed = change(table)
            if changed != table:
                _write_whole(path, dumps(changed))


class Transport(filesystem.Transport):
    """What CELERY_BROKER_TRANSPORT names; the options are those of kombu's filesystem transport."""

    Channel = Channel


def _binding(routing_key: str | None, pattern: str | None, queue: str) -> _Binding:
    return filesystem.exchange_queue_t(routing_key or "", pattern or "", queue)


def _write_whole(path: Path, text: str) -> None:
    """Write a file that nobody sees before it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    try:
        unfinished.write_text(text)
        unfinished.rename(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def _is_over(name: str, now: int) -> bool:
    """Tell whether a message has expired, or its writer died; False for files that are no messages."""
    match = _NAME.fullmatch(name)
    if match is None:
        return False
    return now > (int(match["written"]) + _WRITING if match["dot"] else int(match["over"]))


def _read(name: str, text: bytes) -> dict[str, Any] | None:
    try:
        message = loads(text)
    except ValueError:
        message = None
    if isinstance(message, dict):
        return message
    log.warning("the broker's file %s held no message and was removed", name)
    return None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        # Closing the file gives the lock back, and so does the end of the process.
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
