"""Parts whose content is not in the message: a piece of a larger one, or a file that lies elsewhere (RFC 2046, 5.2)."""

from collections.abc import Mapping
from dataclasses import dataclass

_SCHEMES = {"ftp": "ftp", "anon-ftp": "ftp", "tftp": "tftp"}


@dataclass(frozen=True, slots=True)
class Fragment:
    """Which piece of a message it is; `total` is 0 where only the last piece says it (RFC 2046, 5.2.2)."""

    message_id: str
    number: int
    total: int


def fragment(parameters: Mapping[str, str]) -> Fragment:
    """What the parameters of message/partial say."""
    return Fragment(parameters.get("id", ""), _count(parameters, "number"), _count(parameters, "total"))


def address(parameters: Mapping[str, str]) -> str:
    """Where the content of message/external-body is (RFC 2046, 5.2.3; RFC 2017): a URL, or a file's name."""
    way = parameters.get("access-type", "").lower()
    if way == "url":
        return "".join(parameters.get("url", "").split())
    if way == "mail-server":
        return f"mailto:{parameters.get('server', '')}"
    path = "/".join(filter(None, (parameters.get("directory", "").strip("/"), parameters.get("name", ""))))
    return f"{_SCHEMES[way]}://{parameters.get('site', '')}/{path}" if way in _SCHEMES else path


def _count(parameters: Mapping[str, str], name: str) -> int:
    digits = parameters.get(name, "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 0
