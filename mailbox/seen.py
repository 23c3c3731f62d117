"""What each member of a shared account has read: kept beside the mail, where its owner's state stands.

An account without members costs nothing of this. `threads` and `delivery` tell what came and what was merged; the acts
themselves are in `reading`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Exists, F, Min, OuterRef, QuerySet

from accounts.models import Membership
from mailbox.models import Folder, Message, Unread, rows
from webmail.prepared import Prepared

_COLUMNS = ["membership_id", "thread_id", "since"]


def arrived(arrivals: Iterable[Message]) -> None:
    """Let messages that were just stored in a shared account be unread for each of its members. In a transaction."""
    fresh = [each for each in arrivals if not each.is_read and each.folder != Folder.SENT]
    if not fresh:
        return
    places = ", ".join(["%s"] * len(fresh))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mailbox_unread (membership_id, thread_id, since)"  # noqa: S608
            " SELECT m.id, new.thread_id, min(new.received_at) FROM accounts_membership m"
            f" JOIN mailbox_message new ON new.account_id = m.account_id WHERE new.id IN ({places})"
            " GROUP BY m.id, new.thread_id ORDER BY m.id, new.thread_id"
            " ON CONFLICT (membership_id, thread_id) DO UPDATE SET since = excluded.since"
            " WHERE mailbox_unread.since > excluded.since",
            [each.pk for each in fresh],
        )


def forget_newest(thread_ids: Collection[int], *, reader: int | None = None) -> None:
    """Make the newest received message of each conversation unread: for one of its members, or for all of them."""
    received = Message.objects.filter(thread__in=thread_ids).exclude(folder=Folder.SENT)
    in_order = received.order_by("received_at", "pk").values_list("thread_id", "account_id", "received_at")
    newest = {thread: (account, moment) for thread, account, moment in in_order}
    members = _members({account for account, _moment in newest.values()}, reader)
    found = [
        (member, thread, moment)
        for thread, (account, moment) in sorted(newest.items())
        for member in members.get(account, ())
    ]
    Unread.objects.filter(membership__in={member for member, *_ in found}, thread__in=list(newest)).delete()
    _write(found)


def see(thread_ids: Collection[int], *, reader: int) -> None:
    """Note that a member has read these conversations."""
    Unread.objects.filter(membership__user=reader, thread__in=thread_ids).delete()


@Prepared
def _since(user: int, threads: list[int]) -> QuerySet[Unread, tuple[int, datetime]]:
    mine = Unread.objects.filter(membership__user=user, thread__in=threads)
    return mine.values_list("thread_id", "since")


def since_when(reader: int, thread_ids: Collection[int]) -> Mapping[int, datetime]:
    """Return from when on these conversations are unread for a member; those that he has read are not in it."""
    return dict(_since(user=reader, threads=list(thread_ids))) if thread_ids else {}


def is_unread(folder: str, received_at: datetime, since: datetime | None) -> bool:
    """Whether a member has not read what lies in `folder` and came at `received_at`."""
    return since is not None and folder != Folder.SENT and received_at >= since


def in_inbox(member: int) -> QuerySet[Unread]:
    """Return what `member` has not read in the inbox of the account of an outer query."""
    mine = Unread.objects.filter(membership__user=member, membership__account=OuterRef("pk"))
    return mine.filter(thread__entries__folder=Folder.INBOX, thread__entries__newest_at__gte=F("since")).order_by()


def restore(reader: int, thread: int, since: datetime | None) -> None:
    """Let a conversation be unread for a member from that moment on, or read where there is none."""
    see([thread], reader=reader)
    member = Membership.objects.filter(user=reader, account__threads=thread).values_list("pk", flat=True).first()
    if since and member:
        _write([(member, thread, since)])


def merge(into: int, others: Collection[int]) -> None:
    """Let one conversation be unread as those are that become part of it. In a transaction."""
    rows_of_all = Unread.objects.filter(thread__in=others).order_by().values_list("membership_id")
    _write((member, into, since) for member, since in rows_of_all.annotate(since=Min("since")))


def leave_unread(member: Membership) -> None:
    """Let a conversation be unread for a new member from its first message on that is unread for the owner."""
    there = Message.objects.filter(account=member.account_id, is_read=False).exclude(folder=Folder.SENT)
    firsts = there.order_by().values("thread").annotate(since=Min("received_at")).values_list("thread", "since")
    _write((member.pk, thread, since) for thread, since in firsts.order_by("thread"))


def become_owner(member: Membership) -> list[int]:
    """Make what a member has not read the state of the messages themselves; return the conversations that change."""
    received = Message.objects.filter(account=member.account_id).exclude(folder=Folder.SENT)
    his = Unread.objects.filter(membership=member)
    unread = received.filter(is_read=False)
    changed = {*unread.values_list("thread", flat=True), *his.values_list("thread", flat=True)}
    unread.update(is_read=True)
    since = his.filter(thread=OuterRef("thread"), since__lte=OuterRef("received_at"))
    received.filter(Exists(since)).update(is_read=False)
    return sorted(changed)


def _members(accounts: Collection[int], reader: int | None) -> dict[int, list[int]]:
    """Return the memberships of each account; of one person, or of all."""
    found: dict[int, list[int]] = {}
    wanted = Membership.objects.filter(account__in=accounts, **({"user": reader} if reader else {}))
    for pk, account in wanted.order_by("pk").values_list("pk", "account_id"):
        found.setdefault(account, []).append(pk)
    return found


def _write(unread: Iterable[Sequence[object]]) -> None:
    """Write rows; of one that is there already the earlier moment stays."""
    if found := list(unread):
        rows.write_earlier(Unread, _COLUMNS, found)
