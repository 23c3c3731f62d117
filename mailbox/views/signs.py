"""What a conversation shows of itself beside its messages: labels, that it is muted, when it comes back or leaves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet
from django.utils import timezone

from mailbox import team
from mailbox.emptying import DAYS
from mailbox.models import Entry, Folder, Labelled, Message, ThreadMark
from mailbox.standing import marks as marks_of
from mailbox.views.side_labels import SideLabel
from mailbox.views.sidebar import Sidebar
from webmail.prepared import Prepared

_NEWS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Signs:
    """What is shown of one conversation."""

    labels: tuple[SideLabel, ...] = ()
    is_muted: bool = False
    wakes_at: datetime | None = None
    woke_at: datetime | None = None
    leaves_at: datetime | None = None
    """When it leaves the trash or spam for ever."""
    assignee: str = ""
    """Who of the team has it."""
    colour: int = 0
    """Of the account, where somebody has it."""
    is_done: bool = False

    @property
    def back_since(self) -> datetime | None:
        """When it came back from sleep, for as long as that is news."""
        is_news = self.woke_at is not None and timezone.now() - self.woke_at < _NEWS
        return self.woke_at if is_news and not self.wakes_at else None


NO_SIGNS = Signs()


def signs_of(sidebar: Sidebar, entries: Sequence[Entry], *, thrown_away: str | None = None) -> dict[int, Signs]:
    """Return by thread what the lines of `entries` show; `thrown_away` is the folder whose list this is, if it is one.

    Two queries, and a third in the trash and in spam; none without entries.
    """
    threads = [entry.thread_id for entry in entries]
    if not threads:
        return {}
    labels, marks = labels_of(sidebar, threads), {mark.pk: mark for mark in marks_of(threads=threads)}
    leaves = _leaves(threads, Folder(thrown_away)) if thrown_away else {}
    found = {
        thread: _signs(labels.get(thread, ()), marks.get(thread), leaves.get(thread))
        for thread in {*labels, *marks, *leaves}
    }
    return found | _with_team(sidebar, entries, found)


def _with_team(sidebar: Sidebar, entries: Sequence[Entry], found: Mapping[int, Signs]) -> dict[int, Signs]:
    """Return the signs of what teams have marked; no query where no entry is a team's."""
    theirs = [entry.thread_id for entry in entries if sidebar.of(entry.account_id).is_team] if sidebar.has_team else []
    return {
        mark.pk: replace(
            found.get(mark.pk, NO_SIGNS),
            assignee=str(mark.assignee) if mark.assignee else "",
            is_done=mark.is_done,
            colour=sidebar.of(mark.account_id).colour,
        )
        for mark in team.marks_of(theirs)
    }


def signs_of_thread(sidebar: Sidebar, thread: int) -> Signs:
    """Return what a conversation shows beside its subject."""
    marks = marks_of(threads=[thread])
    return _signs(labels_of(sidebar, [thread]).get(thread, ()), marks[0] if marks else None, None)


def _signs(labels: Sequence[SideLabel], mark: ThreadMark | None, leaves_at: datetime | None) -> Signs:
    if mark is None:
        return Signs(tuple(labels), leaves_at=leaves_at)
    return Signs(tuple(labels), mark.is_muted, mark.wakes_at, mark.woke_at, leaves_at)


def labels_of(sidebar: Sidebar, threads: Sequence[int]) -> dict[int, list[SideLabel]]:
    """Return the reader's labels by thread, in the order of the tree. No query where he has none."""
    if not sidebar.labels:
        return {}
    pairs = set(_labelled(labels=[label.pk for label in sidebar.labels], threads=list(threads)))
    found: dict[int, list[SideLabel]] = {}
    for label in sidebar.labels:
        for thread in threads:
            if (label.pk, thread) in pairs:
                found.setdefault(thread, []).append(label)
    return found


@Prepared
def _labelled(labels: list[int], threads: list[int]) -> QuerySet[Labelled, tuple[int, int]]:
    return Labelled.objects.filter(label__in=labels, thread__in=threads).values_list("label_id", "thread_id")


def _leaves(threads: Collection[int], folder: Folder) -> Mapping[int, datetime]:
    """Return when the first message of each conversation leaves `folder`; nothing of those that never do."""
    days = f"account__owner__{DAYS[folder]}"
    there = Message.objects.filter(thread__in=threads, folder=folder, trashed_at__isnull=False, **{f"{days}__gt": 0})
    rows = there.order_by().values_list("thread_id", days).annotate(first=Min("trashed_at"))
    return {thread: first + timedelta(days=count) for thread, count, first in rows}
