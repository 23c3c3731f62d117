"""Files as one zip, made while it is sent: never more of it in memory than one slice."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zipfile import ZIP_STORED, ZipFile, ZipInfo

# The format counts years from 1980.
_FIRST_YEAR = 1980
_LAST_YEAR = 2107

type Entry = tuple[str, Iterable[bytes]]
"""A file's name, safe for any file system, and its octets in slices."""


def zipped(entries: Iterable[Entry], at: datetime) -> Iterator[bytes]:
    """Yield a zip of `entries`, whose files bear the time `at`; names that meet are numbered.

    Stored, not deflated: what people attach is compressed already, and a slow processor would hold up the line.
    """
    outlet = _Outlet()
    taken: set[str] = set()
    # The outlet cannot seek: zipfile puts sizes and checksums behind each file (APPNOTE 4.3.9) and into the directory.
    with ZipFile(outlet, "w", ZIP_STORED) as archive:
        for name, slices in entries:
            info = ZipInfo(unique_name(name, taken), _time(at))
            with archive.open(info, "w") as file:
                for piece in slices:
                    file.write(piece)
                    yield outlet.take()
    yield outlet.take()


def unique_name(name: str, taken: set[str]) -> str:
    """Return `name`, numbered if it is `taken` (`a (2).pdf`), and add it; upper and lower case are one name to many."""
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){dot}{suffix}"
    taken.add(found.casefold())
    return found


def _time(at: datetime) -> tuple[int, int, int, int, int, int]:
    year = min(max(at.year, _FIRST_YEAR), _LAST_YEAR)
    return (year, at.month, at.day, at.hour, at.minute, at.second)


class _Outlet:
    """Where the archive is written to: keeps what came since the last look."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, octets: bytes) -> int:
        self._pieces.append(bytes(octets))
        return len(octets)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing is held here."""

    def take(self) -> bytes:
        octets = b"".join(self._pieces)
        self._pieces.clear()
        return octets
