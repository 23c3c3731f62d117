"""How to leave the list that a message came from (RFC 2369, 3.2; RFC 8058), and which list that is (RFC 2919)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

from mailbox.mime.parse import Header
from mailbox.mime.words import clean

_URIS_COUNT = 10
_URI = re.compile(r"<([^<>]{1,4000})>")
_WEB = re.compile(r"(?ai:https?)://[^\s\x00-\x1f\x7f\"'<>\\]+\Z", re.I)
_MAILTO = re.compile(r"mailto:", re.I)
_MAILBOX = re.compile(r"[^\s\x00-\x1f\x7f,;<>()\"@:]{1,64}@[^\s\x00-\x1f\x7f,;<>()\"@:]{1,253}\Z")
_LIST_ID = re.compile(r"<([^<>\s]{1,255})>")
_ONE_CLICK = re.compile(r"\s*list-unsubscribe\s*=\s*one-click\s*\Z", re.I)
_LONGEST_SUBJECT = 200
_LONGEST_TEXT = 2_000


class Method(StrEnum):
    """What leaving takes, the least first."""

    ONE_CLICK = "one-click"
    """One POST, and nothing to be filled in."""
    MAIL = "mail"
    PAGE = "page"
    """A web page that asks for more."""


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """One way to leave a list. `address` is one of the web, or of mail for MAIL, which also has the other two."""

    method: Method
    address: str
    subject: str = ""
    text: str = ""

    @property
    def place(self) -> str:
        """Where it leads, for people: a host in the form that a name server is asked for, or a mail address."""
        return self.address if self.method == Method.MAIL else _host(self.address)


@dataclass(frozen=True, slots=True)
class MailingList:
    """What a message says of its list; each may be empty."""

    name: str
    list_id: str


def mailing_list(header: Header) -> MailingList | None:
    """Return the list of a message that has a List-Id field, None without one."""
    value = header.field("List-Id")
    found = _LIST_ID.search(value)
    list_id = found[1] if found else value.strip()[:255]
    name = value[: found.start()].strip().strip('"').strip() if found else ""
    return MailingList(clean(name)[:200], clean(list_id)) if list_id else None


SIGNED_FIELDS = ("List-Unsubscribe", "List-Unsubscribe-Post")
"""What a signature must cover before anything is posted (RFC 8058, 4)."""


def way_out(header: Header, *, is_signed: bool) -> Unsubscribe | None:
    """Return the easiest way out of the list that the message names, None where it names none that can be used.

    `is_signed` is whether a good signature covers SIGNED_FIELDS: without one nothing is posted, and the address is a
    page like any other.
    """
    ways = list(_ways(header, may_post=is_signed))
    return min(ways, key=lambda way: list(Method).index(way.method), default=None)


def _ways(header: Header, *, may_post: bool) -> Iterator[Unsubscribe]:
    is_one_click = may_post and bool(_ONE_CLICK.match(header.field("List-Unsubscribe-Post")))
    for uri in _URI.findall(header.field("List-Unsubscribe"))[:_URIS_COUNT]:
        # Long addresses are folded in the middle by mailers that should not.
        address = "".join(uri.split())
        if _MAILTO.match(address):
            yield from _mail(address)
        elif _WEB.match(address) and _host(address):
            is_safe = address.lower().startswith("https:")
            yield Unsubscribe(Method.ONE_CLICK if is_one_click and is_safe else Method.PAGE, address)


def _mail(uri: str) -> Iterator[Unsubscribe]:
    """Of a mailto URI (RFC 6068) the recipient, the subject and the body count: nobody else gets a copy."""
    recipient, _, query = uri[len("mailto:") :].partition("?")
    address = unquote(recipient)
    if not _MAILBOX.match(address):
        return
    fields = _fields(query)
    subject = " ".join(clean(fields.get("subject", "")).split())[:_LONGEST_SUBJECT]
    text = fields.get("body", "").replace("\r\n", "\n").replace("\r", "\n")[:_LONGEST_TEXT]
    yield Unsubscribe(Method.MAIL, address, subject or "unsubscribe", text.replace("\x00", ""))


def _fields(query: str) -> dict[str, str]:
    try:
        # In mailto a plus is a plus.
        found = parse_qs(query.replace("+", "%2B"), max_num_fields=20)
    except ValueError:
        return {}
    return {name.lower(): values[0] for name, values in found.items()}


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
        return "" if "@" in parts.netloc else (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        return ""
