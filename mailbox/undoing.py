"""Acts that can be taken back: what they change is compared before and after, and the difference is kept as a `Deed`.

So every act is undone exactly, whatever it does: a conversation whose messages lay in three folders gets each of them
back to its own. What others have changed meanwhile and the act did not touch stays as it is.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import MailAccount, User
from mailbox import seen, team, threads
from mailbox.holding import Held, hold, holding
from mailbox.models import Deed, Labelled, Message, TeamLine, TeamMark, Thread, ThreadMark, rows
from webmail.keys import new_key
from webmail.prepared import Prepared

_OF_MESSAGE = ("folder", "trashed_from", "trashed_at", "is_read", "is_starred")
_OF_MARK = ("account_id", "is_muted", "wakes_at", "woke_at")
_OF_TEAM = ("account_id", "assignee_id", "is_done", "moved_at")
# What a deed of before an update may lack, beside the marks: rows that begin with their thread.
_BY_THREAD = ("marks", "unread", "team_marks")

type _Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """Everything that an act may change of some conversations."""

    messages: Mapping[int, _Values]
    marks: Mapping[int, _Values]
    labels: Mapping[tuple[int, int], int]
    """The account by label and thread: the person's own labels, for nobody else's are ever changed."""
    unread: Mapping[int, datetime]
    """What the person has not read of accounts that others share with him."""
    team_marks: Mapping[int, _Values]
    team_lines: frozenset[int]


def perform(
    user: User,
    thread_ids: Collection[int],
    change: Callable[[Collection[int]], None],
    *,
    key: str = "",
    may_label: bool = True,
) -> str:
    """Call `change(thread_ids)` in one transaction; return the key by which it is taken back, "" if nothing changed.

    An act that is done in pieces gives each piece after the first the key of the first. One that may not label asks
    nothing about labels.
    """
    if not thread_ids:
        return ""
    with holding(thread_ids) as held:
        before = _state(user, thread_ids, held, may_label=may_label)
        change(thread_ids)
        difference = _difference(before, _state(user, thread_ids, held, may_label=may_label))
        if not any(difference.values()):
            return ""
        key = key or new_key()
        rows.insert([rows.unsaved(Deed, user_id=user.pk, key=key, before=difference)])
    return key


def take_back(user: User, key: str) -> list[int]:
    """Undo the act of that key, once; return its conversations, those that `user` may still read."""
    with transaction.atomic():
        deeds = list(Deed.objects.select_for_update().filter(user=user, key=key).order_by("-pk"))
        touched: set[int] = set()
        for deed in deeds:
            touched |= _restore(user, deed.before)
        Deed.objects.filter(pk__in=[deed.pk for deed in deeds]).delete()
        threads.refresh(touched)
    return sorted(touched)


# How it is -----------------------------------------------------------------------------------------------------------


def _state(user: User, thread_ids: Collection[int], held: Held, *, may_label: bool) -> _State:
    ids = list(thread_ids)
    labelled = _labels(user=user.pk, threads=ids) if may_label else ()
    of_team = ids if held.has_team else []
    messages, marks = {}, {}
    for pk, *values, thread, account, is_muted, wakes_at, woke_at in _messages(threads=ids):
        messages[pk] = tuple(values)
        if account is not None:
            marks[thread] = (account, is_muted, wakes_at, woke_at)
    return _State(
        messages,
        marks,
        labels={(label, thread): account for label, thread, account in labelled},
        unread=seen.since_when(user.pk, ids) if held.owners - {user.pk} else {},
        team_marks={mark.pk: tuple(getattr(mark, name) for name in _OF_TEAM) for mark in team.marks_of(of_team)},
        team_lines=team.lines_of(of_team),
    )


@Prepared
def _messages(threads: list[int]) -> QuerySet[Message, _Values]:
    marks = [f"thread__mark__{name}" for name in _OF_MARK]
    return Message.objects.filter(thread__in=threads).values_list("pk", *_OF_MESSAGE, "thread_id", *marks)


@Prepared
def _labels(user: int, threads: list[int]) -> QuerySet[Labelled, _Values]:
    mine = Labelled.objects.filter(thread__in=threads, label__owner=user)
    return mine.values_list("label_id", "thread_id", "account_id")


def _difference(before: _State, after: _State) -> dict[str, list[Any]]:
    """Return as JSON what has to be written to come from `after` to `before`."""
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for pk, values in before.messages.items():
        if after.messages.get(pk) != values:
            groups[tuple(map(_written, values))].append(pk)
    changed = {pk for pk in {*before.marks, *after.marks} if before.marks.get(pk) != after.marks.get(pk)}
    return {
        "messages": [[*values, pks] for values, pks in groups.items()],
        "marks": [[pk, *map(_written, before.marks.get(pk, ()))] for pk in sorted(changed)],
        "labels_lost": [[*pair, account] for pair, account in before.labels.items() if pair not in after.labels],
        "labels_put": [list(pair) for pair in after.labels if pair not in before.labels],
        **_team_difference(before, after),
    }


def _team_difference(before: _State, after: _State) -> dict[str, list[Any]]:
    """Return the same of what is kept for shared accounts: what the person had not read, and what his team did."""
    unread = {pk for pk in {*before.unread, *after.unread} if before.unread.get(pk) != after.unread.get(pk)}
    marks = {pk for pk in after.team_marks if before.team_marks.get(pk) != after.team_marks[pk]}
    return {
        "unread": [[pk, _written(before.unread.get(pk))] for pk in sorted(unread)],
        "team_marks": [[pk, *map(_written, before.team_marks.get(pk, ()))] for pk in sorted(marks)],
        "team_lines": sorted(after.team_lines - before.team_lines),
    }


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


# How it was ----------------------------------------------------------------------------------------------------------


def _restore(user: User, before: Mapping[str, list[Any]]) -> set[int]:
    """Write the values of before; return the conversations that they belong to now."""
    pks = [pk for *_values, group in before["messages"] for pk in group]
    found = Message.objects.visible_to(user).filter(pk__in=pks).values_list("pk", "thread_id")
    thread_of: dict[int, int] = dict(found)
    wanted = {row[0] for name in _BY_THREAD for row in before.get(name, ())}
    wanted |= {row[1] for row in (*before["labels_lost"], *before["labels_put"])}
    visible = MailAccount.objects.visible_to(user)
    there = set(Thread.objects.filter(pk__in=wanted, account__in=visible).values_list("pk", flat=True))
    hold(touched := {*thread_of.values(), *there})
    _restore_messages(before["messages"], thread_of)
    _restore_marks(row for row in before["marks"] if row[0] in there)
    _restore_labels(user, before, there)
    _restore_unread(user, before.get("unread", ()), there)
    _restore_team(before, there)
    return touched


def _restore_messages(groups: Iterable[list[Any]], thread_of: Mapping[int, int]) -> None:
    for folder, trashed_from, trashed_at, is_read, is_starred, pks in groups:
        Message.objects.filter(pk__in=[pk for pk in pks if pk in thread_of]).update(
            folder=folder,
            trashed_from=trashed_from,
            trashed_at=_read(trashed_at),
            is_read=is_read,
            is_starred=is_starred,
        )


def _restore_marks(rows: Iterable[list[Any]]) -> None:
    for pk, *values in rows:
        if not values:
            ThreadMark.objects.filter(pk=pk).delete()
            continue
        account, is_muted, wakes_at, woke_at = values
        was = {"is_muted": is_muted, "wakes_at": _read(wakes_at), "woke_at": _read(woke_at)}
        ThreadMark.objects.update_or_create(pk=pk, defaults=was | {"account_id": account})


def _restore_labels(user: User, before: Mapping[str, list[Any]], there: Collection[int]) -> None:
    for label, thread in before["labels_put"]:
        Labelled.objects.filter(label=label, label__owner=user, thread=thread).delete()
    known = set(user.labels.values_list("pk", flat=True)) if before["labels_lost"] else set()
    Labelled.objects.bulk_create(
        [
            Labelled(label_id=label, thread_id=thread, account_id=account)
            for label, thread, account in before["labels_lost"]
            if label in known and thread in there
        ],
        ignore_conflicts=True,
    )


def _restore_unread(user: User, rows: Iterable[list[Any]], there: Collection[int]) -> None:
    for thread, since in rows:
        if thread in there:
            seen.restore(user.pk, thread, _read(since))


def _restore_team(before: Mapping[str, list[Any]], there: Collection[int]) -> None:
    for pk, *values in before.get("team_marks", ()):
        if pk not in there:
            continue
        if not values:
            TeamMark.objects.filter(pk=pk).delete()
            continue
        account, assignee, is_done, moved_at = values
        was = {"assignee_id": assignee, "is_done": is_done, "moved_at": _read(moved_at), "account_id": account}
        TeamMark.objects.update_or_create(pk=pk, defaults=was)
    TeamLine.objects.filter(pk__in=before.get("team_lines", ()), thread__in=there).delete()
