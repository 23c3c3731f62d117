"""The demo's letters as octets: header, text, HTML, pictures and files (RFC 5322, 2045-2047, 2387)."""

import base64
import hashlib
import quopri
from collections.abc import Iterable
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime, formataddr

from webmail.demo.files import file
from webmail.demo.letters import Letter
from webmail.demo.markup import html
from webmail.demo.people import Person

CRLF = "\r\n"


def octets(letter: Letter, reader: Person | None = None) -> bytes:
    """Return the message; with `reader` as it came to that person, with the trace of the way."""
    body = _body(letter)
    fields = [*_trace(letter, reader), *_header(letter), *body.fields]
    return f"{_joined(fields)}{CRLF}{body.content}".encode("ascii")


# Header --------------------------------------------------------------------------------------------------------------


def _trace(letter: Letter, reader: Person | None) -> Iterable[tuple[str, str]]:
    if reader is None:
        return
    number = hashlib.sha256(letter.message_id.encode()).hexdigest()
    host = f"mail.{letter.author.domain}"
    peer = f"from {host} ({host} [192.0.2.{int(number[:2], 16)}])"
    way = f"by mx.{reader.domain} with ESMTPS id {number[2:14]}"
    found = f"dkim={letter.verdict} header.d={letter.author.domain}; dmarc={letter.verdict}"
    yield "Authentication-Results", f"mx.{reader.domain};{CRLF}\t{found} header.from={letter.author.domain}"
    yield "Return-Path", f"<{letter.author.address}>"
    yield "Received", f"{peer}{CRLF}\t{way}{CRLF}\tfor <{reader.address}>; {format_datetime(letter.written_at)}"


def _header(letter: Letter) -> Iterable[tuple[str, str]]:
    charset = letter.charset
    yield "Date", format_datetime(letter.written_at)
    yield "From", _people([letter.author], charset)
    yield "To", _people(letter.to, charset)
    if letter.cc:
        yield "Cc", _people(letter.cc, charset)
    yield "Subject", _words(letter.subject, charset)
    yield "Message-ID", letter.message_id
    if letter.parent:
        yield "In-Reply-To", letter.parent.message_id
        yield "References", f"{CRLF} ".join(letter.references)
    if letter.is_listed:
        name, _, domain = letter.to[0].address.partition("@")
        yield "List-Id", f"{letter.to[0].name} <{name}.{domain}>"
        yield "List-Post", f"<mailto:{letter.to[0].address}>"
    yield from letter.fields
    yield "MIME-Version", "1.0"


def _people(people: Iterable[Person], charset: str) -> str:
    return f",{CRLF} ".join(formataddr((person.name, person.address), charset) for person in people)


def _words(text: str, charset: str) -> str:
    return Header(text, None if text.isascii() else charset, header_name="Subject").encode(linesep=CRLF)


def _joined(fields: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{name}: {value}{CRLF}" for name, value in fields)


# Body ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    fields: tuple[tuple[str, str], ...]
    content: str

    def __str__(self) -> str:
        return f"{_joined(self.fields)}{CRLF}{self.content}"


def _body(letter: Letter) -> _Part:
    shown = [name for name in letter.files if f"] {name}" in letter.text]
    body = _text(letter.plain, "plain", letter.charset, is_flowed=letter.is_flowed)
    if letter.layout:
        page = _text(html(letter, lambda name: _content_id(letter, name)), "html", letter.charset)
        if shown:
            pictures = [_file(name, letter, content_id=_content_id(letter, name)) for name in shown]
            page = _multipart("related", letter, [page, *pictures])
        body = _multipart("alternative", letter, [body, page])
    attached = [_file(name, letter) for name in letter.files if name not in shown]
    if letter.forwarded:
        attached.append(_message(letter.forwarded, letter.author))
    return _multipart("mixed", letter, [body, *attached]) if attached else body


def _content_id(letter: Letter, name: str) -> str:
    return f"{name.partition('.')[0]}.{letter.id}@{letter.author.domain}"


def _multipart(subtype: str, letter: Letter, parts: Iterable[_Part]) -> _Part:
    boundary = f"=-{subtype}-{letter.id}"
    content = "".join(f"--{boundary}{CRLF}{part}{CRLF}" for part in parts)
    fields = (("Content-Type", f'multipart/{subtype};{CRLF} boundary="{boundary}"'),)
    return _Part(fields, f"{content}--{boundary}--{CRLF}")


def _text(text: str, subtype: str, charset: str, *, is_flowed: bool = False) -> _Part:
    if is_flowed:
        text = _flowed(text)
    media_type = f"text/{subtype}; charset={'us-ascii' if text.isascii() else charset}"
    encoding, content = _encoded(text, charset)
    fields = (
        ("Content-Type", media_type + ("; format=flowed" if is_flowed else "")),
        ("Content-Transfer-Encoding", encoding),
    )
    return _Part(fields, content)


def _encoded(text: str, charset: str) -> tuple[str, str]:
    """Return the transfer encoding that suits the text, and the text in it with CRLF line ends."""
    raw = text.encode(charset)
    if raw.isascii() and max(map(len, raw.splitlines()), default=0) < 990:
        return "7bit", raw.decode("ascii").replace("\n", CRLF)
    if len(raw) - len(text) > len(text) // 2:
        return "base64", _base64(text.replace("\n", CRLF).encode(charset))
    return "quoted-printable", quopri.encodestring(raw).decode("ascii").replace("\n", CRLF)


def _flowed(text: str) -> str:
    """Break long lines at spaces, which stay at the line's end as the mark of a soft break (RFC 3676, 4.1)."""
    return "\n".join(line for paragraph in text.split("\n") for line in _soft_lines(paragraph))


def _soft_lines(paragraph: str) -> Iterable[str]:
    while len(paragraph) > 76:
        cut = paragraph.rindex(" ", 0, 76) + 1
        yield paragraph[:cut]
        paragraph = paragraph[cut:]
    yield paragraph


def _base64(raw: bytes) -> str:
    return base64.encodebytes(raw).decode("ascii").replace("\n", CRLF)


def _file(name: str, letter: Letter, *, content_id: str = "") -> _Part:
    media_type, raw = file(name, letter)
    disposition = "inline" if content_id else "attachment"
    fields = [
        ("Content-Type", f'{media_type}; name="{name}"'),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", f'{disposition}; filename="{name}"'),
    ]
    if content_id:
        fields.append(("Content-ID", f"<{content_id}>"))
    return _Part(tuple(fields), _base64(raw))


def _message(letter: Letter, reader: Person) -> _Part:
    fields = (("Content-Type", "message/rfc822"), ("Content-Disposition", "attachment"))
    return _Part(fields, octets(letter, reader).decode("ascii"))
