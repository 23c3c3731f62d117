"""Octets too many to hold in memory while others arrive."""

import weakref
from tempfile import TemporaryFile


class Spool:
    """A temporary file without a name, gone with the last reference to it."""

    def __init__(self) -> None:
        self.file = TemporaryFile()  # noqa: SIM115 - closed with the spool
        weakref.finalize(self, self.file.close)

    def __len__(self) -> int:
        """Its octets."""
        return self.file.seek(0, 2)

    def read(self) -> bytes:
        """All of it."""
        self.file.seek(0)
        return self.file.read()
