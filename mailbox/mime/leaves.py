"""The leaves of the tree as parts: their names, types and encodings, read from the header of each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailbox.mime.bodies import Choice
from mailbox.mime.elsewhere import fragment
from mailbox.mime.filenames import made_up_name, safe_name
from mailbox.mime.headers import decode, message_ids
from mailbox.mime.parameters import read_parameters
from mailbox.mime.part import Part
from mailbox.mime.structure import Node

MESSAGE_TYPES = ("message/rfc822", "message/global", "message/news")


def read_leaves(octets: bytes, root: Node, choice: Choice, *, charset: str) -> dict[int, Part]:
    """Every leaf below `root` in order as a part, by the identity of its node.

    `charset` is what raw text beyond ASCII is probably in.
    """
    shown = {id(node) for node in choice.shown + choice.readable}
    reader = _Reader(octets, charset, shown, {id(node) for node in choice.attached})
    return {id(node): reader.part(index, node) for index, node in enumerate(leaves(root))}


def leaves(node: Node) -> Iterable[Node]:
    """The parts below `node` that have none below them, or itself."""
    if not node.children:
        yield node
    for child in node.children:
        yield from leaves(child)


@dataclass(slots=True)
class _Reader:
    octets: bytes
    charset: str
    body_ids: set[int]
    attached_ids: set[int]

    def part(self, index: int, node: Node) -> Part:
        disposition, parameters = read_parameters(node.fields.get(b"content-disposition", b""), self.charset)
        content_id = "".join(message_ids(node.fields.get(b"content-id", b""), limit=1))
        is_body = id(node) in self.body_ids
        is_attached = id(node) in self.attached_ids
        name = safe_name(parameters.get("filename") or self._name(node))
        if is_attached and not name:
            name = made_up_name(node.media_type, index + 1, title=self._title(node))
        is_named = bool(content_id) or b"content-location" in node.fields
        is_picture = node.media_type.startswith("image/") and disposition != "attachment"
        return Part(
            index=index,
            media_type=node.media_type,
            charset=node.parameters.get("charset", "").partition(" ")[0].lower(),
            file_name=name,
            content_id=content_id,
            is_inline=is_body or (is_picture and (is_named or disposition == "inline")),
            encoding=self._encoding(node),
            is_flowed=node.parameters.get("format", "").lower() == "flowed",
            is_delsp=node.parameters.get("delsp", "").lower() == "yes",
            message=self.octets,
            start=node.start,
            end=node.end,
            fields=node.fields,
        )

    def _name(self, node: Node) -> str:
        value = node.fields.get(b"content-type", b"")
        parameters = node.parameters if value.isascii() else read_parameters(value, self.charset)[1]
        return parameters.get("name", "")

    def _encoding(self, node: Node) -> str:
        if not node.fields or node.media_type.startswith("multipart/"):
            return ""
        value = node.fields.get(b"content-transfer-encoding", b"")
        encoding = value.split(b"(")[0].strip(b" \t\r\n\"';").decode("ascii", "replace").lower()
        if node.media_type == "message/rfc822" and encoding:
            # RFC 2046, 5.2.1 allows none here, and most that name one did not use it.
            is_encoded = encoding == "base64" and _BASE64_LINE.match(self.octets, node.start, node.end)
            return encoding if is_encoded else ""
        return encoding

    def _title(self, node: Node) -> str:
        """A forwarded message is named by its subject, others by their description."""
        if node.media_type in MESSAGE_TYPES:
            inner = _SUBJECT.search(self.octets, node.start, min(node.end, node.start + 20_000))
            return decode(inner[1]) if inner else "message"
        if node.media_type == "message/partial":
            piece = fragment(node.parameters)
            return f"fragment-{piece.number}-of-{piece.total or 'many'}"
        return decode(node.fields.get(b"content-description", b""))


_BASE64_LINE = re.compile(rb"\s{0,9}[A-Za-z0-9+/]{4,}={0,2}\r?$", re.M)
_SUBJECT = re.compile(rb"^subject:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.I | re.M)
