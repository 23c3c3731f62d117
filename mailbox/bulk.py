"""One act on many conversations: at once for a few, by a worker for a hundred thousand; stopped or taken back at will.

Every batch is one transaction with a note of what it changed, so an act that a worker left in the middle goes on where
it stood, and taking it back touches nothing else: a message that was changed since keeps what it became.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox import threads
from mailbox.models import BulkAct, BulkBatch, Folder, Message, Thread
from webmail.celery import stopping, wake
from webmail.claims import ClaimLost

log = logging.getLogger(__name__)

type Change = Callable[..., None]
"""Takes conversations, and by name what an act was given beside them."""
type _State = tuple[str, bool, bool, str]
type _Changed = tuple[_State, _State, list[int]]
"""What messages were, what they became, and which; JSON makes lists of the tuples."""

BATCH = 200
# Between two batches others reach the database: SQLite lets one write at a time, and asks again at these intervals.
PAUSE_SECONDS = 0.05

# What can be done to many at once, by the verbs of `views.actions`: all of it changes messages in `_COLUMNS` alone.
CHANGES: Mapping[str, Change] = {
    "archive": threads.archive,
    "inbox": threads.to_inbox,
    "trash": threads.trash,
    "restore": threads.restore,
    "star": threads.star,
    "unstar": threads.unstar,
    "read": threads.mark_read,
    "unread": threads.mark_unread,
}
_COLUMNS = ("folder", "is_read", "is_starred", "trashed_from")


def begin(owner: User, verb: str, thread_ids: Sequence[int], *, is_awaited: bool) -> BulkAct:
    """Note that `owner` does `verb` to these conversations; do it now if somebody waits, else have a worker do it."""
    with transaction.atomic():
        act = BulkAct.objects.create(
            owner=owner, verb=verb, conversation_count=len(thread_ids), begun_at=timezone.now()
        )
        BulkBatch.cut(act, thread_ids, BATCH)
        if not is_awaited:
            wake("act_on_many", act.pk)
    if is_awaited:
        run(act, pause_seconds=0)
    return act


def undo(act: BulkAct, *, is_awaited: bool) -> bool:
    """Take an act back, now or by a worker; False when that is under way or over."""
    if not act.take_back():
        return False
    if is_awaited:
        run(act, pause_seconds=0)
    else:
        wake("act_on_many", act.pk)
    return True


def run(act: BulkAct, *, pause_seconds: float = PAUSE_SECONDS) -> None:
    """Do batch after batch until the act is through, is stopped, or this process is told to end."""
    if not act.claim(timezone.now(), state__in=BulkAct.UNDER_WAY):
        return
    try:
        while not stopping.is_set() and (batch := act.next_batch()):
            _step(act, batch)
            time.sleep(pause_seconds)
    except ClaimLost:
        log.warning("%s was taken over by another process", act)
        return
    if not stopping.is_set():
        act.ended()
    act.release()


def _step(act: BulkAct, batch: BulkBatch) -> None:
    """Do or undo one batch, all of it or nothing."""
    with transaction.atomic():
        if act.state == BulkAct.State.DOING:
            batch.changes = _do(partial(CHANGES[act.verb], **act.given), _allowed(act, batch))
            moved = len(batch.threads)
        else:
            _take_back(act, batch)
            moved = -len(batch.threads)
        batch.is_done = not batch.is_done
        batch.save(update_fields=["changes", "is_done"])
        act.renew_claim(timezone.now(), done_count=max(act.done_count + moved, 0))


def _allowed(act: BulkAct, batch: BulkBatch) -> list[int]:
    """Return the conversations that are still there, in accounts that the person may still read."""
    mine = MailAccount.objects.visible_to(act.owner)
    return list(Thread.objects.filter(pk__in=batch.threads, account__in=mine).values_list("pk", flat=True))


def _do(change: Change, thread_ids: Collection[int]) -> list[_Changed]:
    """Apply `change`; return what it made of which messages."""
    before = _states(thread_ids)
    change(thread_ids)
    after = _states(thread_ids)
    groups: dict[tuple[_State, _State], list[int]] = defaultdict(list)
    for pk, state in before.items():
        if pk in after and after[pk] != state:
            groups[state, after[pk]].append(pk)
    return [(was, became, pks) for (was, became), pks in groups.items()]


def _states(thread_ids: Collection[int]) -> dict[int, _State]:
    stored = Message.objects.filter(thread__in=thread_ids).values_list("pk", *_COLUMNS)
    return {pk: (folder, is_read, is_starred, origin) for pk, folder, is_read, is_starred, origin in stored}


def _take_back(act: BulkAct, batch: BulkBatch) -> None:
    """Give messages the state back that they had, where they still have the one that the act gave them."""
    pks = [pk for _was, _became, pks in batch.changes for pk in pks]
    mine = Message.objects.filter(account__in=MailAccount.objects.visible_to(act.owner))
    touched = set(mine.filter(pk__in=pks).values_list("thread_id", flat=True))
    threads.alter(touched, lambda _: _restore(mine, batch.changes))


def _restore(mine: QuerySet[Message], changes: Iterable[_Changed]) -> None:
    for was, became, pks in changes:
        values = dict(zip(_COLUMNS, was, strict=True))
        trashed_at = timezone.now() if values["folder"] == Folder.TRASH else None
        unchanged = mine.filter(pk__in=pks, **dict(zip(_COLUMNS, became, strict=True)))
        unchanged.update(**values, trashed_at=trashed_at)
