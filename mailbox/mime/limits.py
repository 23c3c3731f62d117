"""How much of a hostile message is looked at. Whatever lies beyond is left unread and named as a defect."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of `parse.parse`, checked before the work they bound is done."""

    header_octets: int = 256 * 1024
    """Of one header, the message's own or a part's."""
    headers_octets: int = 2 * 1024 * 1024
    """Of all headers of parts together."""
    parts_count: int = 1_000
    """Of all multiparts together; what follows stays inside the last part."""
    depth: int = 40
    """Multiparts inside multiparts; a deeper one is kept as a single attachment."""
    messages_depth: int = 8
    """Messages inside messages (message/rfc822) that `Parsed.nested` opens."""
    delimiters_count: int = 50_000
    """Lines that look like a boundary, true or not."""
    addresses_count: int = 5_000
    """Of one header field."""
    references_count: int = 1_000
    """Message ids of one header field."""
    text_characters: int = 1_000_000
    """Of `Parsed.text`, which feeds search and preview; a single part's text is never cut."""


@dataclass(frozen=True, slots=True)
class HtmlLimits:
    """Bounds of `sanitize.sanitize`; the tree builder below it takes quadratic time in the nesting depth."""

    characters: int = 3_000_000
    depth: int = 200
    """Open elements at one place."""
    formatting: int = 24
    """Open elements of the kind that HTML reopens in every following block (`b`, `font`, ...)."""
    tags_count: int = 60_000
    style_characters: int = 250_000
    """Of all style sheets together, and of all `style` attributes together."""
    remote_count: int = 1_000
    """Remote addresses that are named or asked for; more are blocked unseen."""
