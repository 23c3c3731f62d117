"""A finished message for servers that take 7-bit octets only (RFC 6152, 3): its bodies and fields encoded anew.

What it says stays the same octet for octet once it is decoded, or it is not converted at all.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from mailbox.mime.encode import address_list, base64_lines, encoded_text, parameters, unstructured
from mailbox.mime.headers import addresses, decode
from mailbox.mime.leaves import MESSAGE_TYPES, leaves
from mailbox.mime.limits import Limits
from mailbox.mime.parameters import read_parameters
from mailbox.mime.parse import parse
from mailbox.mime.protection import protection_of_text
from mailbox.mime.structure import Node, read_tree
from mailbox.mime.transfer_encoding import decode_octets
from mailbox.mime.words import raw

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)\Z", re.S)
_FOLD = re.compile(rb"\r\n(?![ \t])")
_ADDRESSES = frozenset(
    ("from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender", "resent-to", "resent-cc")
)
_WITH_PARAMETERS = frozenset({"content-type", "content-disposition"})
_QUESTION_MARKS = bytes(range(128)) + b"?" * 128


class Signed(Exception):
    """8-bit octets are part of what somebody signed: any change of them would break the signature."""


def in_seven_bits(octets: bytes, *, limits: Limits = Limits()) -> bytes:  # noqa: B008 - frozen
    """Return the message, whose lines end in CRLF, without 8-bit octets; Message-ID and all texts stay.

    Where that cannot be done without loss (an address with such letters, a broken structure) it comes back as it is.
    Raises Signed.
    """
    root, _defects = read_tree(octets, limits)
    converted = b"".join(_Converter(octets, limits, _label(root)).written(root, is_whole=True))
    is_same = converted.isascii() and _says(converted, limits) == _says(octets, limits)
    return converted if is_same else octets


def _label(root: Node) -> str:
    """The charset that the texts name, in which raw text of the header probably is as well."""
    texts = (node.parameters.get("charset", "") for node in leaves(root) if node.media_type.startswith("text/"))
    return next(filter(None, texts), "")


def _says(octets: bytes, limits: Limits) -> list[object]:
    """What must not change: header values, texts and files, and those of the messages inside."""
    parsed = parse(octets, limits=limits)
    header = parsed.header
    said: list[object] = [header.message_id, header.subject, header.from_, header.reply_to, header.to, header.cc]
    for part in parsed.parts:
        nested = parsed.nested(part)
        said += _says(part.content(), nested.limits) if nested else [part.media_type, part.file_name, part.content()]
    return said


class _Converter:
    def __init__(self, octets: bytes, limits: Limits, charset: str) -> None:
        self._octets = octets
        self._limits = limits
        self._charset = charset

    def written(self, node: Node, *, is_whole: bool = False) -> Iterator[bytes]:
        """The octets of an entity; `is_whole` says that it is a message and no part of one."""
        body = self._octets[node.start : node.end]
        if body.isascii():
            yield self._header(node, _encoding(node), is_whole=is_whole)
            yield body
        elif node.media_type == "multipart/signed":
            raise Signed
        elif node.children:
            yield self._header(node, "7bit", is_whole=is_whole)
            yield from self._divided(node)
        else:
            encoding, body = self._encoded(node, body)
            yield self._header(node, encoding, is_whole=is_whole)
            yield body

    def _divided(self, node: Node) -> Iterator[bytes]:
        """The parts with what stands around them; of that, nobody sees more than the boundaries."""
        at = node.start
        for child in node.children:
            yield self._octets[at : child.begin].translate(_QUESTION_MARKS)
            yield from self.written(child)
            at = child.end
        yield self._octets[at : node.end].translate(_QUESTION_MARKS)

    def _encoded(self, node: Node, octets: bytes) -> tuple[str, bytes]:
        if node.media_type in MESSAGE_TYPES and self._limits.messages_depth > 0:
            # A message inside is never encoded as a whole (RFC 2046, 5.2.1).
            inside = replace(self._limits, messages_depth=self._limits.messages_depth - 1)
            return "7bit", in_seven_bits(octets, limits=inside)
        content = decode_octets(octets, _encoding(node))
        if not node.media_type.startswith("text/") or b"\x00" in content:
            return "base64", base64_lines(content)
        if protection_of_text(content).is_signed:
            raise Signed
        encoding, encoded = encoded_text(content)
        return encoding, encoded if content.endswith(b"\r\n") else encoded.removesuffix(b"\r\n")

    def _header(self, node: Node, encoding: str, *, is_whole: bool) -> bytes:
        block = self._octets[node.begin : node.start]
        if block.isascii() and encoding == _encoding(node):
            return block
        block = block.rstrip(b"\r\n")
        fields = [self._in_words(field) for field in _FOLD.split(block) if field]
        names = {_name(field) for field in fields}
        fields = [field for field in fields if _name(field) != b"content-transfer-encoding"]
        if is_whole and b"mime-version" not in names:
            fields.append(b"MIME-Version: 1.0")
        if is_whole and b"content-type" not in names:
            fields.append(b"Content-Type: text/plain; charset=" + _charset(self._octets[node.start : node.end]))
        if encoding:
            fields.append(b"Content-Transfer-Encoding: " + encoding.encode("ascii"))
        return b"\r\n".join([*fields, b"", b""])

    def _in_words(self, field: bytes) -> bytes:
        """A header field with its 8-bit text in encoded words (RFC 2047) or parameters (RFC 2231)."""
        found = _FIELD.match(field)
        if field.isascii() or not found:
            return field
        name, value = found[1].decode("ascii"), raw(found[2], self._charset)
        if name.lower() in _ADDRESSES:
            written = address_list(name, [(each.name, each.address) for each in addresses(value)])
        elif name.lower() in _WITH_PARAMETERS:
            written = _with_parameters(name, *read_parameters(value))
        else:
            written = unstructured(name, decode(value))
        return written.encode("utf-8", "replace")


def _encoding(node: Node) -> str:
    value = node.fields.get(b"content-transfer-encoding", b"")
    return value.partition(b"(")[0].strip().decode("ascii", "replace").lower()


def _charset(octets: bytes) -> bytes:
    """RFC 1428, 4 has a word for what nobody can tell."""
    if octets.isascii():
        return b"us-ascii"
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return b"unknown-8bit"
    return b"utf-8"


def _name(field: bytes) -> bytes:
    found = _FIELD.match(field)
    return found[1].lower() if found else b""


def _with_parameters(name: str, value: str, found: dict[str, str]) -> str:
    head = f"{name}: {value}"
    for each in found:
        head = parameters(head, each, found[each])
    return head
