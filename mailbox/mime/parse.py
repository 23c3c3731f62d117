"""A message's octets as values: its header, what a reader sees of it, its attachments.

`parse` never raises and reads no more than `Limits` allow; contents are decoded when they are asked for.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailbox.mime.bodies import choose
from mailbox.mime.fields import RawHeader
from mailbox.mime.filenames import made_up_name, safe_name
from mailbox.mime.headers import Address, addresses, date, decode, message_ids
from mailbox.mime.limits import Limits
from mailbox.mime.parameters import read_parameters
from mailbox.mime.part import Part
from mailbox.mime.preview import html_text
from mailbox.mime.protection import Protection, protection_of_text, protection_of_tree
from mailbox.mime.structure import Node, read_tree
from mailbox.mime.trace import received_at

# UTF-8 takes up to four for one; HTML spends as many on its tags.
_OCTETS_PER_CHARACTER = 4
MESSAGE_TYPES = ("message/rfc822", "message/global", "message/news")
_CALENDAR_TYPES = ("text/calendar", "application/ics")


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
    root: Node | None = field(default=None, repr=False, compare=False)

    @property
    def calendar(self) -> Part | None:
        """The first part that is a calendar object (RFC 5545), wherever it stands."""
        return next((part for part in self.parts if part.media_type in _CALENDAR_TYPES), None)

    @property
    def protection(self) -> Protection:
        """How the message claims to be signed or encrypted; nothing is verified."""
        found = protection_of_tree(self.root) if self.root else Protection.NONE
        plain = self.plain
        return protection_of_text(plain.content()) if found is Protection.NONE and plain else found

    def nested(self, part: Part) -> "Parsed | None":
        """The message that `part` holds, None for parts of other types and below `limits.messages_depth` of them."""
        if part.media_type not in MESSAGE_TYPES or self.limits.messages_depth < 1:
            return None
        limits = replace(self.limits, messages_depth=self.limits.messages_depth - 1)
        return parse(part.content(), limits=limits)

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
        root=root,
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
            encoding=self._encoding(node),
            is_flowed=node.parameters.get("format", "").lower() == "flowed",
            is_delsp=node.parameters.get("delsp", "").lower() == "yes",
            message=self.octets,
            start=node.start,
            end=node.end,
            fields=node.fields,
        )

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
        return decode(node.fields.get(b"content-description", b""))


_BASE64_LINE = re.compile(rb"\s{0,9}[A-Za-z0-9+/]{4,}={0,2}\r?$", re.M)
_SUBJECT = re.compile(rb"^subject:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.I | re.M)
