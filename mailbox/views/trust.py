"""Who open messages are from: what their headers say, held against what the reader's own mail tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Min, QuerySet

from accounts.models import Identity, User
from mailbox.mime.authentication import authenticate, topmost_server
from mailbox.mime.sender import Known, findings
from mailbox.models import Folder, Message, Sender
from mailbox.models.sender import fold_address, fold_name
from mailbox.views.findings import Trust, trust
from mailbox.views.sheet import Sheet
from mailbox.views.sidebar import Sidebar
from webmail.prepared import Prepared

# Somebody who has written for so long is no stranger under that address.
_SETTLED = timedelta(days=14)
# Of a name that thousands bear, such as "Info", the first ones tell enough.
_MOST_BEARERS = 200


def with_trust(sheets: Sequence[Sheet], shown: Sidebar, user: User | AnonymousUser) -> list[Sheet]:
    """Return `sheets`, the open ones with what is to be said about their senders: 3 queries, none if all are closed."""
    known = _known([sheet.message for sheet in sheets if sheet.is_open], shown)
    return [
        replace(sheet, trust=_trust(sheet, known.get(sheet.message.pk, Known()), shown, user))
        if sheet.is_open
        else sheet
        for sheet in sheets
    ]


def _trust(sheet: Sheet, known: Known, shown: Sidebar, user: User | AnonymousUser) -> Trust | None:
    assert sheet.parsed
    header, account = sheet.parsed.header, shown.of(sheet.message.account_id)
    if sheet.message.folder == Folder.SENT:
        return trust((), sheet.parsed.protection)
    author = next((each.address for each in header.from_), "")
    found = authenticate(header.raw_fields, author=author, trusted=account.judges)
    # Only the owner chooses whom to believe, and only a message that somebody has judged raises the question.
    asks = not account.judges and account.owner_id == user.pk and topmost_server(header.raw_fields)
    return trust(findings(header, found, known), sheet.parsed.protection, account_key=account.key if asks else "")


def _known(messages: Sequence[Message], shown: Sidebar) -> dict[int, Known]:
    """Return what the mail of all accounts tells about the senders of `messages`: three queries, each on an index."""
    addresses = sorted({fold_address(message.sender_address) for message in messages})
    names = sorted({fold_name(message.sender_name) for message in messages} - {""})
    if not messages:
        return {}
    accounts = shown.readable
    facts = _Facts(
        own_addresses=frozenset(account.address.lower() for account in shown.accounts),
        own_names=frozenset(fold_name(name) for (name,) in _own_names(accounts=accounts)) if names else frozenset(),
        since=dict(_since(accounts=accounts, addresses=addresses)),
        bearers=_bearers(accounts=accounts, names=names) if names else [],
        settled_at=min(message.received_at for message in messages) - _SETTLED,
    )
    return {message.pk: facts.about(message) for message in messages}


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of all who write in one conversation."""

    own_addresses: frozenset[str]
    own_names: frozenset[str]
    since: Mapping[str, datetime]
    bearers: Sequence[tuple[str, str, datetime]]
    """Name, address, and since when it writes under that name; the earliest first."""
    settled_at: datetime

    def about(self, message: Message) -> Known:
        address, name = fold_address(message.sender_address), fold_name(message.sender_name)
        first_at = self.since.get(address, message.received_at)
        # Earlier than the message, so that an impostor casts no doubt on what his model wrote before.
        others = (other for bearer, other, at in self.bearers if bearer == name and at < message.received_at)
        return Known(
            self.own_addresses,
            is_own_name=name in self.own_names,
            namesake=next((other for other in others if other != address), ""),
            is_first=first_at >= message.received_at,
            is_new=first_at >= self.settled_at,
        )


@Prepared
def _since(accounts: list[int], addresses: list[str]) -> QuerySet[Sender, tuple[Any, ...]]:
    of_these = Sender.objects.filter(account__in=accounts, address__in=addresses)
    return of_these.values_list("address").annotate(at=Min("first_at"))


@Prepared
def _bearers(accounts: list[int], names: list[str]) -> QuerySet[Sender, tuple[Any, ...]]:
    of_these = Sender.objects.filter(account__in=accounts, name__in=names).values_list("name", "address")
    return of_these.annotate(at=Min("first_at")).order_by("at", "address")[:_MOST_BEARERS]


@Prepared
def _own_names(accounts: list[int]) -> QuerySet[Identity, tuple[Any, ...]]:
    return Identity.objects.filter(account__in=accounts).exclude(name="").values_list("name")
