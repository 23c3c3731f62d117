"""Places in a list, which stay right when mail arrives above them, and the spans between two of them."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from django.db.models import Q

from mailbox.models import Entry

_NO_KEY = 2**63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cursor:
    """A place in a list that stays right when mail arrives above it."""

    newest_at: datetime
    pk: int

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(entry.newest_at, entry.pk)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the cursor written as `text`; None where it is none, which means the first page."""
        try:
            microseconds, pk = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).split(b".")
            newest_at = _EPOCH + timedelta(microseconds=int(microseconds))
            # What is no key of a row would reach the database.
            return cls(newest_at, int(pk)) if 0 <= int(pk) < _NO_KEY else None
        except (ValueError, OverflowError, binascii.Error):
            return None

    def __str__(self) -> str:
        microseconds = (self.newest_at - _EPOCH) // timedelta(microseconds=1)
        return base64.urlsafe_b64encode(f"{microseconds}.{self.pk}".encode()).decode().rstrip("=")

    def is_above(self, other: "Cursor") -> bool:
        return (self.newest_at, self.pk) > (other.newest_at, other.pk)


@dataclass(frozen=True, kw_only=True)
class Span:
    """Which part of a list is asked for: what follows one place, all down to one, or both, and at most so much.

    Upwards `before` is what is followed by the part, whose last row comes first.
    """

    limit: int
    before: Cursor | None = None
    through: Cursor | None = None
    is_upward: bool = False

    @property
    def place(self) -> Cursor | None:
        return self.before or self.through

    def by(self, moment: str, *, is_rising: bool = False) -> Q:
        """Return the condition on rows that stand in the order of the column `moment`, then of their keys."""
        below, above = ("gt", "lt") if is_rising != self.is_upward else ("lt", "gt")
        follows = _beyond(self.before, moment, below, below) if self.before else Q()
        # That place itself and everything above it.
        return follows & _beyond(self.through, moment, above, f"{above}e") if self.through else follows

    def order(self, moment: str, key: str, *, is_rising: bool = False) -> tuple[str, str]:
        """Return the order of these rows, as the ORM has it: the nearest to `before` first."""
        sign = "" if is_rising != self.is_upward else "-"
        return f"{sign}{moment}", f"{sign}{key}"


def _beyond(cursor: Cursor, moment: str, side: str, side_of_key: str) -> Q:
    # The first condition alone is a range of the index; the second one settles equal times.
    at = cursor.newest_at
    return Q(**{f"{moment}__{side}e": at}) & (Q(**{f"{moment}__{side}": at}) | Q(**{f"pk__{side_of_key}": cursor.pk}))
