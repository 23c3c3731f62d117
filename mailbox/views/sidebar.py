"""What stands beside every screen: the places, the accounts, and how many conversations wait in each."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, When
from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import MailAccount, Membership, RemoteMaildrop, User
from accounts.providers import judges_of
from mailbox import seen
from mailbox.models import Entry, Folder, Outgoing
from mailbox.views.counting import capped, capped_count
from mailbox.views.side_labels import SideLabel, side_labels
from webmail.prepared import Prepared

# One failed pull is weather; from the third on, somebody should look.
TROUBLE = 3


# Not the password of the maildrop, which would be decrypted for every page.
_SHOWN = [
    *("key", "name", "address", "colour", "revision", "created_at", "owner", "trusted_servers", "is_team"),
    *(f"remote_maildrop__{name}" for name in ("host", "is_paused", "failure_count", "last_pulled_at", "due_at")),
]


@dataclass(frozen=True)
class Place:
    """Somewhere to go; `key` is also the name of its URL."""

    key: str
    name: str | Promise
    icon: str

    @property
    def url(self) -> str:
        return reverse(self.key)


PLACES = (
    Place("inbox", _("Inbox"), "inbox"),
    Place("starred", _("Starred"), "star"),
    Place("snoozed", _("Snoozed"), "clock"),
    Place("drafts", _("Drafts"), "drafts"),
    Place("sent", _("Sent"), "send"),
    Place("outbox", _("Outbox"), "outbox"),
    Place("archive", _("Archive"), "archive"),
    Place("spam", _("Spam"), "spam"),
    Place("trash", _("Trash"), "trash"),
)


@dataclass(frozen=True)
class SideAccount:
    """An account as the side bar and the rows show it."""

    pk: int
    key: str
    name: str
    address: str
    colour: int
    revision: int
    unread_count: int
    is_in_trouble: bool
    last_look_at: datetime | None = None
    next_look_at: datetime | None = None
    troubled_count: int = 0
    """Messages of this person that were refused, came back or are in doubt, and nobody has looked at."""
    owner_id: int = 0
    judges: frozenset[str] = frozenset()
    """The servers whose findings about senders are believed."""
    is_shared: bool = False
    """Whether somebody else owns it."""
    is_team: bool = False
    may_send: bool = True

    @property
    def unread(self) -> str:
        return capped(self.unread_count)


@dataclass(frozen=True)
class Sidebar:
    """The accounts of one person, and the labels, each read in one query."""

    accounts: tuple[SideAccount, ...]
    labels: tuple[SideLabel, ...] = ()
    reader: int = 0
    hidden: tuple[SideAccount, ...] = ()
    """Accounts that others share, and that the reader does not want to see in his lists."""

    @cached_property
    def by_pk(self) -> dict[int, SideAccount]:
        return {account.pk: account for account in self.accounts}

    @cached_property
    def shared(self) -> frozenset[int]:
        """The accounts that others share with the reader: what he has read there is his own."""
        return frozenset(account.pk for account in (*self.accounts, *self.hidden) if account.is_shared)

    @cached_property
    def has_team(self) -> bool:
        return any(account.is_team for account in self.accounts)

    @property
    def readable(self) -> list[int]:
        """The accounts that the reader may read, hidden or not."""
        return [account.pk for account in (*self.accounts, *self.hidden)]

    def of(self, pk: int) -> SideAccount:
        """Return an account that the reader may read, also a hidden one."""
        return self.by_pk.get(pk) or next(account for account in self.hidden if account.pk == pk)

    @property
    def last_look_at(self) -> datetime | None:
        """When mail was last collected, from whichever server."""
        return max((each.last_look_at for each in self.accounts if each.last_look_at), default=None)

    @property
    def next_look_at(self) -> datetime | None:
        return min((each.next_look_at for each in self.accounts if each.next_look_at), default=None)

    @property
    def unread(self) -> str:
        return capped(sum(account.unread_count for account in self.accounts))

    @property
    def troubled(self) -> str:
        return capped(sum(account.troubled_count for account in self.accounts))

    @property
    def token(self) -> str:
        everything = (*self.accounts, *self.hidden)
        return mail_token((account.pk, account.revision, account.is_in_trouble) for account in everything)

    def account(self, key: str) -> SideAccount | None:
        return next((account for account in self.accounts if account.key == key), None)

    def named(self, key: str) -> SideAccount | None:
        """Return the account of that key, None for "". Raises Http404 where it is not shown: all would be more."""
        found = self.account(key)
        if key and not found:
            raise Http404
        return found

    def label(self, key: str) -> SideLabel | None:
        return next((label for label in self.labels if label.key == key), None)


def sidebar(user: User | AnonymousUser) -> Sidebar:
    """Return what the side bar shows to `user`."""
    if not user.pk:
        return Sidebar(())
    found = [(_side_account(account, user.pk), account.is_hidden) for account in _accounts(user=user.pk)]  # type: ignore[attr-defined]  # annotated
    shown = tuple(account for account, is_hidden in found if not is_hidden)
    labels = side_labels(user.pk, [account.pk for account in shown])
    return Sidebar(shown, labels, user.pk, tuple(account for account, is_hidden in found if is_hidden))


@Prepared
def _accounts(user: int) -> QuerySet[MailAccount]:
    accounts = MailAccount.objects.visible_to(User(pk=user)).select_related("remote_maildrop").only(*_SHOWN)
    mine = Membership.objects.filter(account=OuterRef("pk"), user=user)
    hidden, reader = mine.filter(is_hidden=True), mine.filter(role=Membership.Role.READ)
    unread = Case(When(owner=user, then=_unread()), default=_unread_by_member(user))
    return accounts.annotate(
        unread_count=unread, troubled_count=_troubled(user), is_hidden=Exists(hidden), is_reader=Exists(reader)
    )


def mail_token(facts: Iterable[tuple[int, int, bool]]) -> str:
    """Return a word that changes whenever a list may have changed, or the health mark of an account.

    Of each account its id, its revision, and whether it is in trouble: hashed, for the word goes into URLs, where no
    id may be read.
    """
    return hashlib.blake2s(repr(sorted(facts)).encode(), digest_size=6).hexdigest()


def _unread() -> Subquery:
    """Count an account's unread conversations in the inbox on their partial index."""
    return capped_count(Entry.objects.filter(account=OuterRef("pk"), folder=Folder.INBOX, unread_count__gt=0))


