"""Who open messages are from: what their headers say, held against what the reader's own mail tells."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from accounts.models import Identity, User
from mailbox.mime.authentication import authenticate, topmost_server
from mailbox.mime.sender import Known, findings
from mailbox.models import Folder, Message
from mailbox.views.findings import Trust, trust
from mailbox.views.namesakes import named_alike
from mailbox.views.sheet import Sheet
from mailbox.views.sidebar import Sidebar
from webmail.prepared import Prepared

# Somebody who has written for so long is no stranger under that address.
_SETTLED = timedelta(days=14)


def with_trust(sheets: Sequence[Sheet], shown: Sidebar, user: User | AnonymousUser) -> list[Sheet]:
    """Return `sheets`, the open ones with what is to be said about their senders: one query, none if all are closed."""
    known = _known([sheet.message for sheet in sheets if sheet.is_open], shown)
    return [
        replace(sheet, trust=_trust(sheet, known.get(sheet.message.pk, Known()), shown, user))
        if sheet.is_open
        else sheet
        for sheet in sheets
    ]


def _trust(sheet: Sheet, known: Known, shown: Sidebar, user: User | AnonymousUser) -> Trust | None:
    assert sheet.parsed
    header, account = sheet.parsed.header, shown.by_pk[sheet.message.account_id]
    if sheet.message.folder == Folder.SENT:
        return trust((), sheet.parsed.protection)
    author = next((each.address for each in header.from_), "")
    found = authenticate(header.raw_fields, author=author, trusted=account.judges)
    # Only the owner chooses whom to believe, and only a message that somebody has judged raises the question.
    asks = not account.judges and account.owner_id == user.pk and topmost_server(header.raw_fields)
    return trust(findings(header, found, known), sheet.parsed.protection, account_key=account.key if asks else "")


def _known(messages: Sequence[Message], shown: Sidebar) -> dict[int, Known]:
    """Return what the mail of all accounts tells about the senders of `messages`, each looked up on an index.

    Two queries more where a new sender bears a name that can be written in other letters beyond ASCII.
    """
    if not messages:
        return {}
    own = frozenset(account.address.lower() for account in shown.accounts)
    rows = _senders(
        messages=[message.pk for message in messages],
        accounts=list(shown.by_pk),
        settled_at=min(message.received_at for message in messages) - _SETTLED,
    )
    known = {
        pk: Known(own, is_own_name, namesake or "", not wrote_before, not is_settled)
        for pk, is_own_name, namesake, wrote_before, is_settled in rows
    }
    return known | named_alike(messages, known, accounts=list(shown.by_pk))


@Prepared
def _senders(messages: list[int], accounts: list[int], settled_at: datetime) -> QuerySet[Message, tuple[Any, ...]]:
    others = Message.objects.filter(account__in=accounts)
    writes = others.filter(sender_address=OuterRef("sender_address"))
    own_names = Identity.objects.filter(account__in=accounts).alias(lower_name=Lower("name"))
    rows = Message.objects.filter(pk__in=messages).annotate(
        wrote_before=Exists(writes.filter(received_at__lt=OuterRef("received_at"))),
        is_settled=Exists(writes.filter(received_at__lt=settled_at)),
        namesake=_namesake(others),
        is_own_name=Exists(own_names.filter(lower_name=Lower(OuterRef("sender_name")))),
    )
    return rows.values_list("pk", "is_own_name", "namesake", "wrote_before", "is_settled")


def _namesake(others: QuerySet[Message]) -> Coalesce:
    """Another address that wrote under the same name earlier, so that an impostor casts no doubt on his model.

    Small and capital letters are the same, beyond ASCII only where the database knows them; see `namesakes`.
    The addresses before and after this one in the index are two ranges; `<>` would read through all of its own.
    """
    earlier = others.filter(received_at__lt=OuterRef("received_at")).exclude(folder=Folder.TRASH)
    named = earlier.filter(sender_name__gt="").alias(lower_name=Lower("sender_name"))
    same_name = named.filter(lower_name=Lower(OuterRef("sender_name")))
    before = same_name.filter(Q(sender_address__gt="") & Q(sender_address__lt=OuterRef("sender_address")))
    after = same_name.filter(sender_address__gt=OuterRef("sender_address"))
    return Coalesce(*(Subquery(part.values("sender_address")[:1]) for part in (before, after)))
