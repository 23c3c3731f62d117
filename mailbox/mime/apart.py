"""Reading where it can be killed: a message of suspicious shape is read first in a process of its own.

`parse` is bounded by its limits, and a test holds them; but a worker's threads share one interpreter, so a mistake in
them would stop all of them. That process answers only whether the reading ended. What never does is shown as its
header and a file.
"""

import re
import resource
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from mailbox.mime.fields import read_header
from mailbox.mime.limits import Limits
from mailbox.mime.parse import Parsed, parse, read_message_header
from mailbox.mime.part import Part

UNREAD = "took too long to read"
_SECONDS = 10
_ROOT = Path(__file__).parents[2]
_NO_ROOM = 3  # how the process ends that wanted more than its memory
_MEMORY = 1024 * 1024 * 1024
# Below this nothing takes long; above it, attachments are long and everything else is not.
_SMALL = 128 * 1024
_HEADER_OCTETS = 16 * 1024
_LONG_HEADER = 64 * 1024
_BLANK_LINE = re.compile(rb"\n\r?\n")
# Marks that make work, and how many of them no honest message has.
_MARKS = ((b"\n--", 3_000), (b"=?", 20_000), (b"\x1b", 200_000), (b"\nbegin ", 500), (b"<!--", 50_000))


def is_suspicious(octets: bytes) -> bool:
    """Whether the message has the shape of those that are made to take time."""
    if len(octets) < _SMALL:
        return False
    header = _BLANK_LINE.search(octets, 0, _LONG_HEADER)
    return header is None or any(octets.count(mark) > count for mark, count in _MARKS)


def parse_apart(octets: bytes, *, limits: Limits = Limits(), seconds: int = _SECONDS) -> Parsed:  # noqa: B008 - frozen
    """As `parse`; a suspicious message that cannot be read in `seconds` comes back as by `unread`."""
    if is_suspicious(octets) and not _ends(octets, seconds):
        return unread(octets, limits=limits)
    return parse(octets, limits=limits)


def parse_again(octets: bytes, defects: Collection[str], *, limits: Limits = Limits()) -> Parsed:  # noqa: B008 - frozen
    """The values of a message that was read before, with those `defects`: what took too long is not tried again."""
    return unread(octets, limits=limits) if UNREAD in defects else parse(octets, limits=limits)


def unread(octets: bytes, *, limits: Limits = Limits()) -> Parsed:  # noqa: B008 - frozen
    """The header's first 16 KB, and the whole message as a file."""
    header = read_header(octets, 0, len(octets), limit=_HEADER_OCTETS)
    whole = Part(
        index=0,
        media_type="application/octet-stream",
        charset="",
        file_name="message.eml",
        content_id="",
        is_inline=False,
        message=octets,
        end=len(octets),
    )
    return Parsed(
        header=read_message_header(header, limits),
        parts=(whole,),
        defects=(UNREAD,),
        bodies=(),
        readable=(),
        attachments=(whole,),
        limits=limits,
    )


def _ends(octets: bytes, seconds: int) -> bool:
    """Whether another process can read the message in that time. One that cannot even start says nothing against it."""
    command = [sys.executable, "-m", __name__, str(seconds)]
    try:
        done = subprocess.run(command, input=octets, cwd=_ROOT, timeout=3 * seconds, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return False
    return done.returncode >= 0 and done.returncode != _NO_ROOM


def _main() -> None:
    """Read the message on the standard input as delivery does."""
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        parsed = parse(sys.stdin.buffer.read())
        parsed.text()
        _ = [part.octets_count for part in parsed.attachments]
    except MemoryError:
        sys.exit(_NO_ROOM)


if __name__ == "__main__":
    _main()
