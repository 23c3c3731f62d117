"""A message from its values: the octets that are kept as the Sent copy and go on the wire unchanged.

RFC 5322, 2045, 2047, 2231; every line ends in CRLF, is 7-bit, and header lines fold at 78 characters. Bcc is no
argument: who is on the envelope only never stands in the message.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailbox.mime import entities
from mailbox.mime.addresses import Address, addresses
from mailbox.mime.domains import a_labels
from mailbox.mime.encode import address_list, fold_ids, parameters, unstructured
from mailbox.mime.entities import Entity
from mailbox.mime.trace import format_date
from mailbox.mime.words import clean

_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_HEADER_FIELD = re.compile(r"\s*[A-Za-z-]+\s*:")
_FORBIDDEN = re.compile("[\r\n\x00]")
_LOCAL_PART = re.compile(r"(?:[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f]+|\"(?:[^\"\\\r\n\x00]|\\[^\r\n\x00])*\")\Z")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z", re.I | re.A)
_LITERAL = re.compile(r"\[[A-Za-z0-9.:]{2,60}\]\Z")
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,900}\Z")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\Z", re.I | re.A)
_RECIPIENT_END = re.compile(r"[,;\n]")
_MANY_REFERENCES = 50
_LONGEST_LOCAL_PART, _LONGEST_ADDRESS = 64, 254  # octets, RFC 5321, 4.5.3.1 and RFC 3696, erratum 1690


class Problem(StrEnum):
    """What can be wrong with a value that a message shall carry."""

    NO_ADDRESS = "no-address"
    NOT_AN_ADDRESS = "not-an-address"
    NOT_ASCII = "not-ascii"
    TOO_LONG = "too-long"
    NO_SUCH_DOMAIN = "no-such-domain"
    LINE_BREAK = "line-break"
    NOT_UNICODE = "not-unicode"
    MESSAGE_ID = "message-id"
    FILE_NAME = "file-name"
    MEDIA_TYPE = "media-type"
    NO_RECIPIENT = "no-recipient"
    TOO_LARGE = "too-large"
    NOT_YOURS = "not-yours"


_WORDS = {
    Problem.NO_ADDRESS: "An empty line is not an address.",
    Problem.NOT_AN_ADDRESS: "{} is not an address.",
    Problem.NOT_ASCII: "{}: only ASCII letters can stand before the @ of an address.",
    Problem.TOO_LONG: "{} is too long for an address.",
    Problem.NO_SUCH_DOMAIN: "{} is not an address: nothing can be sent to what stands behind the @.",
    Problem.LINE_BREAK: "A line break cannot stand here.",
    Problem.NOT_UNICODE: "This holds characters that cannot be sent.",
    Problem.MESSAGE_ID: "This message id cannot be sent.",
    Problem.FILE_NAME: "The file name “{}” cannot be used.",
    Problem.MEDIA_TYPE: "The type of the file “{}” cannot be used.",
    Problem.NO_RECIPIENT: "Say who this message is for: it has no recipient yet.",
    Problem.TOO_LARGE: "With its files the message is larger than {} MB.",
    Problem.NOT_YOURS: "You may not write as {} any more. Choose another sender.",
}


class Unfit(ValueError):
    """A value that no message can carry: `field` names it, `value` is the part at fault, printable, if one is shown.

    `str()` says in plain English what is wrong; other languages start from `problem`.
    """

    def __init__(self, field: str, problem: Problem, value: str = "") -> None:
        super().__init__(_WORDS[problem].format(value))
        self.field, self.problem, self.value = field, problem, value


@dataclass(frozen=True, slots=True)
class File:
    """An attachment to be sent; `octets` go out as they are. What is large comes in slices once it is asked for.

    One with a `content_id` (RFC 2392, without angle brackets) is an image that the HTML shows in its text.
    """

    name: str
    media_type: str
    octets: bytes | Callable[[], Iterable[bytes]]
    content_id: str = ""


def build(
    *,
    sender: Address,
    to: Sequence[Address],
    cc: Sequence[Address] = (),
    subject: str,
    text: str,
    date: datetime,
    message_id: str,
    in_reply_to: str = "",
    references: Sequence[str] = (),
    reply_to: Sequence[Address] = (),
    attachments: Sequence[File] = (),
    html: str | None = None,
    smtputf8: bool = False,
) -> bytes:
    """The octets of a message; `date` must be aware, ids come without angle brackets.

    Raises `Unfit` for line ends or NUL in a header value, for a bad address, id or file name, and for a local part
    outside ASCII unless `smtputf8`.
    """
    lists = {"From": (sender,), "Reply-To": reply_to, "To": to, "Cc": cc}
    lines = [f"Date: {format_date(date)}"]
    for name, mailboxes in _filled(lists):
        checked = [check_address(each, field=name.lower().replace("-", "_"), smtputf8=smtputf8) for each in mailboxes]
        lines.append(address_list(name, [(each.name, each.address) for each in checked]))
    lines.append(unstructured("Subject", _one_line(subject, "subject")))
    lines.append(f"Message-ID: <{_check_id(message_id)}>")
    lines += _ids_line("In-Reply-To", [in_reply_to] if in_reply_to else [])
    lines += _ids_line("References", references)
    lines.append("MIME-Version: 1.0")
    header = "\r\n".join([*lines, ""]).encode("utf-8" if smtputf8 else "ascii")
    return entities.joined((header,), _content(text, html, attachments))


def _filled(lists: dict[str, Sequence[Address]]) -> list[tuple[str, Sequence[Address]]]:
    """The address fields that are not empty: an empty one is against RFC 5322, 3.6.3."""
    return [(name, mailboxes) for name, mailboxes in lists.items() if mailboxes]


def _ids_line(name: str, ids: Sequence[str]) -> list[str]:
    """At most one line; ids that strangers made and no line can hold are left out, or nobody could answer them.

    The root and the latest are kept: a thread of years must not grow a header without end.
    """
    field = name.lower().replace("-", "_")
    fit = [each for each in (_one_line(each, field) for each in ids) if _MESSAGE_ID.match(each)]
    if len(fit) > _MANY_REFERENCES:
        fit = [fit[0], *fit[1 - _MANY_REFERENCES :]]
    return [fold_ids(name, fit)] if fit else []


def _content(text: str, html: str | None, attachments: Sequence[File]) -> Entity:
    """The parts as RFC 2046 and 2387 nest them: mixed [alternative [plain, related [html, images]], files]."""
    shown = entities.text("text/plain", text)
    apart = [each for each in attachments if html is None or not each.content_id]
    if html is not None:
        within = [_attachment(each, "inline") for each in attachments if each.content_id]
        rich = entities.text("text/html", html)
        related = entities.multipart("related", [rich, *within], type="text/html") if within else rich
        shown = entities.multipart("alternative", [shown, related])
    return entities.multipart("mixed", [shown, *(_attachment(each) for each in apart)]) if apart else shown


def _attachment(file: File, disposition: str = "attachment") -> Entity:
    name = _one_line(file.name, "attachments")
    if not name or "/" in name or "\\" in name or name != clean(name):
        raise Unfit("attachments", Problem.FILE_NAME, clean(name))
    if not _MEDIA_TYPE.match(file.media_type) or file.media_type.lower().startswith("multipart/"):
        raise Unfit("attachments", Problem.MEDIA_TYPE, name)
    fields = [
        parameters(f"Content-Type: {file.media_type}", "name", name),
        parameters(f"Content-Disposition: {disposition}", "filename", name),
    ]
    if file.content_id:
        fields.append(f"Content-ID: <{_check_id(file.content_id)}>")
    return entities.file(fields, _slices(file))


def _slices(file: File) -> Iterator[bytes]:
    """Ask for the octets of the file when its turn has come, and not before."""
    yield from file.octets() if callable(file.octets) else (file.octets,)


def check_address(address: Address, *, field: str, smtputf8: bool = False) -> Address:
    """The address as it goes on the wire, its domain in A-labels (RFC 5890); raises `Unfit`."""
    name = _one_line(address.name, field)
    spec = _one_line(address.address, field)
    local_part, at, domain = spec.rpartition("@")
    if not at or not _LOCAL_PART.match(local_part) or len(local_part.encode("utf-8", "replace")) > _LONGEST_LOCAL_PART:
        shown = clean(spec)
        raise Unfit(field, Problem.NOT_AN_ADDRESS if shown else Problem.NO_ADDRESS, shown)
    if not (local_part.isascii() or smtputf8) or not local_part.isprintable():
        raise Unfit(field, Problem.NOT_ASCII, clean(spec))
    on_wire = f"{local_part}@{_domain_on_wire(domain, spec, field)}"
    if len(on_wire.encode()) > _LONGEST_ADDRESS:
        raise Unfit(field, Problem.TOO_LONG, f"{clean(spec)[:60]}…")
    return Address(name, on_wire)


def _domain_on_wire(domain: str, spec: str, field: str) -> str:
    if _LITERAL.match(domain):
        return domain
    try:
        ascii_domain = a_labels(domain)
    except UnicodeError:
        ascii_domain = ""
    if not ascii_domain or not all(_LABEL.match(label) for label in ascii_domain.split(".")):
        raise Unfit(field, Problem.NO_SUCH_DOMAIN, clean(spec))
    return ascii_domain


def _one_line(value: str, field: str) -> str:
    if _FORBIDDEN.search(value):
        raise Unfit(field, Problem.LINE_BREAK)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Unfit(field, Problem.NOT_UNICODE) from None
    return value.strip()


def _check_id(message_id: str) -> str:
    if not _MESSAGE_ID.match(message_id):
        raise Unfit("message_id", Problem.MESSAGE_ID)
    return message_id


def new_message_id(domain: str) -> str:
    """A new id without angle brackets, unique by 120 random bits (RFC 5322, 3.6.4)."""
    try:
        ascii_domain = a_labels(domain).lower()
    except UnicodeError:
        ascii_domain = ""
    return f"{secrets.token_hex(15)}@{ascii_domain or 'localhost'}"


def quoted(text: str, attribution: str) -> str:
    """The text of a reply: the attribution, then every line behind `> `; quotes inside stay tight (`>> `)."""
    lines = _LINE_ENDS.sub("\n", text).rstrip("\n").split("\n")
    marked = [(">" if line.startswith(">") else "> " if line.strip() else ">") + line.rstrip() for line in lines]
    return "\n".join([attribution, *marked]) + "\n"


def parse_recipients(text: str) -> tuple[Address, ...]:
    """The addresses a person typed or pasted, separated by commas, semicolons or line ends.

    Raises `Unfit` (field `to`) naming the first that is none, or a line that looks like a header field. Repeated
    addresses count once.
    """
    found: dict[str, Address] = {}
    lines = _LINE_ENDS.split(text)
    if field := next((line for line in lines[1:] if _HEADER_FIELD.match(line)), None):
        # Somebody smuggles a header field behind an address, or pasted a whole header by mistake.
        raise Unfit("to", Problem.NOT_AN_ADDRESS, clean(field))
    for address in addresses(",".join(lines)):
        shown = address.display
        if "@" not in address.address:
            raise Unfit("to", Problem.NOT_AN_ADDRESS, shown)
        check_address(address, field="to", smtputf8=True)
        found.setdefault(address.address.lower(), address)
    return tuple(found.values())
