"""A listing of a remote maildrop, compared with what is remembered of it.

A unique-id is believed while it has been listed without a break, with the same size. One that was absent or deleted and
comes back, and a whole maildrop whose ids are suddenly new, are checked first: a server that gives old ids to other
messages must not cost anyone a message, one that restores or renumbers its messages must not show one twice.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from accounts.models import RemoteMaildrop
from mailbox import pop3
from mailbox.models import RetrievedUidl

Deletion, Proof = RetrievedUidl.Deletion, RetrievedUidl.Proof

# Fewer messages than this are retrieved again without a thought: what is there already is recognised by its octets.
_FEW = 10
_ROWS_AT_ONCE = 500
# Without one of these a header tells too little for two messages to be taken for one.
_TELLING = re.compile(rb"^(?:message-id|date):", re.I | re.M)


class Known(NamedTuple):
    """What is remembered of one unique-id."""

    pk: int
    uidl: str
    octets_count: int
    sha256: str
    header_sha256: str
    proof: str
    deletion: str
    message_id: int | None
    retrieved_at: datetime
    unlisted_at: datetime | None
    is_wanted: bool


type Pairs = list[tuple[Known, pop3.Listed]]


@dataclass(slots=True)
class Comparison:
    """A listing, divided by what is remembered."""

    listing: list[pop3.Listed]
    # Stored here, and still there.
    standing: Pairs = field(default_factory=list)
    # Stored here, absent or deleted there for a while, and there again.
    returned: Pairs = field(default_factory=list)
    # Stubs whose rest somebody has asked for.
    asked_for: list[pop3.Listed] = field(default_factory=list)
    new: list[pop3.Listed] = field(default_factory=list)
    # No longer listed: since this listing, or since an earlier one.
    vanished: list[Known] = field(default_factory=list)
    absent: list[Known] = field(default_factory=list)

    @property
    def octets(self) -> int:
        return sum(listed.octets for listed in self.listing)


def compare(maildrop: RemoteMaildrop, listing: Sequence[pop3.Listed]) -> Comparison:
    """Divide `listing`, given in the server's order, by what is remembered of `maildrop`. One query."""
    rows = {row[1]: Known(*row) for row in maildrop.retrieved.values_list(*Known._fields).iterator(chunk_size=5000)}
    comparison = Comparison(list(_told_apart(listing)))
    for listed in comparison.listing:
        row = rows.pop(listed.uidl, None)
        if row is None or row.octets_count != listed.octets:
            comparison.new.append(listed)
        elif row.unlisted_at or row.deletion == Deletion.DONE:
            comparison.returned.append((row, listed))
        elif row.is_wanted:
            comparison.asked_for.append(listed)
        else:
            comparison.standing.append((row, listed))
    for row in rows.values():
        (comparison.absent if row.unlisted_at or row.deletion == Deletion.DONE else comparison.vanished).append(row)
    return comparison


def _told_apart(listing: Iterable[pop3.Listed]) -> Iterator[pop3.Listed]:
    """Yield the listing with each repeated unique-id made its own by a number that no server can send."""
    seen: Counter[str] = Counter()
    for listed in listing:
        seen[listed.uidl] += 1
        is_repeated = listed.uidl and seen[listed.uidl] > 1
        yield (
            pop3.Listed(listed.number, listed.octets, f"{listed.uidl}\n{seen[listed.uidl]}") if is_repeated else listed
        )


def is_renumbered(maildrop: RemoteMaildrop, comparison: Comparison) -> bool:
    """Whether most of the listing is new although the maildrop has hardly changed since the last pull."""
    count, new = len(comparison.listing), len(comparison.new)
    if count < _FEW or new * 2 <= count or not comparison.vanished:
        return False
    return _is_near(count, maildrop.listed_count) and _is_near(comparison.octets, maildrop.listed_octets)


def _is_near(now: int, before: int) -> bool:
    return abs(now - before) * 10 <= max(now, before)


