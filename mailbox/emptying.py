"""What leaves the trash and spam for ever: after the days that the owner of an account has set, or because he says so.

Octets that others need stay (`delivery.remove`), and a unique-id that was retrieved stays known without its message, so
that no pull brings a deleted message again.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import MailAccount, User
from mailbox import delivery
from mailbox.holding import holding
from mailbox.models import THROWN_AWAY, Entry, Folder, Message, RetrievedUidl
from webmail.celery import wake

# One transaction holds the account's row for as long as this many take.
_AT_ONCE = 100
# A time at which nothing was thrown away: of what a person wants emptied now, whatever the days.
ASKED = datetime(1970, 1, 1, tzinfo=UTC)

DAYS = {Folder.TRASH: "trash_days", Folder.SPAM: "spam_days"}


def days_of(account_owner: User, folder: Folder) -> int:
    """Return after how many days what was put into `folder` leaves it for ever; 0: never."""
    days: int = getattr(account_owner, DAYS[folder])
    return days


def empty_due(now: datetime) -> int:
    """Delete for ever what is due at `now`, a batch a transaction; return how many messages. May run twice at once."""
    return sum(_empty(due) for due in _due(now))


def _due(now: datetime) -> Iterator[QuerySet[Message]]:
    """Yield what is to leave for ever, each as one range of the index: few people set days of their own."""
    for folder, name in DAYS.items():
        there = Message.objects.filter(folder=folder)
        yield there.filter(trashed_at__lte=ASKED)
        for days in User.objects.filter(**{f"{name}__gt": 0}).order_by().values_list(name, flat=True).distinct():
            yield there.filter(trashed_at__lte=now - timedelta(days=days), **{f"account__owner__{name}": days})


def _empty(due: QuerySet[Message]) -> int:
    count = 0
    while batch := list(due.order_by("trashed_at", "pk").values_list("pk", "account_id")[:_AT_ONCE]):
        count += _delete([pk for pk, account in batch if account == batch[0][1]])
    return count


def _delete(pks: Sequence[int]) -> int:
    """Delete those of these messages of one account that still are where nothing is kept."""
    with transaction.atomic():
        list(MailAccount.objects.select_for_update().filter(messages__in=pks).values_list("pk"))
        return _remove(Message.objects.filter(pk__in=pks))


def _remove(messages: QuerySet[Message]) -> int:
    there = list(messages.filter(folder__in=THROWN_AWAY).defer("preview", "subject"))
    # Nobody waits for the rest of one any more, of which only the beginning was retrieved.
    RetrievedUidl.objects.filter(message__in=there, is_wanted=True).update(is_wanted=False)
    delivery.remove(there)
    return len(there)


def delete(thread_ids: Collection[int]) -> None:
    """Delete for ever what these conversations have in the trash or in spam."""
    with holding(thread_ids):
        _remove(Message.objects.filter(thread__in=thread_ids))


def empty(accounts: Collection[MailAccount], folder: Folder) -> int:
    """Show nothing in `folder` of these accounts any more, and have a worker delete it; return how many messages."""
    with transaction.atomic():
        list(MailAccount.objects.select_for_update().filter(pk__in=[each.pk for each in accounts]).values_list("pk"))
        count = Message.objects.filter(account__in=accounts, folder=folder).update(trashed_at=ASKED)
        Entry.objects.filter(account__in=accounts, folder=folder).delete()
        MailAccount.objects.filter(pk__in=[each.pk for each in accounts]).update(revision=F("revision") + 1)
        wake("empty_due")
    return count
