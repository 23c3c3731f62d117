"""A cache in the memory of a process that keeps values as they are, for values that nobody changes."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

# Django makes a cache for each thread; what is kept belongs to all of them.
_rooms: dict[str, OrderedDict[str, tuple[float, Any]]] = {}
_lock = Lock()


class MemoryCache(BaseCache):
    """The values that were used last, at most MAX_ENTRIES, each for its time: as Django's own, but without pickling.

    That takes longer than many a value to be made. Only frozen values belong here.
    """

    def __init__(self, name: str, params: Mapping[str, Any]) -> None:
        super().__init__(dict(params))
        self._room = _rooms.setdefault(name, OrderedDict())

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        made = self.make_key(key, version)
        with _lock:
            until, value = self._room.get(made, (0.0, default))
            if until <= time.monotonic():
                self._room.pop(made, None)
                return default
            self._room.move_to_end(made)
            return value

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        made = self.make_key(key, version)
        with _lock:
            self._room[made] = time.monotonic() + (seconds or 0), value
            self._room.move_to_end(made)
            while len(self._room) > self._max_entries:
                self._room.popitem(last=False)

    def clear(self) -> None:
        with _lock:
            self._room.clear()
