"""Files on their way to slow lines: each holds a thread of the web server, so only some may at once."""

import threading
from collections import Counter
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO, Self

from django.conf import settings

from webmail.serving import FILES

# What is not larger leaves its thread at once, for the server takes it whole.
AT_A_TIME = 1024 * 1024
_SLICE = 256 * 1024
# As many as a browser asks one server for at a time; others still find a place then.
OF_ONE = 6


class Places:
    """The places for large files, and how many of them each person has."""

    def __init__(self, at_once: int = FILES, of_one: int = OF_ONE) -> None:
        self._at_once, self._of_one = at_once, of_one
        self._taken: Counter[int] = Counter()
        self._lock = threading.Lock()

    def take(self, person: int) -> bool:
        """Give the person of that primary key a place, if one is free for him."""
        with self._lock:
            is_free = self._taken.total() < self._at_once and self._taken[person] < self._of_one
            self._taken[person] += is_free
            return is_free

    def leave(self, person: int) -> None:
        with self._lock:
            self._taken[person] -= 1
            # Nobody's entry stays for nothing.
            self._taken += Counter()


places = Places()


class Sending:
    """The octets of `file` in pieces, one of which is in memory. Whoever sends them calls `close` in the end."""

    def __init__(self, file: IO[bytes], size: int, person: int | None) -> None:
        """Take over `file`, of `size` octets, and the place of `person`, if it has one."""
        self.size = size
        self._file, self._person = file, person

    @classmethod
    def begin(cls, file: IO[bytes], person: int) -> Self | None:
        """Take a place for sending `file` to `person`; None, and the file closed, where he finds none."""
        size = file.seek(0, 2)
        file.seek(0)
        if size <= AT_A_TIME:
            return cls(file, size, None)
        if places.take(person):
            return cls(file, size, person)
        file.close()
        return None

    @classmethod
    def of(cls, pieces: Iterable[bytes], person: int) -> Self | None:
        """Do the same for what is made in pieces: it lies on the disk while it leaves, and not in memory."""
        # Of the process that ends, whatever happens: such a file has no name.
        file = SpooledTemporaryFile(max_size=AT_A_TIME, dir=str(settings.DATA_DIR))  # noqa: SIM115
        for piece in pieces:
            file.write(piece)
        return cls.begin(file, person)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if piece := self._file.read(AT_A_TIME if self._person is None else _SLICE):
            return piece
        raise StopIteration

    def close(self) -> None:
        """Give the place back; a second time it does nothing."""
        if not self._file.closed:
            self._file.close()
            if self._person is not None:
                places.leave(self._person)
