"""Where a header ends and which fields it holds (RFC 5322, 2.2), for headers that keep to no rule as well."""

import re
from dataclasses import dataclass

_NAME = rb"[!-9;-~]++[ \t]*+:"
_FIELD = re.compile(rb"^([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.M)
_START = re.compile(rb">?From [^\n]*+(?:\n|\Z)|" + _NAME)
# A line that is neither a field nor a continuation belongs to the header all the same when a field follows:
# mailers fold subjects without indenting them.
_BLOCK = re.compile(
    rb"(?:" + _NAME + rb"[^\n]*+(?:\n|\Z)"
    rb"|[ \t][^\n]*+(?:\n|\Z)"
    rb"|>?From [^\n]*+(?:\n|\Z)"
    rb"|[^\r\n][^\n]*+\n(?=[A-Za-z][A-Za-z0-9-]*+:[ \t]))*+"
)
_EMPTY_LINE = re.compile(rb"\r*+\n|\r*+\Z")


@dataclass(frozen=True, slots=True)
class RawHeader:
    """Fields as (name, value) octets in order, and where the body begins."""

    fields: tuple[tuple[bytes, bytes], ...]
    body_start: int
    defects: tuple[str, ...] = ()

    def first(self) -> dict[bytes, bytes]:
        """Lower-case name to value; of a repeated field, the first counts."""
        return {name.lower(): value for name, value in reversed(self.fields)}


def read_header(octets: bytes, start: int, end: int, *, limit: int) -> RawHeader:
    """The header that begins at `start`; at most `limit` octets of it are read."""
    upto = min(end, start + limit)
    if not _START.match(octets, start, upto):
        return _without_header(octets, start, end)
    block_end = _BLOCK.match(octets, start, upto).end()  # type: ignore[union-attr]
    fields = tuple(_FIELD.findall(octets, start, block_end))
    if block_end >= upto < end:
        return RawHeader(fields, _skip_header(octets, block_end, end), ("header too long",))
    empty_line = _EMPTY_LINE.match(octets, block_end, end)
    if not empty_line:
        return RawHeader(fields, block_end, ("header ends without an empty line",))
    return RawHeader(fields, empty_line.end())


def _without_header(octets: bytes, start: int, end: int) -> RawHeader:
    empty_line = _EMPTY_LINE.match(octets, start, end)
    if empty_line:
        return RawHeader((), empty_line.end())
    return RawHeader((), start, ("no header",))


def _skip_header(octets: bytes, at: int, end: int) -> int:
    ends = [found + len(mark) for mark in (b"\n\r\n", b"\n\n") if (found := octets.find(mark, at - 1, end)) >= 0]
    return min(ends, default=end)
