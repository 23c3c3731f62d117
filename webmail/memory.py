"""A cache in the memory of a process that keeps values as they are, for values that nobody changes."""

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache


class MemoryCache(LocMemCache):
    """Django's own without pickling, which takes longer than many a value to be made: only for frozen ones."""

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        with self._lock:
            self._set(self.make_key(key, version), value, timeout)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        made = self.make_key(key, version)
        with self._lock:
            if self._has_expired(made):
                self._delete(made)
                return default
            self._cache.move_to_end(made, last=False)
            return self._cache[made]