# Checking ------------------------------------------------------------------------------------------------------------


def header_hash(octets: bytes) -> str:
    """Return the SHA-256 of a message's header as RETR and TOP both give it; "" where it tells too little."""
    header = octets.partition(b"\r\n\r\n")[0].rstrip(b"\r\n")
    return hashlib.sha256(header).hexdigest() if _TELLING.search(header) else ""


def recognise(client: pop3.Client, comparison: Comparison, *, is_renumbered: bool) -> Pairs:
    """Ask for the headers of suspects; return those that are stored here, with the row that remembers each.

    What is not recognised moves to `comparison.new`. In the order of trust: size, header, and for what is then
    retrieved, its octets.
    """
    suspects = {listed.number: [row] for row, listed in comparison.returned}
    by_look: dict[tuple[int, str], list[Known]] = defaultdict(list)
    for row in (*comparison.vanished, *comparison.absent) if is_renumbered else ():
        by_look[row.octets_count, row.header_sha256].append(row)
    sizes = {size for size, _hash in by_look}
    asked = [listed for _row, listed in comparison.returned]
    asked += [listed for listed in comparison.new if listed.octets in sizes]
    recognised: Pairs = []
    for answer in client.tops(asked):
        look = header_hash(answer.octets) if isinstance(answer, pop3.Topped) else ""
        candidates = suspects.get(answer.listed.number) or by_look[answer.listed.octets, look]
        if look and candidates and candidates[-1].header_sha256 == look:
            recognised.append((candidates.pop(), answer.listed))
    _divide_again(comparison, recognised)
    return recognised


def _divide_again(comparison: Comparison, recognised: Pairs) -> None:
    numbers = {listed.number for _row, listed in recognised}
    unknown = [*(listed for _row, listed in comparison.returned), *comparison.new]
    comparison.new = [listed for listed in unknown if listed.number not in numbers]
    comparison.returned = []


# Remembering ---------------------------------------------------------------------------------------------------------


def remember(maildrop: RemoteMaildrop, recognised: Pairs) -> None:
    """Note messages that were recognised by their header, under the ids that they have now."""
    rows = [
        RetrievedUidl(
            maildrop=maildrop,
            uidl=listed.uidl,
            octets_count=listed.octets,
            sha256=row.sha256,
            header_sha256=row.header_sha256,
            proof=Proof.STUB if row.proof == Proof.STUB else Proof.HEADER,
            message_id=row.message_id,
            retrieved_at=row.retrieved_at,
        )
        for row, listed in recognised
    ]
    store(rows)


def store(rows: Iterable[RetrievedUidl]) -> None:
    """Write rows over those that remember the same ids.

    A statement of our own: there is a row for every message, and bulk_create prepares its fields one by one.
    """
    values = {row.uidl: [_value(row, name) for name in _COLUMNS] for row in rows if row.uidl}
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(_UPSERT, list(values.values()))


def _value(row: RetrievedUidl, name: str) -> Any:
    value = getattr(row, name)
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


_COLUMNS = [
    *("maildrop_id", "uidl", "octets_count", "sha256", "header_sha256", "proof", "message_id", "retrieved_at"),
    *("unlisted_at", "deletion", "deleted_at", "is_wanted"),
]
_UPSERT = (
    f"INSERT INTO mailbox_retrieveduidl ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"  # noqa: S608
    f" ON CONFLICT (maildrop_id, uidl) DO UPDATE SET {', '.join(f'{each} = excluded.{each}' for each in _COLUMNS[2:])}"
)


def note_vanished(rows: Sequence[Known]) -> None:
    """Note that these ids are listed no more. They are kept: what is absent today may be back tomorrow."""
    now = timezone.now()
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        pks = [row.pk for row in rows[start : start + _ROWS_AT_ONCE]]
        RetrievedUidl.objects.filter(pk__in=pks).update(unlisted_at=now)
