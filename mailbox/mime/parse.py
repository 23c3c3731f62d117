"""A message's octets as values: its header, what a reader sees of it, its attachments.

`parse` never raises and reads no more than `Limits` allow; contents are decoded when they are asked for.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from mailbox.mime.bodies import choose
from mailbox.mime.charset import decode_text
from mailbox.mime.fields import RawHeader
from mailbox.mime.filenames import made_up_name, safe_name
from mailbox.mime.headers import Address, addresses, date, decode, message_ids
from mailbox.mime.limits import Limits
from mailbox.mime.parameters import read_parameters
from mailbox.mime.plain import unflow
from mailbox.mime.preview import html_text
from mailbox.mime.structure import Node, read_tree
from mailbox.mime.trace import received_at
from mailbox.mime.transfer_encoding import decode_octets, decoded_count

# UTF-8 takes up to four for one; HTML spends as many on its tags.
_OCTETS_PER_CHARACTER = 4
_META_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s{0,9}=[\"'\s]{0,9}([\w:.-]{1,60})", re.I)
_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Header:
    """The fields that the rest of the house asks for, decoded; ids stand without angle brackets."""

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""
    from_: tuple[Address, ...] = ()
    sender: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    date: datetime | None = None
    received_at: datetime | None = None
    """When the last server took it: the date of the topmost Received field."""
    raw_fields: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Every field in order as (name, decoded value)."""
        return tuple((name.decode("ascii", "replace"), decode(value)) for name, value in self.raw_fields)

    def field(self, name: str) -> str:
        """The first field of that name, decoded; "" without one."""
        wanted = name.lower().encode()
        return next((decode(value) for key, value in self.raw_fields if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the tree; it keeps the message's octets alive and decodes its own slice when asked."""

    index: int
    """Its place among `Parsed.parts`, stable for one and the same message."""
    media_type: str
    charset: str
    file_name: str
    """Safe for any file system; never empty for an attachment."""
    content_id: str
    is_inline: bool
    """Part of the shown message: a body, or an image that the HTML refers to by its content id."""
    encoding: str = ""
    is_flowed: bool = False
    is_delsp: bool = False
    message: bytes = field(default=b"", repr=False)
    start: int = 0
    end: int = 0

    @property
    def octets_count(self) -> int:
        """The size of `content()` in octets; for base64 that is counted without decoding it."""
        return decoded_count(self.message, self.start, self.end, encoding=self.encoding)

    def content(self) -> bytes:
        """The octets of the file that was attached, transfer encoding removed."""
        return decode_octets(self.message[self.start : self.end], self.encoding)

    def text(self, *, octets_limit: int | None = None) -> str:
        """The content, or its first `octets_limit` octets, as text with LF line ends and flowed paragraphs joined."""
        octets = self.content()[:octets_limit]
        text = decode_text(octets, self.charset or self._inner_charset(octets))
        if "\r" in text:
            text = _LINE_END.sub("\n", text)
        return unflow(text, self.is_delsp) if self.is_flowed else text

    def _inner_charset(self, octets: bytes) -> str:
        """The charset that unlabelled HTML claims for itself in its first kilobyte."""
        claimed = _META_CHARSET.search(octets, 0, 1024) if self.media_type == "text/html" else None
        return claimed[1].decode("ascii", "replace") if claimed else ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A message as values; `defects` name what was wrong with it, in a few words each."""

    header: Header
    parts: tuple[Part, ...]
    defects: tuple[str, ...]
    bodies: tuple[Part, ...]
    """What a client shows, in order: of alternatives the best one; text/plain and text/html only."""
    readable: tuple[Part, ...] = field(repr=False)
    """`bodies` with plain text wherever the sender gave it."""
    attachments: tuple[Part, ...]
    """Everything else but second renderings of the bodies; inline images have `is_inline`."""
    limits: Limits = field(default=Limits(), repr=False)

    @property
    def html(self) -> Part | None:
        """The first HTML body."""
        return next((part for part in self.bodies if part.media_type == "text/html"), None)

    @property
    def plain(self) -> Part | None:
        """The first plain text, also where HTML is shown instead of it."""
        return next((part for part in self.readable if part.media_type == "text/plain"), None)

    def text(self) -> str:
        """The bodies as plain text for search and preview, at most `limits.text_characters`."""
        return "\n".join(_readable_texts(self.readable, self.limits.text_characters))


def _readable_texts(parts: Iterable[Part], room: int) -> list[str]:
    texts: list[str] = []
    for part in parts:
        text = part.text(octets_limit=_OCTETS_PER_CHARACTER * room)
        text = html_text(text, limit=room) if part.media_type == "text/html" else text[:room]
        texts.append(text)
        room -= len(text)
        if room <= 0:
            break
    return texts


def parse(octets: bytes, *, limits: Limits = Limits()) -> Parsed:  # noqa: B008 - frozen
    """The values of a message (RFC 5322, 2045-2047, 2231); never raises, defects are recorded."""
    defects: list[str] = []
    if b"\n" not in octets and b"\r" in octets:
        defects.append("lines end in a bare CR")
        octets = octets.replace(b"\r", b"\n")
    root, found = read_tree(octets, limits)
    defects += found
    if b"\x00" in octets:
        defects.append("NUL octets")
    choice = choose(root)
    leaves = list(_leaves(root))
    parts = _Parts(octets, {id(node) for node in choice.shown + choice.readable}, {id(n) for n in choice.attached})
    made = {id(node): parts.part(index, node) for index, node in enumerate(leaves)}
    return Parsed(
        header=_header(root.header, limits),
        parts=tuple(made.values()),
        defects=tuple(defects),
        bodies=tuple(made[id(node)] for node in choice.shown),
        readable=tuple(made[id(node)] for node in choice.readable),
        attachments=tuple(made[id(node)] for node in choice.attached),
        limits=limits,
    )


def _leaves(node: Node) -> Iterable[Node]:
    if not node.children:
        yield node
    for child in node.children:
        yield from _leaves(child)


def _header(raw: RawHeader, limits: Limits) -> Header:
    first = raw.first()
    mailboxes = {
        name: addresses(first[key], limit=limits.addresses_count)
        for name, key in _ADDRESS_FIELDS.items()
        if first.get(key, b"").strip()
    }
    return Header(
        message_id="".join(message_ids(first.get(b"message-id", b""), limit=1)),
        in_reply_to=message_ids(first.get(b"in-reply-to", b""), limit=limits.references_count),
        references=message_ids(first.get(b"references", b""), limit=limits.references_count),
        subject=decode(first.get(b"subject", b"")),
        date=date(first.get(b"date", b"")),
        received_at=received_at(first.get(b"received", b"")),
        raw_fields=raw.fields,
        **mailboxes,
    )


_ADDRESS_FIELDS = {
    "from_": b"from",
    "sender": b"sender",
    "reply_to": b"reply-to",
    "to": b"to",
    "cc": b"cc",
    "bcc": b"bcc",
}


@dataclass(slots=True)
class _Parts:
    octets: bytes
    body_ids: set[int]
    attached_ids: set[int]

    def part(self, index: int, node: Node) -> Part:
        disposition, parameters = read_parameters(node.fields.get(b"content-disposition", b""))
        content_id = "".join(message_ids(node.fields.get(b"content-id", b""), limit=1))
        is_body = id(node) in self.body_ids
        is_attached = id(node) in self.attached_ids
        name = safe_name(parameters.get("filename") or node.parameters.get("name", ""))
        if is_attached and not name:
            name = made_up_name(node.media_type, index + 1, title=self._title(node))
        is_picture = node.media_type.startswith("image/") and disposition != "attachment"
        return Part(
            index=index,
            media_type=node.media_type,
            charset=node.parameters.get("charset", "").partition(" ")[0].lower(),
            file_name=name,
            content_id=content_id,
            is_inline=is_body or (is_picture and bool(content_id or disposition == "inline")),
            encoding=_encoding(node),
            is_flowed=node.parameters.get("format", "").lower() == "flowed",
            is_delsp=node.parameters.get("delsp", "").lower() == "yes",
            message=self.octets,
            start=node.start,
            end=node.end,
        )

    def _title(self, node: Node) -> str:
        """A forwarded message is named by its subject, others by their description."""
        if node.media_type in ("message/rfc822", "message/global"):
            inner = _SUBJECT.search(self.octets, node.start, min(node.end, node.start + 20_000))
            return decode(inner[1]) if inner else "message"
        return decode(node.fields.get(b"content-description", b""))


_SUBJECT = re.compile(rb"^subject:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.I | re.M)


def _encoding(node: Node) -> str:
    if node.media_type.startswith(("multipart/", "message/rfc822")) or not node.fields:
        return ""
    value = node.fields.get(b"content-transfer-encoding", b"")
    return value.split(b"(")[0].strip(b" \t\r\n\"';").decode("ascii", "replace").lower()
