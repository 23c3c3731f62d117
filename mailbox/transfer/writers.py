"""Messages written into files: mbox, Maildir and single messages (.eml), for their owner alone."""

import enum
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

from django.utils.text import slugify

from mailbox.models import Folder, Message


class Form(enum.StrEnum):
    """How exported mail is written."""

    MBOX = "mbox"
    MAILDIR = "maildir"
    EML = "eml"


def write_mbox(path: Path, messages: Iterable[Message], *, overwrite: bool = False) -> int:
    """Write `messages` as one mbox (mboxrd) and return how many there were.

    `read_mbox` gives every octet back, whatever the line ends, but for one thing that an mbox cannot keep: that a
    message does not end in a line end. Such a message gets one. Raises FileExistsError unless `overwrite`.
    """
    with _replacing(path, overwrite=overwrite) as file:
        return _each(messages, lambda message: file.write(in_mbox(message)))


def _each(messages: Iterable[Message], write: Callable[[Message], object]) -> int:
    return sum(1 for _ in map(write, messages))


def in_mbox(message: Message) -> bytes:
    """Return a message as it stands in an mbox (mboxrd): after its line “From …”, quoted, and with a blank line."""
    octets = message.octets
    # A line end in the message's own style, so that a file of mail from servers has CRLF throughout.
    line_end = b"\r\n" if octets.partition(b"\n")[0].endswith(b"\r") else b"\n"
    sender = re.sub(r"[^!-~]", "", message.sender_address) or "MAILER-DAEMON"
    received_at = message.received_at.astimezone(UTC)
    opening = f"From {sender} {received_at:%a %b} {received_at.day:2} {received_at:%H:%M:%S %Y}".encode()
    quoted = _TO_QUOTE.sub(rb">\g<0>", octets)
    ending = line_end if octets and not octets.endswith(b"\n") else b""
    return b"".join([opening, line_end, quoted, ending, line_end])


_TO_QUOTE = re.compile(rb"^>*From ", re.MULTILINE)


def write_maildir(folder: Path, messages: Iterable[Message], *, overwrite: bool = False) -> int:
    """Write `messages` byte for byte into a Maildir and return how many there were. Raises FileExistsError."""
    cur, new, tmp = (_private_folder(folder / name) for name in ("cur", "new", "tmp"))
    there = {path.name.partition(":")[0]: path for path in [*cur.iterdir(), *new.iterdir()]}

    def write(message: Message) -> None:
        name = f"{int(message.received_at.timestamp())}.{message.key}.letterbox"
        flags = _maildir_flags(message)
        if name in there:
            _make_room(there[name], overwrite=overwrite)
        with _replacing(tmp / name, overwrite=True) as file:
            file.write(message.octets)
        (tmp / name).rename(cur / f"{name}:2,{flags}" if flags else new / name)

    return _each(messages, write)


def _maildir_flags(message: Message) -> str:
    flags = {"F": message.is_starred, "S": message.is_read, "T": message.folder == Folder.TRASH}
    return "".join(flag for flag, is_set in flags.items() if is_set)


def write_eml(folder: Path, messages: Iterable[Message], *, overwrite: bool = False) -> int:
    """Write each of `messages` byte for byte into a file of its own; return how many. Raises FileExistsError."""
    _private_folder(folder)

    def write(message: Message) -> None:
        with _replacing(folder / eml_name(message), overwrite=overwrite) as file:
            file.write(message.octets)

    return _each(messages, write)


def eml_name(message: Message) -> str:
    """Return a name of letters, digits, "-" and "_", which every file system takes and sorts by time."""
    words = [f"{message.received_at:%Y-%m-%d-%H%M}", slugify(message.subject)[:60].strip("-"), message.key]
    return "-".join(word for word in words if word) + ".eml"


def _private_folder(folder: Path) -> Path:
    """Make `folder` and what is missing above it, for their owner alone."""
    if not folder.is_dir():
        _private_folder(folder.parent).joinpath(folder.name).mkdir(mode=0o700)
    return folder


@contextmanager
def _replacing(path: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """Give a file that stands at `path` once it is whole, for its owner alone. Raises FileExistsError."""
    _private_folder(path.parent)
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
        _make_room(path, overwrite=overwrite)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _make_room(path: Path, *, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise FileExistsError(path)
    path.unlink(missing_ok=True)
