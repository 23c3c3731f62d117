"""An uploaded file of mail into an account, batch by batch, by a worker.

Each batch is one transaction. A worker that dies leaves the file: the next one reads it again from the start, and
finds stored what was stored. What Takeout knew of a message (place, read, star, labels) is kept.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from mailbox import delivery, labelling, own_copies, quotas
from mailbox.mime.takeout import Taken, read_taken
from mailbox.models import Folder, MailImport, Message
from mailbox.transfer import NotMail, Skipped, read_uploaded
from webmail.celery import stopping
from webmail.claims import ClaimLost

log = logging.getLogger(__name__)

BATCH_COUNT = 100
BATCH_OCTETS = 8 * 2**20

State = MailImport.State


def run(row: MailImport) -> None:
    """Import the file of `row` unless another process does; ends early where its owner stops it."""
    if not row.claim(timezone.now(), state=State.RUNNING):
        return
    try:
        ended = _Import(row).run()
    except ClaimLost:
        log.info("import %s was taken over", row.pk)
        return
    if ended is None:
        row.release()
    elif row.release(state=ended):
        row.path.unlink(missing_ok=True)


@dataclass(slots=True)
class _Import:
    row: MailImport
    batch: list[Taken] = field(default_factory=list)
    batch_octets: int = 0
    found_count: int = 0
    new_count: int = 0
    octets_done: int = 0
    skipped: list[str] = field(default_factory=list)
    skipped_count: int = 0
    labels: dict[str, int] = field(default_factory=dict)

    def run(self) -> State | None:
        """Return the state that it ends in; None where this worker is to end, and another goes on."""
        try:
            for each in self._read():
                self._take(each)
                if self._is_full() and (ended := self._store()) is not None:
                    return ended
                if stopping.is_set():
                    return None
            ended = self._store()
        except (NotMail, OSError) as problem:
            self._skip(str(problem))
            ended = self._store() or State.FAILED
        return ended or (State.DONE if self.found_count else State.FAILED)

    def _read(self) -> Iterator[bytes | Skipped]:
        return read_uploaded(
            self.row.path,
            octets_limit=settings.MESSAGE_OCTETS_LIMIT,
            total_limit=settings.IMPORT_OCTETS_LIMIT,
            on_octets=self._note,
        )

    def _note(self, octets_done: int) -> None:
        self.octets_done = octets_done

    def _take(self, each: bytes | Skipped) -> None:
        if isinstance(each, Skipped):
            self._skip(each.reason)
            return
        self.batch.append(read_taken(each))
        self.batch_octets += len(each)
        self.found_count += 1

    def _skip(self, reason: str) -> None:
        self.skipped_count += 1
        self.skipped = [*self.skipped, reason[:300]][: MailImport.NAMED]

    def _is_full(self) -> bool:
        return len(self.batch) >= BATCH_COUNT or self.batch_octets >= BATCH_OCTETS

    def _store(self) -> State | None:
        """Commit the batch with how far it all is; return the state to end in where no more is wanted, or fits."""
        owner = self.row.account.owner
        room = quotas.room_of(owner)
        if room is not None and self.batch and room < self.batch_octets:
            return self._give_up(owner)
        prepared = [self._prepared(each) for each in self.batch]
        with transaction.atomic():
            stored = self._deliver(prepared)
            self._label(stored)
            quotas.note(owner, self.batch_octets)
            self.row.renew_claim(
                timezone.now(),
                found_count=self.found_count,
                new_count=self.new_count,
                octets_done=self.octets_done,
                skipped=self.skipped,
                skipped_count=self.skipped_count,
            )
        self.batch, self.batch_octets = [], 0
        self.row.refresh_from_db(fields=["state"])
        return None if self.row.is_running else State(self.row.state)

    def _give_up(self, owner: User) -> State:
        """End for want of room: what came stays."""
        with translation.override(owner.language or settings.LANGUAGE_CODE):
            self._skip(
                _(
                    "Your room for mail is used up. What came before stays. Make room and import the same file once "
                    "more: nothing comes twice."
                )
            )
        self.row.renew_claim(timezone.now(), skipped=self.skipped, skipped_count=self.skipped_count)
        return State.FAILED

    def _prepared(self, taken: Taken) -> delivery.Prepared:
        folder = Folder(taken.place)
        is_trash = folder == Folder.TRASH
        arrival = delivery.prepare(self.row.account, taken.octets, folder=folder, is_read=taken.is_read)
        arrival.message.is_starred = taken.is_starred
        if is_trash:
            arrival.message.trashed_from, arrival.message.trashed_at = Folder.ARCHIVE, timezone.now()
        return arrival

    def _deliver(self, prepared: Sequence[delivery.Prepared]) -> list[Message]:
        """Store what the account has not yet, in whatever octets; return the message that is now there for each."""
        twins = own_copies.twins(self.row.account, prepared, is_moved=True)
        new = [each for each, twin in zip(prepared, twins, strict=True) if twin is None]
        delivered = iter(delivery.deliver(self.row.account, new))
        messages = []
        for twin in twins:
            stored = None if twin else next(delivered)
            self.new_count += bool(stored and stored.is_new)
            messages.append(stored.message if stored else twin)
        return [each for each in messages if each]

    def _label(self, messages: Sequence[Message]) -> None:
        threads: dict[int, set[int]] = defaultdict(set)
        for taken, message in zip(self.batch, messages, strict=True):
            for name in taken.labels:
                threads[self._label_pk(name)].add(message.thread_id)
        for pk, thread_ids in threads.items():
            labelling.label(thread_ids, label=pk)

    def _label_pk(self, name: str) -> int:
        """Return the owner's label of that name, a new one where there is none."""
        if name not in self.labels:
            self.labels[name] = labelling.named(self.row.account.owner_id, name).pk
        return self.labels[name]
