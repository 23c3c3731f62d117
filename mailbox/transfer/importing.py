"""Mail from files into an account."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from accounts.models import MailAccount
from mailbox import delivery
from mailbox.models import Folder
from mailbox.transfer.readers import Mail, Skipped, Source, read

# A batch is one transaction: large enough to be fast, small enough that nobody waits long for the lock.
BATCH_COUNT = 200
BATCH_OCTETS = 8 * 2**20


@dataclass(slots=True)
class Tally:
    """What an import has done so far."""

    found: int = 0
    new: int = 0
    skipped: list[str] = field(default_factory=list)


def import_mail(
    account: MailAccount,
    found: Iterable[Source],
    *,
    folder: Folder = Folder.ARCHIVE,
    is_read: bool = True,
    octets_limit: int,
    on_message: Callable[[int, Tally], None] = lambda octets_count, tally: None,
) -> Tally:
    """Store the mail of `found` in `account`; what the account has already is not stored again.

    A Maildir's flags say what is read, starred and trashed; mail without flags is as `is_read` says. What cannot be
    read stops nothing and is named in the result. `on_message` is called with the octets of each message.
    """
    tally = Tally()
    batch = _Batch(account, tally)
    for source in found:
        for each in read(source, octets_limit=octets_limit):
            if isinstance(each, Skipped):
                tally.skipped.append(each.reason)
                continue
            batch.add(_prepared(account, each, folder=folder, is_read=is_read))
            on_message(len(each.octets), tally)
    batch.store()
    return tally


def _prepared(account: MailAccount, mail: Mail, *, folder: Folder, is_read: bool) -> delivery.Prepared:
    is_read = is_read if mail.flags is None else "S" in mail.flags
    arrival = delivery.prepare(account, mail.octets, folder=folder, is_read=is_read)
    arrival.message.is_starred = "F" in (mail.flags or "")
    if "T" in (mail.flags or ""):
        arrival.message.folder = Folder.TRASH
        arrival.message.trashed_from, arrival.message.trashed_at = folder, timezone.now()
    return arrival


@dataclass(slots=True)
class _Batch:
    """Messages on their way into one transaction."""

    account: MailAccount
    tally: Tally
    arrivals: list[delivery.Prepared] = field(default_factory=list)
    octets_count: int = 0

    def add(self, arrival: delivery.Prepared) -> None:
        self.arrivals.append(arrival)
        self.octets_count += arrival.message.octets_count
        self.tally.found += 1
        if len(self.arrivals) >= BATCH_COUNT or self.octets_count >= BATCH_OCTETS:
            self.store()

    def store(self) -> None:
        with transaction.atomic():
            delivered = delivery.deliver(self.account, self.arrivals)
        self.tally.new += sum(each.is_new for each in delivered)
        self.arrivals, self.octets_count = [], 0
