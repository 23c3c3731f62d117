"""A message's octets as values: its header, what a reader sees of it, its attachments.

`parse` never raises and reads no more than `Limits` allow; contents are decoded when they are asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailbox.mime.bodies import choose
from mailbox.mime.cms import is_signed_data, signed_content
from mailbox.mime.fields import RawHeader
from mailbox.mime.headers import Address, addresses, date, decode, message_ids
from mailbox.mime.leaves import MESSAGE_TYPES, leaves, read_leaves
from mailbox.mime.limits import Limits
from mailbox.mime.part import Part
from mailbox.mime.preview import html_text
from mailbox.mime.protection import SMIME_TYPES, Protection, protection_of_text, protection_of_tree
from mailbox.mime.related import part_at
from mailbox.mime.structure import Node, read_tree
from mailbox.mime.trace import received_at
from mailbox.mime.unpack import Roles, is_tnef, unpack_tnef, unpack_uuencoded
from mailbox.mime.words import raw

# UTF-8 takes up to four for one; HTML spends as many on its tags.
_OCTETS_PER_CHARACTER = 4
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
    first: Mapping[bytes, bytes] = field(default_factory=dict, repr=False, compare=False)
    """Lower-case name to value; of a repeated field the first."""

    def __post_init__(self) -> None:
        if self.raw_fields and not self.first:
            object.__setattr__(self, "first", {name.lower(): value for name, value in reversed(self.raw_fields)})

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Every field in order as (name, decoded value)."""
        return tuple((name.decode("ascii", "replace"), decode(value)) for name, value in self.raw_fields)

    def field(self, name: str) -> str:
        """The first field of that name, decoded; "" without one."""
        return decode(self.first.get(name.lower().encode(), b""))


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
        if found is Protection.NONE and (plain := self.plain):
            return protection_of_text(plain.content())
        blocks = (part for part in self.parts if part.media_type in SMIME_TYPES)
        if found is Protection.SMIME_ENCRYPTED and any(is_signed_data(block.head(32)) for block in blocks):
            return Protection.SMIME_SIGNED
        return found

    def nested(self, part: Part) -> "Parsed | None":
        """The message that `part` holds, None for parts of other types and below `limits.messages_depth` of them."""
        if part.media_type not in MESSAGE_TYPES or self.limits.messages_depth < 1:
            return None
        limits = replace(self.limits, messages_depth=self.limits.messages_depth - 1)
        return parse(part.content(), limits=limits)

    def part_at(self, address: str, html: Part) -> Part | None:
        """The part that an address in `html` names, by content id or location; None if it leads out of the message."""
        root = self.root.fields if self.root else {}
        base = html.content_location or "".join(decode(root.get(b"content-location", b"")).split())
        return part_at(address, self.parts, base=base)

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
    charset = "" if octets.isascii() else _charset(root)
    made = read_leaves(octets, root, choice, charset=charset)
    roles = Roles(
        parts=list(made.values()),
        bodies=[made[id(node)] for node in choice.shown],
        readable=[made[id(node)] for node in choice.readable],
        attachments=[made[id(node)] for node in choice.attached],
        defects=defects,
    )
    _unpack(roles, limits)
    return Parsed(
        header=read_message_header(_in_utf8(root.header, charset), limits),
        parts=tuple(roles.parts),
        defects=tuple(defects),
        bodies=tuple(roles.bodies),
        readable=tuple(roles.readable),
        attachments=tuple(roles.attachments),
        limits=limits,
        root=root,
    )


def _charset(root: Node) -> str:
    """The charset that the first labelled text has, in which raw header text probably is as well."""
    texts = (node for node in leaves(root) if node.media_type.startswith("text/"))
    return next(filter(None, (node.parameters.get("charset", "") for node in texts)), "")


def _unpack(roles: Roles, limits: Limits) -> None:
    if any(map(is_tnef, roles.attachments)):
        unpack_tnef(roles, limits)
    if any(part.media_type in SMIME_TYPES for part in roles.attachments):
        _open_signed(roles, limits)
    unpack_uuencoded(roles, limits)


def _open_signed(roles: Roles, limits: Limits) -> None:
    """Show what S/MIME signed as one block; the block stays an attachment, for who verifies it."""
    block = next(part for part in roles.attachments if part.media_type in SMIME_TYPES)
    content = signed_content(block.content())
    if not content or limits.messages_depth < 1:
        return
    inner = parse(content, limits=replace(limits, messages_depth=limits.messages_depth - 1))
    placed = {part.index: replace(part, index=len(roles.parts) + part.index) for part in inner.parts}
    roles.parts += placed.values()
    roles.bodies += (placed[part.index] for part in inner.bodies)
    roles.readable += (placed[part.index] for part in inner.readable)
    roles.attachments += (placed[part.index] for part in inner.attachments)


def _in_utf8(header: RawHeader, charset: str) -> RawHeader:
    """The header with raw text in the charset of the message's text made UTF-8, where it is not already that."""
    if not charset or all(value.isascii() for _, value in header.fields):
        return header
    fields = tuple((name, value if _is_utf8(value) else raw(value, charset).encode()) for name, value in header.fields)
    return replace(header, fields=fields)


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def read_message_header(header: RawHeader, limits: Limits) -> Header:
    """The values of a message's header; of a repeated field the first counts."""
    first = header.first()
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
        raw_fields=header.fields,
        first=first,
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
