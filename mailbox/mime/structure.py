"""The tree of a message's parts (RFC 2046), found by slicing: no octet is copied, nothing is decoded.

Bounded by `Limits`, because a tree of 100,000 parts or of depth 1,000 costs its sender nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbox.mime.fields import RawHeader, read_header
from mailbox.mime.limits import Limits
from mailbox.mime.parameters import read_parameters

# A part's header may be missing, but without any in sight a line that begins with dashes is a signature.
_BOUNDARY = re.compile(rb"^--([^\s-][^\r\n]{0,198}+|-+[^\s-][^\r\n]{0,190}+)\r?+\n(?=Content-[A-Za-z-]{1,40}:)", re.M)
_PREAMBLE = 16 * 1024
_LONGEST_PADDING = 200
_SHORTEST_HEADER = 200  # octets of a part's header that are read also when many before it were long


@dataclass(slots=True)
class Node:
    """A part: its header and the slice `start:end` that is its body; `children` when it is a multipart."""

    header: RawHeader
    media_type: str
    parameters: dict[str, str]
    start: int
    end: int
    fields: dict[bytes, bytes]
    children: list["Node"] = field(default_factory=list)
    begin: int = 0
    """Where its header begins."""


def read_tree(octets: bytes, limits: Limits) -> tuple[Node, list[str]]:
    """The tree of a whole message, and the defects found."""
    builder = _Builder(octets, limits)
    root = builder.node(0, len(octets), 0, "text/plain")
    return root, builder.defects


@dataclass(slots=True)
class _Builder:
    octets: bytes
    limits: Limits
    defects: list[str] = field(default_factory=list)
    parts_count: int = 0
    delimiters_count: int = 0
    headers_octets: int = 0

    def node(self, start: int, end: int, depth: int, default_type: str) -> Node:
        room = self.limits.headers_octets - self.headers_octets
        header = read_header(self.octets, start, end, limit=max(min(self.limits.header_octets, room), _SHORTEST_HEADER))
        self.headers_octets += header.body_start - start
        for defect in header.defects:
            self._note(defect)
        fields = header.first()
        media_type, parameters = self._media_type(fields, default_type)
        node = Node(header, media_type, parameters, min(header.body_start, end), end, fields, begin=start)
        if media_type.startswith("multipart/"):
            self._divide(node, depth)
        return node

    def _media_type(self, fields: dict[bytes, bytes], default_type: str) -> tuple[str, dict[str, str]]:
        value = fields.get(b"content-type")
        if value is None:
            return default_type, {}
        media_type, parameters = read_parameters(value)
        kind, slash, subtype = media_type.partition("/")
        if kind and slash and subtype and " " not in media_type:
            return media_type, parameters
        # RFC 2045, 5.2: what cannot be understood is plain text; "text" and "html" alone are common.
        self._note("bad media type")
        return ("text/html" if media_type == "html" else "text/plain"), parameters

    def _divide(self, node: Node, depth: int) -> None:
        boundary = node.parameters.get("boundary", "").encode("utf-8", "replace")
        if depth >= self.limits.depth:
            self._note("too deeply nested")
            return
        if not boundary:
            self._divide_by_guess(node, depth, "multipart without a boundary")
            return
        self._divide_at(node, depth, boundary)
        if not node.children:
            self._divide_by_guess(node, depth, "multipart without its boundary")

    def _divide_at(self, node: Node, depth: int, boundary: bytes) -> None:
        default_type = "message/rfc822" if node.media_type == "multipart/digest" else "text/plain"
        for start, end in self._slices(node, b"\n--" + boundary):
            node.children.append(self.node(start, end, depth + 1, default_type))

    def _divide_by_guess(self, node: Node, depth: int, defect: str) -> None:
        """Divide at the first line that looks like a boundary above the header of a part; without one it is text."""
        self._note(defect)
        looks_like = _BOUNDARY.search(self.octets, node.start, min(node.end, node.start + _PREAMBLE))
        if looks_like:
            self._divide_at(node, depth, looks_like[1].rstrip())
        if not node.children:
            node.media_type = "text/plain"

    def _slices(self, node: Node, delimiter: bytes) -> list[tuple[int, int]]:
        """Where the parts of a multipart begin and end; the line end before a delimiter is part of it."""
        slices: list[tuple[int, int]] = []
        begin = 0
        for at, line_end, is_last in self._delimiters(node, delimiter):
            if begin:
                slices.append((begin, self._before(at, begin)))
            if is_last:
                return slices
            begin = min(line_end + 1, node.end)
            self.parts_count += 1
            if self.parts_count >= self.limits.parts_count:
                self._note("too many parts")
                break
        else:
            if begin:
                self._note("multipart without its end")
        return [*slices, (begin, node.end)] if begin else slices

    def _delimiters(self, node: Node, delimiter: bytes) -> Iterator[tuple[int, int, bool]]:
        """Lines that are the boundary: where they begin and end, and whether they close the multipart."""
        # The empty line above the body ends in LF, so a delimiter on the body's first line is found too.
        at = self.octets.find(delimiter, max(node.start - 1, 0), node.end)
        while at >= 0:
            self.delimiters_count += 1
            if self.delimiters_count > self.limits.delimiters_count:
                self._note("too many boundary lines")
                return
            rest_start = at + len(delimiter)
            line_end = self.octets.find(b"\n", rest_start, node.end)
            line_end = node.end if line_end < 0 else line_end
            rest = self.octets[rest_start : min(line_end, rest_start + _LONGEST_PADDING)].strip()
            if rest in (b"", b"--"):
                yield at, line_end, rest == b"--"
            at = self.octets.find(delimiter, line_end, node.end)

    def _before(self, at: int, begin: int) -> int:
        if at > begin and self.octets[at - 1] == 0x0D:
            at -= 1
        return max(at, begin)

    def _note(self, defect: str) -> None:
        if defect not in self.defects:
            self.defects.append(defect)
