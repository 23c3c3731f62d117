"""Which conversations a list held at one moment: written down in a millisecond, and listed later by a worker."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db.models import Exists, Max, Model, OuterRef, Q, QuerySet

from accounts.models import MailAccount, Membership
from mailbox import search, team
from mailbox.models import THROWN_AWAY, Entry, Labelled, Message

# Parameters of one statement.
_AT_ONCE = 5000
_MOST_NOTES = 10_000
# Conversations that a verb leaves as they are need not be gone through.
_TOUCHED: Mapping[str, dict[str, Any]] = {
    "star": {"is_starred": False},
    "unstar": {"is_starred": True},
}


@dataclass(frozen=True, slots=True)
class Extent:
    """A list as it was: of one folder, of one label, of what was found, or of all that is starred where none is named.

    It is plain JSON, so that it can wait in a row of the database. A line that was made later has a higher primary
    key than `last_row`, and does not belong to it.
    """

    accounts: list[int]
    folder: str = ""
    label: int = 0
    last_row: int = 0
    words: str = ""

    @classmethod
    def now(cls, accounts: Collection[int], *, folder: str = "", label: int = 0, words: str = "") -> Self:
        """Return the list as it is; the primary key's index has the answer at its end."""
        lines: type[Model] = Message if words else Labelled if label else Entry
        newest = lines._default_manager.aggregate(last=Max("pk"))["last"]
        return cls(list(accounts), folder, label, newest or 0, words)

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Self:
        return cls(**written)

    def written(self) -> dict[str, Any]:
        return asdict(self)

    def thread_ids(self, verb: str) -> list[int]:
        """Return the conversations that are still there and that `verb` changes, the newest first, each once."""
        if self.words:
            return list(dict.fromkeys(self._found()))
        rows: QuerySet[Labelled] | QuerySet[Entry]
        if self.label:
            labelled = Labelled.objects.filter(label=self.label, newest_at__isnull=False)
            rows = labelled.filter(account__in=self.accounts, pk__lte=self.last_row)
        else:
            entries = Entry.objects.filter(self._matches(), account__in=self.accounts, pk__lte=self.last_row)
            rows = entries.filter(_touched(verb))
        in_order = rows.order_by("-newest_at", "-pk").values_list("thread_id", flat=True)
        return list(dict.fromkeys(in_order.iterator(chunk_size=5000)))

    def _found(self) -> Iterator[int]:
        """Yield the conversation of every message that holds the words, the newest first, then those of notes."""
        found = [pk for pk in search.find_all(self.words, self.accounts) if pk <= self.last_row]
        for start in range(0, len(found), _AT_ONCE):
            pks = found[start : start + _AT_ONCE]
            thread_of = dict(Message.objects.filter(pk__in=pks).values_list("pk", "thread_id"))
            yield from (thread_of[pk] for pk in pks if pk in thread_of)
        teams = MailAccount.objects.filter(pk__in=self.accounts, is_team=True).values_list("pk", flat=True)
        yield from team.threads_noted(self.words, list(teams), limit=_MOST_NOTES)

    def _matches(self) -> Q:
        if self.folder:
            return Q(folder=self.folder)
        return Q(is_starred=True) & ~Q(folder__in=THROWN_AWAY)


def _touched(verb: str) -> Q:
    if verb != "read":
        return Q(**_TOUCHED.get(verb, {}))
    # What a member has not read the entries do not say.
    return Q(unread_count__gt=0) | Q(Exists(Membership.objects.filter(account=OuterRef("account"))))


def touched(entry: Entry, verb: str) -> bool:
    """Whether `verb` changes the conversation of that line."""
    match verb:
        case "read":
            return entry.is_unread
        case "star":
            return not entry.is_starred
        case "unstar":
            return entry.is_starred
    return True
