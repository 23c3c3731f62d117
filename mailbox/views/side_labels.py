"""A person's labels as the side bar, the rows and the menus show them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet
from django.urls import reverse

from mailbox.models import Label, Labelled
from mailbox.views.counting import capped, capped_count
from webmail.prepared import Prepared

# Deeper levels are shown no further in.
_DEEPEST = 4
_NO_ACCOUNT = 0


@dataclass(frozen=True, slots=True)
class SideLabel:
    """A label, and how many of its conversations are unread."""

    pk: int
    key: str
    name: str
    colour: int
    unread_count: int = 0

    @property
    def unread(self) -> str:
        return capped(self.unread_count)

    @property
    def url(self) -> str:
        return reverse("label", args=[self.key])


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the tree; a level that is no label itself only holds those below it."""

    name: str
    depth: int
    label: SideLabel | None = None


def side_labels(user: int, accounts: Sequence[int]) -> tuple[SideLabel, ...]:
    """Return the labels of the person in the order of the tree; their counters know the mail of `accounts` only."""
    rows = _labels(user=user, accounts=list(accounts) or [_NO_ACCOUNT])
    found = (SideLabel(pk, key, name, colour % Label.COLOUR_COUNT, unread) for pk, key, name, colour, unread in rows)
    return tuple(sorted(found, key=lambda label: _levels(label.name)))


@Prepared
def _labels(user: int, accounts: list[int]) -> QuerySet[Label, tuple[int, str, str, int, int]]:
    unread = Labelled.objects.filter(label=OuterRef("pk"), account__in=accounts, is_unread=True)
    mine = Label.objects.filter(owner=user).annotate(unread_count=capped_count(unread))
    return mine.values_list("pk", "key", "name", "colour", "unread_count")


def _levels(name: str) -> list[str]:
    return name.casefold().split("/")


def tree(labels: Iterable[SideLabel]) -> Iterator[Branch]:
    """Yield the lines of the tree for labels in its order, with the levels that are no labels themselves."""
    above: list[str] = []
    for label in labels:
        levels = label.name.split("/")
        shared = _shared(above, levels)
        for depth in range(shared, len(levels) - 1):
            yield Branch(levels[depth], min(depth, _DEEPEST))
        yield Branch(levels[-1], min(len(levels) - 1, _DEEPEST), label)
        above = levels


def _shared(above: Sequence[str], levels: Sequence[str]) -> int:
    """Return how many levels of these lead through the label above."""
    depth = 0
    while depth < min(len(above), len(levels) - 1) and above[depth].casefold() == levels[depth].casefold():
        depth += 1
    return depth
