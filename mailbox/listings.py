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
from itertools import repeat
from operator import attrgetter
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import RemoteMaildrop
from mailbox import pop3
from mailbox.models import Message, RetrievedUidl, rows
from webmail.prepared import Prepared

Deletion, Proof = RetrievedUidl.Deletion, RetrievedUidl.Proof

# Fewer messages than this are retrieved again without a thought: what is there already is recognised by its octets.
_FEW = 10
_ROWS_AT_ONCE = 500
# Without one of these a header tells too little for two messages to be taken for one.
_TELLING = re.compile(rb"^(?:message-id|date):", re.I | re.M)


class Known(NamedTuple):
    """What a comparison needs of a unique-id that is remembered; a maildrop may have a hundred thousand of them."""

    pk: int
    uidl: str
    octets_count: int
    proof: str
    # Absent from the last listing, or deleted there.
    is_gone: bool
    is_wanted: bool


type Pairs = list[tuple[Known, pop3.Listed]]
type Recognised = list[tuple[RetrievedUidl, pop3.Listed]]


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
    known = {row.uidl: row for row in _known(maildrop)}
    comparison = Comparison(_told_apart(listing))
    found = map(known.pop, map(attrgetter("uidl"), comparison.listing), repeat(None))
    for listed, row in zip(comparison.listing, found, strict=True):
        if row is None or row.octets_count != listed.octets:
            comparison.new.append(listed)
        elif row.is_gone:
            comparison.returned.append((row, listed))
        elif row.is_wanted:
            comparison.asked_for.append(listed)
        else:
            comparison.standing.append((row, listed))
    for row in known.values():
        (comparison.absent if row.is_gone else comparison.vanished).append(row)
    return comparison


def _known(maildrop: RemoteMaildrop) -> Iterator[Known]:
    """Yield what is remembered, without Django's conversions: they are most of a look that finds nothing new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, uidl, octets_count, proof, deletion = %s OR unlisted_at IS NOT NULL, is_wanted"
            " FROM mailbox_retrieveduidl WHERE maildrop_id = %s",
            [Deletion.DONE.value, maildrop.pk],
        )
        while found := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from map(Known._make, found)


def _told_apart(listing: Sequence[pop3.Listed]) -> list[pop3.Listed]:
    """Return the listing with each repeated unique-id made its own by a number that no server can send."""
    if len({listed.uidl for listed in listing}) == len(listing):
        return list(listing)
    seen: Counter[str] = Counter()
    apart = []
    for listed in listing:
        seen[listed.uidl] += 1
        is_repeated = listed.uidl and seen[listed.uidl] > 1
        apart.append(listed._replace(uidl=f"{listed.uidl}\n{seen[listed.uidl]}") if is_repeated else listed)
    return apart


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
    end = octets.find(b"\r\n\r\n")
    header = (octets if end < 0 else octets[:end]).rstrip(b"\r\n")
    return hashlib.sha256(header).hexdigest() if _TELLING.search(header) else ""


def recognise(client: pop3.Client, comparison: Comparison, *, is_renumbered: bool) -> Recognised:
    """Ask for the headers of suspects; return those that are stored here, with the row that remembers each.

    What is not recognised moves to `comparison.new`. In the order of trust: size, header, and for what is then
    retrieved, its octets.
    """
    returned = _remembered(row for row, _listed in comparison.returned)
    suspects = {listed.number: [returned[row.pk]] for row, listed in comparison.returned if row.pk in returned}
    by_look: dict[tuple[int, str], list[RetrievedUidl]] = defaultdict(list)
    for row in _remembered((*comparison.vanished, *comparison.absent) if is_renumbered else ()).values():
        by_look[row.octets_count, row.header_sha256].append(row)
    sizes = {size for size, _hash in by_look}
    asked = [listed for _row, listed in comparison.returned]
    asked += [listed for listed in comparison.new if listed.octets in sizes]
    recognised: Recognised = []
    for answer in client.tops(asked):
        look = header_hash(answer.octets) if isinstance(answer, pop3.Topped) else ""
        candidates = suspects.get(answer.listed.number) or by_look[answer.listed.octets, look]
        if look and candidates and candidates[-1].header_sha256 == look:
            recognised.append((candidates.pop(), answer.listed))
    _divide_again(comparison, recognised)
    return recognised


def _remembered(known: Iterable[Known]) -> dict[int, RetrievedUidl]:
    """Return the whole rows of `known` by their keys."""
    pks = [row.pk for row in known]
    found: dict[int, RetrievedUidl] = {}
    for start in range(0, len(pks), _ROWS_AT_ONCE):
        found |= RetrievedUidl.objects.in_bulk(pks[start : start + _ROWS_AT_ONCE])
    return found


def _divide_again(comparison: Comparison, recognised: Recognised) -> None:
    numbers = {listed.number for _row, listed in recognised}
    unknown = [*(listed for _row, listed in comparison.returned), *comparison.new]
    comparison.new = [listed for listed in unknown if listed.number not in numbers]
    comparison.returned = []


def gone(maildrop: RemoteMaildrop, hashes: Sequence[str]) -> set[str]:
    """Return those of these SHA-256 whose octets were stored once, and were deleted for ever by their reader.

    Such a message comes again where a server gives it another id, or has it back from a backup. One query where there
    is none.
    """
    found = set(_without_message(maildrop=maildrop.pk, hashes=list(hashes)) if hashes else ())
    if not found:
        return found
    stored = Message.objects.filter(account=maildrop.account_id, original__sha256__in=found)
    return found - set(stored.values_list("original__sha256", flat=True))


@Prepared
def _without_message(maildrop: int, hashes: list[str]) -> QuerySet[RetrievedUidl, str]:
    remembered = RetrievedUidl.objects.filter(maildrop=maildrop, message=None, sha256__in=hashes)
    return remembered.values_list("sha256", flat=True)


# Remembering ---------------------------------------------------------------------------------------------------------


def remember(maildrop: RemoteMaildrop, recognised: Recognised) -> None:
    """Note messages that were recognised by their header, under the ids that they have now."""
    recognised_rows = [
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
    store(recognised_rows)


def store(remembered: Iterable[RetrievedUidl]) -> None:
    """Write rows over those that remember the same ids."""
    by_uidl = {row.uidl: row for row in remembered if row.uidl}
    rows.upsert(RetrievedUidl, _COLUMNS, map(attrgetter(*_COLUMNS), by_uidl.values()), key=2)


_COLUMNS = [
    *("maildrop_id", "uidl", "octets_count", "sha256", "header_sha256", "proof", "message_id", "retrieved_at"),
    *("unlisted_at", "deletion", "deleted_at", "is_wanted"),
]


def note_vanished(rows: Sequence[Known]) -> None:
    """Note that these ids are listed no more. They are kept: what is absent today may be back tomorrow."""
    now = timezone.now()
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        pks = [row.pk for row in rows[start : start + _ROWS_AT_ONCE]]
        RetrievedUidl.objects.filter(pk__in=pks).update(unlisted_at=now)
