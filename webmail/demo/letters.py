"""The demo's letters, read from `mail/*.txt` and dated relative to now.

A file holds letters between lines of "%%": fields, a blank line, the text. Fields: Id, From, To, Cc (names of
people.py), Ago ("9d 19:42": that many days ago at that time on the writer's clock; "1h20m": that long ago), Subject
(without it "Re: " and the parent's), Parent (the Id that is answered), Files, Forward (the Id that is attached),
Layout (of the HTML, with a colour), Charset, Flowed, List, Verdict (of DMARC, "pass" where nothing is said); and for
each reader what became of it, as in "Alice: inbox unread starred". "waiting" has not been pulled yet. Fields with other
names go into the mail as they are.

In texts, {quote} and {引用} stand for the quoted parent, {day +3}, {日 +3} and {jour +3} for the date three days after
the letter, {day fri +3} for the first Friday from there, {month +3} for the name of its month, {ymd +3} for calendars.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from webmail.demo.people import PEOPLE, READERS, Person

MAIL = Path(__file__).parent / "mail"


@dataclass(frozen=True, slots=True)
class Place:
    """What became of a letter with one of its readers."""

    folder: str
    is_read: bool = True
    is_starred: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether it still lies in the local maildrop."""
        return self.folder == "waiting"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, before it is octets."""

    id: str
    author: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    subject: str
    written_at: datetime
    text: str
    places: dict[str, Place]
    parent: "Letter | None" = None
    forwarded: "Letter | None" = None
    files: tuple[str, ...] = ()
    layout: str = ""
    colour: str = ""
    charset: str = "utf-8"
    is_flowed: bool = False
    is_listed: bool = False
    verdict: str = "pass"
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def message_id(self) -> str:
        """Its Message-ID, with angle brackets."""
        return f"<{self.id}.demo@{self.author.domain}>"

    @property
    def plain(self) -> str:
        """The text without the mark-up that becomes HTML."""
        text = self.text
        for mark, instead in _MARK_UP if self.layout else ():
            text = mark.sub(instead, text)
        return text

    @property
    def references(self) -> tuple[str, ...]:
        """The Message-IDs of what it answers, the oldest first (RFC 5322, 3.6.4)."""
        return (*self.parent.references, self.parent.message_id) if self.parent else ()


_MARK_UP = (
    (re.compile(r"^!\[.*\] \S+\n\n", re.MULTILINE), ""),
    (re.compile(r"^\[(.+)\] (https://\S+)$", re.MULTILINE), r"\1: \2"),
    (re.compile(r"^(# |&& |\| )|\*\*", re.MULTILINE), ""),
    (re.compile(r"( \|)+ "), "   "),
)


def letters(now: datetime) -> list[Letter]:
    """Return all letters as of `now`, the oldest first."""
    texts = [text for path in sorted(MAIL.glob("*.txt")) for text in path.read_text("utf-8").split("%%\n")]
    written: dict[str, Letter] = {}
    # A letter needs the one that it answers or forwards, wherever that stands.
    for fields, text in _by_need(map(_split, texts)):
        letter = _letter(fields, text, written, now)
        written[letter.id] = letter
    return sorted(written.values(), key=lambda letter: letter.written_at)


type _Raw = tuple[dict[str, str], str]


def _split(text: str) -> _Raw:
    head, _, body = text.partition("\n\n")
    fields = dict(line.split(":", 1) for line in head.splitlines())
    return {name: value.strip() for name, value in fields.items()}, body.strip("\n") + "\n"


def _by_need(raws: Iterable[_Raw]) -> Iterator[_Raw]:
    waiting, seen = list(raws), set[str]()
    while waiting:
        ready = [raw for raw in waiting if _needs(raw) <= seen]
        if not ready:
            raise ValueError(f"Nobody wrote what these refer to: {[fields['Id'] for fields, _ in waiting]}")
        yield from ready
        seen |= {fields["Id"] for fields, _ in ready}
        waiting = [raw for raw in waiting if raw not in ready]


def _needs(raw: _Raw) -> set[str]:
    return {raw[0][name] for name in ("Parent", "Forward") if name in raw[0]}


def _letter(fields: dict[str, str], text: str, written: dict[str, Letter], now: datetime) -> Letter:
    own = dict(fields)
    author, to, cc = PEOPLE[own.pop("From")], _people(own.pop("To")), _people(own.pop("Cc", ""))
    parent, forwarded = written.get(own.pop("Parent", "")), written.get(own.pop("Forward", ""))
    written_at = _ago(own.pop("Ago"), author, now)
    layout, _, colour = own.pop("Layout", "").partition(" ")
    subject = own.pop("Subject", "") if parent is None else _answer(parent.subject)
    return Letter(
        id=own.pop("Id"),
        author=author,
        to=to,
        cc=cc,
        subject=filled(subject, written_at),
        written_at=written_at,
        text=filled(text, written_at, parent),
        places=_places(own, author, {*to, *cc}),
        parent=parent,
        forwarded=forwarded,
        files=tuple(own.pop("Files", "").replace(",", " ").split()),
        layout=layout,
        colour=colour,
        charset=own.pop("Charset", "utf-8"),
        is_flowed=bool(own.pop("Flowed", "")),
        is_listed=bool(own.pop("List", "")),
        verdict=own.pop("Verdict", "pass"),
        fields=tuple(own.items()),
    )


def _people(names: str) -> tuple[Person, ...]:
    return tuple(PEOPLE[name.strip()] for name in names.split(",") if name.strip())


def _answer(subject: str) -> str:
    return subject if subject.startswith("Re: ") else f"Re: {subject}"


def _places(fields: dict[str, str], author: Person, readers: set[Person]) -> dict[str, Place]:
    """Take what the fields say of the readers; where they say nothing, the writer keeps a copy and others have it."""
    found = {}
    for name, person in READERS.items():
        said = fields.pop(name.capitalize(), "")
        default = "sent" if person == author else "inbox" if person in readers else ""
        folder, *states = (said or default).split() or [""]
        if folder:
            found[name] = Place(folder, is_read="unread" not in states, is_starred="starred" in states)
    return found


_LONG_AGO = re.compile(r"(\d+)d (\d+:\d\d)")
_JUST_NOW = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?")


def _ago(text: str, author: Person, now: datetime) -> datetime:
    if found := _LONG_AGO.fullmatch(text):
        day = now.astimezone(UTC).date() - timedelta(days=int(found[1]))
        return datetime.combine(day, time.fromisoformat(found[2].zfill(5)), author.time_zone)
    found = _JUST_NOW.fullmatch(text)
    assert found, text
    then = now - timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))
    return then.astimezone(author.time_zone).replace(microsecond=0)


_SLOT = re.compile(r"\{(\w+)(?: (?:(mon|tue|wed|thu|fri|sat|sun) )?\+(\d+))?\}")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def filled(text: str, written_at: datetime, parent: Letter | None = None) -> str:
    """Return `text` with dates and quotes in the place of its slots."""

    def fill(slot: re.Match[str]) -> str:
        if slot[1] in {"quote", "引用"}:
            assert parent
            return _quoted(parent, is_japanese=slot[1] == "引用")
        return _FORMATS[slot[1]](_day(written_at.date(), slot[2], int(slot[3])))

    return _SLOT.sub(fill, text)


def _day(start: date, weekday: str | None, days: int) -> date:
    day = start + timedelta(days=days)
    return day if weekday is None else day + timedelta(days=(_DAYS.index(weekday) - day.weekday()) % 7)


def _quoted(letter: Letter, *, is_japanese: bool) -> str:
    at, who = letter.written_at, letter.author
    if is_japanese:
        opening = f"{at.year}年{at.month}月{at.day}日 {at:%H:%M} {who.name} <{who.address}>:"
    else:
        opening = f"On {at:%a}, {at.day} {at:%b %Y} at {at:%H:%M}, {who.name} wrote:"
    lines = [f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in letter.plain.splitlines()]
    return "\n".join([opening, *lines])


_FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_FRENCH_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_FORMATS: dict[str, Callable[[date], str]] = {
    "day": lambda day: f"{day:%A} {day.day} {day:%B}",
    "month": lambda day: f"{day:%B}",
    "ymd": lambda day: f"{day:%Y%m%d}",
    "日": lambda day: f"{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}）",
    "jour": lambda day: f"{_FRENCH_DAYS[day.weekday()]} {day.day} {_FRENCH_MONTHS[day.month - 1]}",
}