def _unread_by_member(member: int) -> Subquery:
    """Count what a member has not read in the inbox of an account that is shared with him."""
    return capped_count(seen.in_inbox(member))


def _troubled(writer: int) -> Subquery:
    """Count what an account's outbox has to ask of its writer, on an index that holds nothing else."""
    troubled = Outgoing.objects.filter(account=OuterRef("pk"), writer=writer, troubled_at__isnull=False)
    return capped_count(troubled.order_by())


def _side_account(account: MailAccount, reader: int | None) -> SideAccount:
    maildrop: RemoteMaildrop | None = getattr(account, "remote_maildrop", None)
    return SideAccount(
        pk=account.pk,
        key=account.key,
        name=account.name,
        address=account.address,
        colour=account.colour % MailAccount.COLOUR_COUNT,
        revision=account.revision,
        unread_count=account.unread_count,  # type: ignore[attr-defined]  # annotated
        is_in_trouble=maildrop is not None and is_in_trouble(maildrop.is_paused, maildrop.failure_count),
        last_look_at=maildrop.last_pulled_at if maildrop else None,
        next_look_at=maildrop.due_at if maildrop and not maildrop.is_paused else None,
        troubled_count=account.troubled_count,  # type: ignore[attr-defined]  # annotated
        owner_id=account.owner_id,
        is_shared=account.owner_id != reader,
        is_team=account.is_team,
        may_send=not account.is_reader,  # type: ignore[attr-defined]  # annotated
        judges=frozenset(account.trusted_servers) | judges_of(maildrop.host if maildrop else ""),
    )


def is_in_trouble(is_paused: bool, failure_count: int) -> bool:
    """Whether somebody should look after the maildrop of which that is known."""
    return is_paused or failure_count >= TROUBLE
