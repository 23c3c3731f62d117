"""Which list a message came by, and how to leave it: what its sheet shows of both."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest

from accounts.models import MailAccount
from mailbox.mime.parse import Parsed
from mailbox.mime.unsubscribe import MailingList, Unsubscribe, mailing_list, way_out
from mailbox.models import Folder, Message, Unsubscription
from mailbox.views.sheet import Sheet

# Values of the old Precedence field that say something; of others nobody knows what they mean (RFC 3834, 3.1.8).
_PRECEDENCES = frozenset({"bulk", "list", "junk"})


@dataclass(frozen=True, slots=True)
class ListLine:
    """The list of one message. `way` is None where there is no way out, or where the reader may not take it."""

    name: str
    """By which a wish to leave is remembered."""
    mailing_list: MailingList | None
    precedence: str = ""
    way: Unsubscribe | None = None
    wish: Unsubscription | None = None
    account: str = ""
    """The address that leaves, where there is a way."""


def list_line(message: Message, parsed: Parsed) -> ListLine | None:
    """Return what the header says, None for mail that came by no list; without the wish, which takes a query."""
    header = parsed.header
    found, way = mailing_list(header), way_out(header)
    precedence = header.field("Precedence").strip().lower()
    precedence = precedence if precedence in _PRECEDENCES else ""
    if message.folder == Folder.SENT or not (found or way or precedence):
        return None
    return ListLine((found.list_id if found else message.sender_address)[:255], found, precedence, way)


def with_list_lines(request: HttpRequest, sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the sheets, each with the list that it came by. Two queries where there is any list to leave."""
    lines = list_lines(request, [(each.message, each.parsed) for each in sheets if each.parsed])
    return [replace(each, list_line=line) if (line := lines.get(each.message.pk)) else each for each in sheets]


def list_lines(request: HttpRequest, messages: Iterable[tuple[Message, Parsed]]) -> dict[int, ListLine]:
    """Return the lists of messages by primary key: each with the reader's wish, and with no way that is not his."""
    found = [(message, line) for message, parsed in messages if (line := list_line(message, parsed))]
    accounts = {message.account_id for message, line in found if line.way}
    mine = _spoken_for(request, accounts) if accounts else {}
    wishes = _wishes(accounts, {line.name for _message, line in found}) if accounts else {}
    return {
        message.pk: replace(
            line,
            way=line.way if message.account_id in mine else None,
            wish=wishes.get((message.account_id, line.name)),
            account=mine.get(message.account_id, ""),
        )
        for message, line in found
    }


def _spoken_for(request: HttpRequest, accounts: Collection[int]) -> dict[int, str]:
    """Return the addresses of those accounts in whose name the reader may act."""
    return dict(MailAccount.objects.spoken_for_by(request.user).filter(pk__in=accounts).values_list("pk", "address"))


def _wishes(accounts: Collection[int], names: Collection[str]) -> dict[tuple[int, str], Unsubscription]:
    found = Unsubscription.objects.filter(account__in=accounts, list_name__in=names)
    return {(each.account_id, each.list_name): each for each in found}
