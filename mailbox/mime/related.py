"""Which part an address in HTML means: by Content-ID (RFC 2392) or by Content-Location (RFC 2557)."""

from collections.abc import Iterable
from urllib.parse import unquote, urljoin

from mailbox.mime.part import Part


def part_at(address: str, parts: Iterable[Part], *, base: str) -> Part | None:
    """The part that `address` names, None if it leads out of the message; `base` is the HTML's own address."""
    if address[:4].lower() == "cid:":
        content_id = unquote(address[4:]).strip().strip("<>")
        return next((part for part in parts if content_id and part.content_id == content_id), None)
    wanted = _absolute(base, address)
    placed = ((part, part.content_location) for part in parts if b"content-location" in part.fields)
    return next((part for part, location in placed if location and _absolute(base, location) == wanted), None)


def _absolute(base: str, address: str) -> str:
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return address
