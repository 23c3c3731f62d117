"""One act on many conversations: at once for a few, by a worker for a hundred thousand; stopped or taken back at will.

Of a whole list only its extent is written down while somebody waits; a worker lists the conversations. Every batch is
one transaction and one deed of `undoing`, so an act that a worker left in the middle goes on where it stood, and is
taken back batch by batch.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox import emptying, labelling, quiet, reading, teamwork, threads, undoing
from mailbox.extent import Extent
from mailbox.holding import holding
from mailbox.models import BulkAct, BulkBatch, Message, Thread
from webmail.celery import stopping, wake
from webmail.claims import ClaimLost

log = logging.getLogger(__name__)

type Change = Callable[..., None]
"""Takes conversations, and by name what an act was given beside them."""

BATCH = 200
# Between two batches others reach the database: SQLite lets one write at a time, and asks again at these intervals.
PAUSE_SECONDS = 0.05

# What can be done to many at once, by the verbs of `views.verbs`: all that can be taken back.
CHANGES: Mapping[str, Change] = {
    "archive": threads.archive,
    "inbox": threads.to_inbox,
    "trash": threads.trash,
    "restore": threads.restore,
    "spam": threads.spam,
    "not-spam": threads.not_spam,
    "snooze": quiet.snooze,
    "mute": quiet.mute,
    "unmute": quiet.unmute,
    "label": labelling.label,
    "unlabel": labelling.unlabel,
    "star": threads.star,
    "unstar": threads.unstar,
    "read": reading.mark_read,
    "unread": reading.mark_unread,
    "assign": teamwork.assign,
    "done": teamwork.close,
    "reopen": teamwork.reopen,
}
# What cannot be taken back, in the accounts that the person speaks for.
_FINAL: Mapping[str, Change] = {"delete": emptying.delete}
# The name by which some of them take the person who does it.
_TAKES_PERSON = {"read": "reader", "unread": "reader", "done": "actor", "reopen": "actor"}

# These leave a conversation alone into which somebody has written since: nobody has seen that message yet.
_PUTS_AWAY = frozenset({"archive", "trash", "spam", "snooze", "read", "done", "delete"})


def begin(
    owner: User,
    verb: str,
    thread_ids: Sequence[int],
    *,
    is_awaited: bool,
    given: Mapping[str, str | int | None] | None = None,
) -> BulkAct:
    """Note that `owner` does `verb` to these conversations; do it now if somebody waits, else have a worker do it."""
    with transaction.atomic():
        act = BulkAct.objects.create(
            owner=owner,
            verb=verb,
            given=dict(given or {}),
            conversation_count=len(thread_ids),
            begun_at=timezone.now(),
        )
        BulkBatch.cut(act, thread_ids, BATCH)
        if not is_awaited:
            wake("act_on_many", act.pk)
    if is_awaited:
        run(act, pause_seconds=0)
    return act


def begin_all(
    owner: User, verb: str, extent: Extent, *, given: Mapping[str, str | int | None] | None = None
) -> BulkAct:
    """Note that `owner` does `verb` to all that a list holds now, and have a worker find out what that is and do it."""
    with transaction.atomic():
        act = BulkAct.objects.create(
            owner=owner,
            verb=verb,
            given=dict(given or {}),
            extent=extent.written(),
            last_message=Message.objects.aggregate(last=Max("pk"))["last"],
            conversation_count=0,
            begun_at=timezone.now(),
        )
        wake("act_on_many", act.pk)
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
        if act.extent is not None:
            _list(act, Extent.read(act.extent))
        while not stopping.is_set() and (batch := act.next_batch()):
            _step(act, batch)
            time.sleep(pause_seconds)
    except ClaimLost:
        log.warning("%s was taken over by another process", act)
        return
    if not stopping.is_set():
        act.ended()
    act.release()


def _list(act: BulkAct, extent: Extent) -> None:
    """Write the batches of all that the list held, before the first of them is done."""
    thread_ids = extent.thread_ids(act.verb)
    with transaction.atomic():
        act.renew_claim(timezone.now())
        act.fill(thread_ids, BATCH)


def _step(act: BulkAct, batch: BulkBatch) -> None:
    """Do or undo one batch, all of it or nothing."""
    # A savepoint of its own within another transaction: a batch that fails is taken back alone.
    with transaction.atomic(), holding(batch.threads):
        if act.state == BulkAct.State.DOING:
            batch.deed = _do(act, _allowed(act, batch))
            moved = len(batch.threads)
        else:
            undoing.take_back(act.owner, batch.deed)
            moved = -len(batch.threads)
        batch.is_done = not batch.is_done
        batch.save(update_fields=["deed", "is_done"])
        act.renew_claim(timezone.now(), done_count=max(act.done_count + moved, 0))


def _do(act: BulkAct, thread_ids: Sequence[int]) -> str:
    """Do the act to these conversations; return the key by which that is taken back, "" where nothing can be."""
    if act.is_final:
        _FINAL[act.verb](thread_ids)
        return ""
    person = {_TAKES_PERSON[act.verb]: act.owner_id} if act.verb in _TAKES_PERSON else {}
    return undoing.perform(act.owner, thread_ids, partial(CHANGES[act.verb], **{**act.given, **person}))


def _allowed(act: BulkAct, batch: BulkBatch) -> list[int]:
    """Return the conversations that are still there, in accounts that the person may still read, or speaks for.

    Without those that have got a message since, where the act would hide it. While the accounts are held.
    """
    accounts = MailAccount.objects
    mine = accounts.spoken_for_by(act.owner) if act.is_final else accounts.visible_to(act.owner)
    there = Thread.objects.filter(pk__in=batch.threads, account__in=mine).values_list("pk", flat=True)
    if act.last_message is None or act.verb not in _PUTS_AWAY:
        return list(there)
    grown = Message.objects.filter(thread__in=batch.threads, pk__gt=act.last_message).values_list("thread", flat=True)
    return sorted(set(there).difference(grown))
