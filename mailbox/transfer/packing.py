"""Mail packed into one zip for its owner, by a worker: claimed, counted as it goes, begun anew where a worker died."""

import logging
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox.models import Export, Folder, Message, Original
from mailbox.models.export import folder as export_folder
from mailbox.models.message import MessageQuerySet
from mailbox.transfer.exporting import folder_name
from mailbox.transfer.writers import eml_name, in_mbox
from mailbox.transfer.zipping import Zip
from webmail.celery import stopping, wake
from webmail.claims import ClaimLost

log = logging.getLogger(__name__)

# Many programs read no larger mbox; the next part begins after it.
MBOX_OCTETS = 2**30
_AT_ONCE = 100
_BETWEEN_COUNTS = timedelta(seconds=1)


class _Ending(Exception):
    """This process is told to end; another one begins anew."""


def begin(owner: User, **what: object) -> Export:
    """Note that `owner` wants his mail, and have a worker pack it."""
    export = Export.objects.create(owner=owner, begun_at=timezone.now(), **what)
    wake("pack", export.pk)
    return export


def pack(export: Export) -> None:
    """Write the file, unless another process does; say in the row how far it is, and why where it failed."""
    if not export.claim(timezone.now(), state=Export.State.WAITING):
        return
    export_folder().mkdir(mode=0o700, exist_ok=True)
    # Left by a worker that died.
    for path in export_folder().glob(f"{export.key}.*"):
        path.unlink(missing_ok=True)
    try:
        octets_count = _write(export)
        export.release(state=Export.State.READY, ready_at=timezone.now(), octets_count=octets_count)
    except OSError as error:
        log.warning("%s: %s", export, error)
        export.release(state=Export.State.FAILED, ready_at=timezone.now(), problem=(error.strerror or str(error))[:255])
    except _Ending:
        export.release(done_count=0)
    except ClaimLost:
        log.info("%s was deleted or taken over", export)


def _write(export: Export) -> int:
    """Write all of it under another name, and give it its own; return its octets."""
    with (
        tempfile.NamedTemporaryFile(dir=export_folder(), prefix=f"{export.key}.", delete_on_close=False) as file,
        tempfile.TemporaryFile(dir=export_folder()) as index,
    ):
        archive = Zip(file, index)  # type: ignore[arg-type]  # a wrapper around a binary file
        shelves = list(_shelves(export))
        export.renew_claim(timezone.now(), message_count=sum(len(pks) for _account, _folder, pks in shelves))
        counter = _Counter(export)
        write = _write_eml if export.form == Export.Form.EML else _write_mbox
        for account, folder, pks in shelves:
            write(archive, f"{folder_name(account)}/{folder}", counter.counted(pks))
        archive.close()
        octets_count = file.tell()
        file.close()
        export.renew_claim(timezone.now(), done_count=counter.done_count)
        export_folder().joinpath(file.name).rename(export.path)
    return octets_count


def _shelves(export: Export) -> Iterator[tuple[MailAccount, Folder, Sequence[int]]]:
    """Yield the messages of each folder in order, by their primary keys: eight octets for each."""
    accounts = MailAccount.objects.owned_by(export.owner)
    for account in accounts.filter(pk=export.account_id) if export.account_id else accounts:
        for folder in Folder:
            pks = _messages(export, account, folder).in_conversation_order().values_list("pk", flat=True)
            if found := array("q", pks.iterator(chunk_size=5000)):
                yield account, folder, found


def _messages(export: Export, account: MailAccount, folder: Folder) -> MessageQuerySet:
    messages = Message.objects.filter(account=account, folder=folder)
    return messages.filter(thread__labelled__label=export.label_id) if export.label_id else messages


class _Counter:
    """Yields messages one after the other, with their octets, and writes down how many there were."""

    def __init__(self, export: Export) -> None:
        self._export, self.done_count, self._told_at = export, 0, timezone.now()

    def counted(self, pks: Sequence[int]) -> Iterator[Message]:
        """Yield those that are still there; one at a time is in memory. Raises _Ending and ClaimLost."""
        for begin in range(0, len(pks), _AT_ONCE):
            for message in _loaded(pks[begin : begin + _AT_ONCE]):
                original = Original.objects.filter(pk=message.original_id).first()
                if original is None:
                    continue
                message.original = original
                yield message
                self.done_count += 1
                self._tell(timezone.now())

    def _tell(self, now: datetime) -> None:
        if stopping.is_set():
            raise _Ending
        if now - self._told_at >= _BETWEEN_COUNTS:
            self._told_at = now
            self._export.renew_claim(now, done_count=self.done_count)


def _loaded(pks: Sequence[int]) -> list[Message]:
    shown = Message.objects.filter(pk__in=list(pks))
    rows = shown.only("key", "subject", "sender_address", "received_at", "octets_count", "original_id")
    by_pk = {message.pk: message for message in rows}
    return [by_pk[pk] for pk in pks if pk in by_pk]


def _write_eml(archive: Zip, path: str, messages: Iterator[Message]) -> None:
    for message in messages:
        with archive.entry(f"{path}/{eml_name(message)}", message.received_at) as entry:
            entry.write(message.octets)


def _write_mbox(archive: Zip, path: str, messages: Iterator[Message]) -> None:
    """Write one mbox, or several where it would become too large."""
    number, following = 1, next(messages, None)
    while following:
        name = f"{path}.mbox" if number == 1 else f"{path}-{number}.mbox"
        with archive.entry(name, timezone.now()) as entry:
            while following and entry.size < MBOX_OCTETS:
                entry.write(in_mbox(following))
                following = next(messages, None)
        number += 1
