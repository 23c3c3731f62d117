"""TNEF (MS-OXTNEF), the `winmail.dat` that Outlook sends: the files and the text in it, found by slicing.

A stream is a signature and a list of attributes; some of them hold MAPI properties, of which a few name and describe
a file. Everything is bounded: attributes and properties by their count, messages inside messages by their depth.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mailbox.mime.charset import decode_text
from mailbox.mime.enclosed import Enclosed

_SIGNATURE = 0x223E9F78
_BODY, _CODE_PAGE, _MESSAGE = 0x0002800C, 0x00069007, 0x00069003
_FILE, _FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_ATTRIBUTES_COUNT = 20_000
_PROPERTIES_COUNT = 2_000
_DEPTH = 4
# MAPI properties (MS-OXPROPS) by their ids.
_TEXT, _HTML, _RTF = 0x1000, 0x1013, 0x1009
_TITLE, _DATA, _NAME, _LONG_NAME, _TYPE, _CONTENT_ID = 0x3001, 0x3701, 0x3704, 0x3707, 0x370E, 0x3712
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_OBJECT, _NARROW, _WIDE, _BINARY = 0x0D, 0x1E, 0x1F, 0x102
_VARIABLE = (_OBJECT, _NARROW, _WIDE, _BINARY)
_MANY = 0x1000
COMPRESSED_RTF = "application/x-compressed-rtf"
_RENDERINGS = ((_TEXT, "text/plain"), (_RTF, COMPRESSED_RTF), (_HTML, "text/html"))
RANKS = ("text/html", "text/plain", COMPRESSED_RTF)
_INTERFACE = 16  # octets that name the kind of an object, in front of it


@dataclass(slots=True)
class Tnef:
    """What a stream holds: slices of its own octets."""

    files: list[Enclosed] = field(default_factory=list)
    texts: list[Enclosed] = field(default_factory=list)
    """Renderings of the body, the best one first."""
    code_page: str = ""
    is_tnef: bool = False


@dataclass(frozen=True, slots=True)
class _Value:
    kind: int
    start: int
    end: int


@dataclass(slots=True)
class _File:
    title: str = ""
    data: tuple[int, int] | None = None
    values: dict[int, _Value] = field(default_factory=dict)


class _Cut(Exception):
    """The octets end inside a value."""


def read_tnef(octets: bytes, *, limit: int) -> Tnef:
    """The texts and at most `limit` files of a TNEF stream; of a damaged one, what stands before the damage."""
    reader = _Reader(octets, limit)
    reader.read(0, len(octets), 0)
    return reader.found


@dataclass(slots=True)
class _Reader:
    octets: bytes
    limit: int
    found: Tnef = field(default_factory=Tnef)
    attributes_count: int = 0
    properties_count: int = 0

    def read(self, start: int, end: int, depth: int) -> None:
        files: list[_File] = []
        for name, begin, upto in self._attributes(start, end):
            if name == _FILE:
                files.append(_File())
            elif name in (_BODY, _MESSAGE, _CODE_PAGE):
                self._read_message(name, begin, upto)
            elif files:
                self._read_file(files[-1], name, begin, upto)
        self.found.texts.sort(key=lambda text: RANKS.index(text.media_type))
        for each in files:
            self._add(each, depth)

    def _attributes(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        if end - start < 6 or self._number(start, end) != _SIGNATURE:
            return
        self.found.is_tnef = True
        at = start + 6
        while at + 11 <= end and self.attributes_count < _ATTRIBUTES_COUNT:
            self.attributes_count += 1
            name, length = struct.unpack_from("<II", self.octets, at + 1)
            begin = at + 9
            yield name, begin, min(begin + length, end)
            at = begin + length + 2

    def _read_message(self, name: int, start: int, end: int) -> None:
        if name == _CODE_PAGE and end - start >= 4:
            self.found.code_page = f"cp{self._number(start, end)}"
        elif name == _BODY:
            self.found.texts.append(Enclosed("", start, end, "text/plain"))
        elif name == _MESSAGE:
            values = self._properties(start, end)
            for number, media_type in _RENDERINGS:
                if value := values.get(number):
                    charset = "utf-16-le" if value.kind == _WIDE else ""
                    self.found.texts.append(Enclosed("", value.start, value.end, media_type, charset=charset))

    def _read_file(self, file: _File, name: int, start: int, end: int) -> None:
        if name == _FILE_TITLE:
            file.title = self._text(_Value(_NARROW, start, end))
        elif name == _FILE_DATA:
            file.data = (start, end)
        elif name == _FILE_PROPERTIES:
            file.values = self._properties(start, end)

    def _add(self, file: _File, depth: int) -> None:
        data = file.values.get(_DATA)
        if data and data.kind == _OBJECT and self._number_at(data.start + _INTERFACE, data.end) == _SIGNATURE:
            self._add_message(file, data, depth)
            return
        if data and data.kind == _OBJECT:
            data = _Value(_BINARY, min(data.start + _INTERFACE, data.end), data.end)
        span = file.data or ((data.start, data.end) if data else None)
        if span is None or len(self.found.files) >= self.limit:
            return
        name = self._property(file, _LONG_NAME) or self._property(file, _NAME) or file.title
        media_type = self._property(file, _TYPE).lower()
        self.found.files.append(Enclosed(name, *span, media_type, self._property(file, _CONTENT_ID)))

    def _add_message(self, file: _File, data: _Value, depth: int) -> None:
        """Add the best text of a message inside, under the name that it has here, and its files."""
        if depth >= _DEPTH:
            return
        outer, self.found = self.found, Tnef()
        self.read(data.start + _INTERFACE, data.end, depth + 1)
        inner, self.found = self.found, outer
        title = self._property(file, _TITLE) or file.title
        charset = inner.code_page or outer.code_page
        texts = [replace(text, name=title, charset=text.charset or charset) for text in inner.texts[:1]]
        whole = Enclosed(title, data.start + _INTERFACE, data.end)
        self.found.files += ([*texts, *inner.files] or [whole])[: self.limit - len(self.found.files)]

    def _property(self, file: _File, number: int) -> str:
        value = file.values.get(number)
        return self._text(value) if value else ""

    def _text(self, value: _Value) -> str:
        octets = self.octets[value.start : min(value.end, value.start + 2_000)]
        charset = "utf-16-le" if value.kind == _WIDE else self.found.code_page
        return decode_text(octets, charset)

    def _properties(self, start: int, end: int) -> dict[int, _Value]:
        """The values of a property list by their ids, as far as it can be read (MS-OXTNEF, 2.1.3.4)."""
        values: dict[int, _Value] = {}
        try:
            at = start + 4
            for _ in range(self._number(start, end)):
                self.properties_count += 1
                if self.properties_count > _PROPERTIES_COUNT:
                    break
                at = self._read_property(at, end, values)
        except _Cut:
            pass
        return values

    def _read_property(self, at: int, end: int, values: dict[int, _Value]) -> int:
        kind, number = self._number(at, end) & 0xFFFF, self._number(at, end) >> 16
        at += 4
        if number >= 0x8000:
            at = self._skip_name(at, end)
        base = kind & ~_MANY
        if base in _FIXED:
            count = self._number(at, end) if kind & _MANY else 1
            return at + (4 if kind & _MANY else 0) + count * _FIXED[base]
        if base not in _VARIABLE:
            raise _Cut
        count, at = self._number(at, end), at + 4
        for _ in range(min(count, _PROPERTIES_COUNT)):
            length, begin = self._number(at, end), at + 4
            if begin + length > end:
                raise _Cut
            values.setdefault(number, _Value(base, begin, begin + length))
            at = begin + _padded(length)
        return at

    def _skip_name(self, at: int, end: int) -> int:
        if self._number(at + 16, end) == 0:
            return at + 24
        return at + 24 + _padded(self._number(at + 20, end))

    def _number(self, at: int, end: int) -> int:
        number = self._number_at(at, end)
        if number is None:
            raise _Cut
        return number

    def _number_at(self, at: int, end: int) -> int | None:
        return int.from_bytes(self.octets[at : at + 4], "little") if at + 4 <= end else None


def _padded(length: int) -> int:
    return (length + 3) & ~3
