"""Where files hold mail, and the messages in them: mbox, Maildir and single messages (.eml).

Nothing is changed on disk, octets are kept as they are, and no more than one message of a file is in memory.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO


class NotMail(Exception):
    """A file or folder that holds no mail in a form that is known here; the text says what it is instead."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that holds mail: an mbox with any number of messages, or a single message."""

    path: Path
    octets_count: int
    is_mbox: bool = False
    flags: str | None = None
    """The letters of a Maildir's file name, such as "RS"; None where the form has no flags."""


def sources(path: Path) -> list[Source]:
    """Return the files of mail at `path`: an mbox, a message, a Maildir, or a folder that holds any of these.

    Raises NotMail where there are none, and OSError where `path` cannot be read.
    """
    if not path.exists():
        raise NotMail(f"{path} does not exist")
    if not path.is_dir():
        return [_named(path)]
    found = [source for folder, _, names in path.walk() for source in _in_folder(folder, names)]
    if not found:
        raise NotMail(f"{path} holds no mail: no Maildir, no mbox and no .eml file")
    return sorted(found, key=lambda source: source.path)


def _named(path: Path) -> Source:
    """Return the source for a file that somebody named, which may have any suffix."""
    opening = _opening(path)
    if path.suffix.lower() == ".eml" or _FIELD.match(opening):
        return Source(path, path.stat().st_size)
    if not opening.strip() or opening.lstrip().startswith(b"From "):
        return Source(path, path.stat().st_size, is_mbox=True)
    raise NotMail(f"{path} is no mail: an mbox begins with a line “From …”, a message with its header")


def _in_folder(folder: Path, names: Iterable[str]) -> Iterator[Source]:
    """Yield what `folder` itself holds. Only what is mail beyond doubt: nobody named these files."""
    is_maildir = folder.name in _MAILDIR and all((folder.parent / name).is_dir() for name in _MAILDIR)
    for path in (folder / name for name in names if not name.startswith(".")):
        if not path.is_file():
            continue
        if is_maildir:
            yield Source(path, path.stat().st_size, flags=_flags(path.name))
        elif path.suffix.lower() == ".eml":
            yield Source(path, path.stat().st_size)
        elif _looks_like_mbox(path):
            yield Source(path, path.stat().st_size, is_mbox=True)


_MAILDIR = ("cur", "new")


def _looks_like_mbox(path: Path) -> bool:
    try:
        return _opening(path).startswith(b"From ")
    except OSError:
        # Not left out in silence: reading it will say what is wrong.
        return True


def _opening(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1024)


def _flags(name: str) -> str:
    """Return the flags in a Maildir's file name, such as "RS" of "1762.a.host:2,RS"."""
    found = _INFO.search(name)
    return found[1] if found else ""


# Where file systems take no colon in a name, another sign stands for it.
_INFO = re.compile(r"[:;!]2,([A-Za-z]*)$")

_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as it lay in a file."""

    octets: bytes
    flags: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """What could not be read, and why."""

    reason: str


def read(source: Source, *, octets_limit: int) -> Iterator[Mail | Skipped]:
    """Yield the messages of `source`; those over `octets_limit` are skipped, and so is a file that cannot be read."""
    try:
        if source.is_mbox:
            yield from _read_mbox(source.path, octets_limit)
        elif source.octets_count > octets_limit:
            yield _too_large(source.path, octets_limit)
        else:
            yield Mail(source.path.read_bytes(), source.flags)
    except NotMail as problem:
        yield Skipped(f"{source.path}: {problem}")
    except OSError as error:
        yield Skipped(f"{source.path}: {error.strerror}")


def _read_mbox(path: Path, octets_limit: int) -> Iterator[Mail | Skipped]:
    with path.open("rb") as file:
        for number, octets in enumerate(read_mbox(file, octets_limit=octets_limit), start=1):
            yield Mail(octets) if octets is not None else _too_large(f"{path}, message {number}", octets_limit)


def _too_large(what: object, octets_limit: int) -> Skipped:
    return Skipped(f"{what}: larger than {octets_limit:,} octets (MESSAGE_OCTETS_LIMIT)")


_CHUNK = 65_536
# "From alice@home.test Mon Nov  3 09:14:00 2025": some writers put the zone before the year, or leave the seconds out.
_DATED = re.compile(rb"From .*\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? \w{3} +\d{1,2},? +[\d:]{4,8} .*\d{4}")
_QUOTED = re.compile(rb">+From ")


def read_mbox(file: BinaryIO, *, octets_limit: int) -> Iterator[bytes | None]:
    """Yield the octets of each message of an mbox (RFC 4155), or None for one over `octets_limit`.

    Lines may end in LF or CRLF and keep what they have. One ">" goes from every line ">From ", ">>From " and so on
    (mboxrd); mboxo quotes the first of these alone, and its files do not say so. Raises NotMail.
    """
    opening = _first_line(file)
    if opening and not opening.startswith(b"From "):
        raise NotMail("it is no mbox: it does not begin with a line “From …”")
    is_dated = bool(_DATED.match(opening))
    message, is_at_start, is_after_blank = bytearray(), True, True
    for chunk in iter(partial(file.readline, _CHUNK), b""):
        if is_at_start and chunk.startswith(b"From ") and (_DATED.match(chunk) if is_dated else is_after_blank):
            yield _message(message, octets_limit)
            message.clear()
        elif len(message) <= octets_limit + len(_BLANK_LINES[0]):
            message += chunk[1:] if is_at_start and _QUOTED.match(chunk) else chunk
        is_after_blank = is_at_start and chunk in _BLANK_LINES
        is_at_start = chunk.endswith(b"\n")
    if opening:
        yield _message(message, octets_limit)


_BLANK_LINES = (b"\r\n", b"\n")


def _first_line(file: BinaryIO) -> bytes:
    """Return the first line that is not blank, or b"" where there is none."""
    lines = iter(partial(file.readline, _CHUNK), b"")
    return next((line for line in lines if line.strip()), b"")


def _message(lines: bytearray, octets_limit: int) -> bytes | None:
    """Return the message without the blank line that ends it in an mbox."""
    octets = bytes(lines)
    for ending in _BLANK_LINES:
        if octets == ending or octets.endswith(b"\n" + ending):
            octets = octets.removesuffix(ending)
            break
    return octets if len(octets) <= octets_limit else None
