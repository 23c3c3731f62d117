"""A zip file (PKWARE's APPNOTE 6.3) written in one go, in memory that does not grow with the number of its entries.

Python's `zipfile` keeps half a kilobyte for each entry until the end: half a gigabyte for a million messages. Here the
index lies in a file beside the archive and is copied to its end. An entry is under 4 GB; the archive may be larger.
"""

import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

_FLAG_UTF8, _DEFLATED, _UNIX_PRIVATE = 0x800, 8, 0o100600 << 16
_MOST_16, _MOST_32 = 0xFFFF, 0xFFFFFFFF
_VERSION, _VERSION_ZIP64, _UNIX = 20, 45, 3 << 8
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_ZIP64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
# Where the CRC-32 and the two sizes stand in a local header.
_SIZES_AT = 14


class Entry:
    """One file in the archive, written piece by piece."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        self.crc = self.size = self.packed_size = 0

    def write(self, octets: bytes) -> None:
        self.crc = zlib.crc32(octets, self.crc)
        self.size += len(octets)
        self._put(self._deflate.compress(octets))

    def finish(self) -> None:
        self._put(self._deflate.flush())

    def _put(self, packed: bytes) -> None:
        self.packed_size += len(packed)
        self._file.write(packed)


class Zip:
    """An archive that is being written to `file`; `index` is an empty file that nobody else needs. Both can seek."""

    def __init__(self, file: BinaryIO, index: BinaryIO) -> None:
        self._file, self._index, self._count = file, index, 0

    @contextmanager
    def entry(self, name: str, at: datetime) -> Iterator[Entry]:
        """Give an entry to write to, which ends when the block does; `at` is its time, by the clock on the wall."""
        place, encoded, moment = self._file.tell(), name.encode(), _dos(at)
        self._file.write(_local(encoded, moment, 0, 0, 0))
        entry = Entry(self._file)
        yield entry
        entry.finish()
        end = self._file.tell()
        self._file.seek(place + _SIZES_AT)
        self._file.write(struct.pack("<3L", entry.crc, entry.packed_size, entry.size))
        self._file.seek(end)
        self._index.write(_central(encoded, moment, entry, place))
        self._count += 1

    def close(self) -> None:
        """Write the index to the end of the archive."""
        begin = self._file.tell()
        self._index.seek(0)
        shutil.copyfileobj(self._index, self._file)
        size = self._file.tell() - begin
        if self._count >= _MOST_16 or begin >= _MOST_32 or size >= _MOST_32:
            self._close_large(begin, size)
        count = min(self._count, _MOST_16)
        sizes = min(size, _MOST_32), min(begin, _MOST_32)
        self._file.write(_END.pack(b"PK\5\6", 0, 0, count, count, *sizes, 0))

    def _close_large(self, begin: int, size: int) -> None:
        end = self._file.tell()
        versions = _VERSION_ZIP64 | _UNIX, _VERSION_ZIP64
        rest = _END_ZIP64.size - 12
        self._file.write(_END_ZIP64.pack(b"PK\6\6", rest, *versions, 0, 0, self._count, self._count, size, begin))
        self._file.write(_LOCATOR.pack(b"PK\6\7", 0, end, 1))


def _local(name: bytes, moment: tuple[int, int], crc: int, packed_size: int, size: int) -> bytes:
    head = b"PK\3\4", _VERSION, _FLAG_UTF8, _DEFLATED, *moment
    return _LOCAL.pack(*head, crc, packed_size, size, len(name), 0) + name


def _central(name: bytes, moment: tuple[int, int], entry: Entry, place: int) -> bytes:
    is_far = place >= _MOST_32
    extra = struct.pack("<2HQ", 1, 8, place) if is_far else b""
    version = _VERSION_ZIP64 if is_far else _VERSION
    head = b"PK\1\2", version | _UNIX, version, _FLAG_UTF8, _DEFLATED, *moment
    sizes = entry.crc, entry.packed_size, entry.size, len(name), len(extra)
    return _CENTRAL.pack(*head, *sizes, 0, 0, 0, _UNIX_PRIVATE, min(place, _MOST_32)) + name + extra


def _dos(at: datetime) -> tuple[int, int]:
    """Return time and date as MS-DOS has them, which begins with 1980 and ends with 2107."""
    year = min(max(at.year, 1980), 2107) - 1980
    return at.hour << 11 | at.minute << 5 | at.second // 2, year << 9 | at.month << 5 | at.day
