"""Large files on their way to slow lines: each holds a thread of the web server, so only some may at once."""

import threading
from typing import BinaryIO, Self

_SLICE = 256 * 1024
# Of the four threads that a web server has as a rule (`serve`), the others go on answering.
AT_ONCE = 2
_places = threading.BoundedSemaphore(AT_ONCE)


class Sending:
    """The octets of `file` in pieces, one of which is in memory. Whoever sends them calls `close` in the end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    @classmethod
    def begin(cls, file: BinaryIO) -> Self | None:
        """Take a place for sending `file`; None, and the file closed, where all are taken."""
        if _places.acquire(blocking=False):
            return cls(file)
        file.close()
        return None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if piece := self._file.read(_SLICE):
            return piece
        raise StopIteration

    def close(self) -> None:
        """Give the place back; a second time it does nothing."""
        if not self._file.closed:
            self._file.close()
            _places.release()
