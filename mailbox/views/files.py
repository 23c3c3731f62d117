"""The files of a message as its sheet lists them."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from mailbox.mime.kinds import Kind, kind_of, word_of
from mailbox.mime.parse import Header, Parsed
from mailbox.mime.part import Part
from mailbox.mime.places import DEEPEST, Places
from mailbox.mime.shown import PDF, PICTURES, TEXT, shown_type
from mailbox.models import Attachment, Message
from mailbox.thumbnails import wanted
from webmail.celery import wake

# Seconds after which thumbnails that have not come are asked for again.
_ASK_AGAIN = 30.0
_asked: dict[int, float] = {}


@dataclass(frozen=True)
class File:
    """One file as a list shows it."""

    file_name: str
    octets_count: int
    kind: Kind
    word: str
    places: Places
    shown: str = ""
    """`picture`, `pdf` or `text` where it can be shown, by its octets."""
    thumbnail: str = ""
    """`made`, `coming`, or "" where there is none."""

    @property
    def icon(self) -> str:
        return _ICONS[self.kind]


_ICONS = {
    Kind.PICTURE: "image",
    Kind.PDF: "file-text",
    Kind.TEXT: "file-text",
    Kind.SHEET: "file-sheet",
    Kind.SLIDES: "file-slides",
    Kind.ARCHIVE: "file-archive",
    Kind.SOUND: "file-sound",
    Kind.FILM: "file-film",
    Kind.CALENDAR: "calendar",
    Kind.CONTACT: "contact",
    Kind.MESSAGE: "unread",
    Kind.SIGNATURE: "key",
    Kind.CODE: "file-code",
    Kind.PROGRAM: "warning",
    Kind.OTHER: "file",
}


@dataclass(frozen=True)
class Enclosed:
    """A message inside a message, folded to one line."""

    file: File
    sender: str
    subject: str
    dated_at: datetime | None


@dataclass(frozen=True)
class Files:
    """The files of one message, or of one inside it."""

    messages: Sequence[Enclosed] = ()
    pictures: Sequence[File] = ()
    """Those with a small picture, made or to come."""
    others: Sequence[File] = ()
    places: Places = ()
    """Of the message that they belong to, () for the message itself."""

    @property
    def all(self) -> list[File]:
        return [*(each.file for each in self.messages), *self.pictures, *self.others]

    @property
    def count(self) -> int:
        return len(self.all)

    @property
    def octets_count(self) -> int:
        return sum(each.octets_count for each in self.all)

    @property
    def is_coming(self) -> bool:
        """Whether a small picture is still being made."""
        return any(each.thumbnail == "coming" for each in self.pictures)

    def __bool__(self) -> bool:
        return bool(self.messages or self.pictures or self.others)


NO_FILES = Files()


def files_of(attachments: Iterable[Attachment], parsed: Parsed, *, shown_already: int | None = None) -> Files:
    """Return the files of a message, whose `attachments` are loaded with their thumbnails.

    `shown_already` is the index of a part that the page shows otherwise, as an invitation.
    """
    parts = {part.index: part for part in listed_parts(parsed) if part.index != shown_already}
    rows = [each for each in attachments if each.part in parts]
    coming = {each.pk for each in wanted(rows)}
    files = [_file(each, parts[each.part], is_coming=each.pk in coming) for each in rows]
    if parsed.attachments and parsed.attachments[-1].index in parts.keys() - {each.part for each in rows}:
        # A message that was joined of its pieces has no row.
        files.append(file_of(parsed.attachments[-1], ()))
    return _sorted(files, parsed)


def files_in(parsed: Parsed, places: Places) -> Files:
    """Return the files of a message that lies at `places` in another."""
    return _sorted([file_of(part, places) for part in listed_parts(parsed)], parsed, places)


def listed_parts(parsed: Parsed) -> list[Part]:
    """Return the attachments but the pictures that the HTML itself shows.

    The HTML decides, not the part's header: mailers call pictures of the text attachments, and give files a content id
    that nothing refers to.
    """
    named = [part for part in parsed.attachments if part.content_id and part.media_type in PICTURES]
    html = "".join(body.text() for body in parsed.bodies if body.media_type == "text/html") if named else ""
    in_the_text = {part.index for part in named if part.content_id in html or quote(part.content_id) in html}
    return [part for part in parsed.attachments if part.index not in in_the_text]


def ask_for_thumbnails(message: Message, files: Files) -> None:
    """Have missing small pictures made; a task that was lost is asked for again, but not at every look."""
    if not files.is_coming or time.monotonic() < _asked.get(message.pk, 0):
        return
    if len(_asked) > 1000:
        _asked.clear()
    _asked[message.pk] = time.monotonic() + _ASK_AGAIN
    wake("make_thumbnails", message.pk)


def _sorted(files: Sequence[File], parsed: Parsed, places: Places = ()) -> Files:
    messages = _enclosed(files, parsed) if len(places) < DEEPEST else []
    opened = {each.file.places for each in messages}
    return Files(
        messages=messages,
        pictures=[each for each in files if each.thumbnail],
        others=[each for each in files if not each.thumbnail and each.places not in opened],
        places=places,
    )


def _enclosed(files: Iterable[File], parsed: Parsed) -> list[Enclosed]:
    parts = {part.index: part for part in parsed.attachments}
    inside = [(each, parsed.nested(parts[each.places[-1]])) for each in files]
    return [_line(each, message.header) for each, message in inside if message]


def _line(file: File, header: Header) -> Enclosed:
    sender = next(iter(header.from_ or header.sender), None)
    return Enclosed(file, sender.display if sender else "", header.subject, header.date)


def _file(attachment: Attachment, part: Part, *, is_coming: bool) -> File:
    thumbnail = getattr(attachment, "thumbnail", None)
    is_made = thumbnail is not None and thumbnail.is_drawn
    return File(
        file_name=attachment.file_name,
        octets_count=attachment.octets_count,
        kind=kind_of(attachment.file_name, part.true_type),
        word=word_of(attachment.file_name, attachment.media_type),
        places=(attachment.part,),
        shown=_shown(part),
        thumbnail="made" if is_made else "coming" if is_coming else "",
    )


def file_of(part: Part, places: Places) -> File:
    """Return the file that is `part` of the message at `places`."""
    return File(
        file_name=part.file_name,
        octets_count=part.octets_count,
        kind=kind_of(part.file_name, part.true_type),
        word=word_of(part.file_name, part.media_type),
        places=(*places, part.index),
        shown=_shown(part),
    )


def _shown(part: Part) -> str:
    return _SHOWN.get(shown_type(part), "")


_SHOWN = {PDF: "pdf", TEXT: "text"} | dict.fromkeys(PICTURES, "picture")
