"""Mail in a file that somebody uploads: an mbox, a message, or an archive with mboxes such as Takeout's.

Nothing is unpacked to disk, and no more than one message is in memory.
"""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from mailbox.transfer.readers import NotMail, Skipped, read_mbox

_ENDS = (".mbox", ".mbx", ".eml")
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


def read_uploaded(
    path: Path, *, octets_limit: int, total_limit: int, on_octets: Callable[[int], None] = lambda octets_done: None
) -> Iterator[bytes | Skipped]:
    """Yield the octets of each message in the file; what cannot be read comes as Skipped and ends that file only.

    `octets_limit` is that of a message, `total_limit` that of all that is let out of an archive. `on_octets` is told
    how much of the file itself has been read. Raises NotMail where the file holds no mail in any known form.
    """
    with path.open("rb") as file:
        opening = file.read(1024)
        file.seek(0)
        meter = _Meter(total_limit, lambda: on_octets(file.tell()))
        if opening.startswith(b"PK"):
            yield from _in_zip(file, meter, octets_limit)
        elif opening.startswith(b"\x1f\x8b") or tarfile.is_tarfile(path):
            yield from _in_tar(file, meter, octets_limit)
        else:
            yield from _messages(path.name, file, meter, octets_limit)


class _Meter:
    """Counts what is read from all files of an archive."""

    def __init__(self, limit: int, on_read: Callable[[], None]) -> None:
        self.left = limit
        self.on_read = on_read


class _Metered:
    """A file that hands out no more than the meter allows. Raises NotMail beyond it."""

    def __init__(self, file: BinaryIO, meter: _Meter) -> None:
        self._file = file
        self._meter = meter

    def readline(self, size: int = -1) -> bytes:
        line = self._file.readline(size)
        self._meter.left -= len(line)
        if self._meter.left < 0:
            raise NotMail("it holds more than may be imported at once")
        return line


def _in_zip(file: BinaryIO, meter: _Meter, octets_limit: int) -> Iterator[bytes | Skipped]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [each for each in archive.infolist() if each.filename.lower().endswith(_ENDS)]
            for member in members:
                with archive.open(member) as content:
                    yield from _messages(member.filename, content, meter, octets_limit)  # type: ignore[arg-type]
    except _DAMAGED as error:
        yield Skipped(f"the archive is damaged or locked ({type(error).__name__})")
        return
    if not members:
        raise NotMail("the archive holds no mbox")


def _in_tar(file: BinaryIO, meter: _Meter, octets_limit: int) -> Iterator[bytes | Skipped]:
    is_empty = True
    try:
        with tarfile.open(fileobj=file, mode="r|*") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name.lower().endswith(_ENDS) else None
                if content:
                    is_empty = False
                    yield from _messages(member.name, content, meter, octets_limit)  # type: ignore[arg-type]
    except _DAMAGED as error:
        yield Skipped(f"the archive is damaged ({type(error).__name__})")
        return
    if is_empty:
        raise NotMail("the archive holds no mbox")


def _messages(name: str, file: BinaryIO, meter: _Meter, octets_limit: int) -> Iterator[bytes | Skipped]:
    if name.lower().endswith(".eml"):
        octets = file.read(octets_limit + 1)
        yield octets if len(octets) <= octets_limit else _too_large(name)
        return
    # What `read_mbox` asks of a file is readline.
    metered: BinaryIO = _Metered(file, meter)  # type: ignore[assignment]
    for octets_or_none in read_mbox(metered, octets_limit=octets_limit):
        meter.on_read()
        yield octets_or_none if octets_or_none is not None else _too_large(name)


def _too_large(name: str) -> Skipped:
    return Skipped(f"{name}: a message is larger than MESSAGE_OCTETS_LIMIT")
