"""One part of a message: a slice of its octets that is decoded when it is asked for."""

import re
from dataclasses import dataclass, field

from mailbox.mime.charset import decode_text
from mailbox.mime.elsewhere import Fragment, address, fragment
from mailbox.mime.enriched import enriched_text, richtext_text
from mailbox.mime.flowed import unflow
from mailbox.mime.parameters import read_parameters
from mailbox.mime.transfer_encoding import decode_octets, decoded_count
from mailbox.mime.true_type import LOOKED_AT, true_type
from mailbox.mime.words import decode

# Octets that an encoding may spend on one: quoted-printable takes three, and line ends come on top.
_WRITTEN = 4
_META_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s{0,9}=[\"'\s]{0,9}([\w:.-]{1,60})", re.I)
_ENRICHED = {"text/enriched": enriched_text, "text/richtext": richtext_text}
_LINE_END = re.compile(r"\r\n?")


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
    fields: dict[bytes, bytes] = field(default_factory=dict, repr=False, compare=False)
    """Its own header: lower-case names, values as they were written."""

    @property
    def octets_count(self) -> int:
        """The size of `content()` in octets; for base64 that is counted without decoding it."""
        return decoded_count(self.message, self.start, self.end, encoding=self.encoding)

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of its Content-Type, decoded, by their names in lower case."""
        return read_parameters(self.fields.get(b"content-type", b""))[1]

    @property
    def content_location(self) -> str:
        """The address that HTML beside it may know it by (RFC 2557, 4.2), "" without one."""
        return "".join(decode(self.fields.get(b"content-location", b"")).split())

    @property
    def true_type(self) -> str:
        """What the first octets show it to be, where they contradict `media_type`."""
        return true_type(self.head(LOOKED_AT), self.media_type)

    @property
    def fragment(self) -> Fragment | None:
        """Which piece of a larger message it is, for message/partial."""
        return fragment(self.parameters) if self.media_type == "message/partial" else None

    @property
    def external_address(self) -> str:
        """Where its content lies, for message/external-body; foreign text, and not always a URL."""
        return address(self.parameters) if self.media_type == "message/external-body" else ""

    def head(self, count: int) -> bytes:
        """The first `count` octets of `content()` or fewer, without decoding the rest."""
        written = self.message[self.start : min(self.end, self.start + _WRITTEN * count + _WRITTEN)]
        return decode_octets(written, self.encoding)[:count]

    def content(self) -> bytes:
        """The octets of the file that was attached, transfer encoding removed."""
        return decode_octets(self.message[self.start : self.end], self.encoding)

    def text(self, *, octets_limit: int | None = None) -> str:
        """The content, or its first `octets_limit` octets, as text with LF line ends and flowed paragraphs joined."""
        octets = self.content()[:octets_limit]
        text = decode_text(octets, self.charset or self._inner_charset(octets))
        if "\r" in text:
            text = _LINE_END.sub("\n", text)
        if self.media_type in _ENRICHED:
            return _ENRICHED[self.media_type](text)
        return unflow(text, self.is_delsp) if self.is_flowed else text

    def _inner_charset(self, octets: bytes) -> str:
        """The charset that unlabelled HTML claims for itself in its first kilobyte."""
        claimed = _META_CHARSET.search(octets, 0, 1024) if self.media_type == "text/html" else None
        charset = claimed[1].decode("ascii", "replace") if claimed else ""
        # The claim could be read, so it is not true of these (HTML Standard, 13.2.3.2).
        return "" if charset.lower().startswith(("utf-16", "utf-32", "ucs")) else charset
