"""Which list a message came by, and how to leave it: what its sheet shows of both."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest

from accounts.models import MailAccount
from accounts.providers import judges_of
from mailbox.mime.coverage import is_covered
from mailbox.mime.parse import Header, Parsed
from mailbox.mime.unsubscribe import SIGNED_FIELDS, MailingList, Method, Unsubscribe, mailing_list, way_out
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


@dataclass(frozen=True, slots=True)
class _Leaver:
    """An account in whose name the reader may leave lists, and the servers that it believes."""

    address: str
    judges: frozenset[str]


def list_line(message: Message, parsed: Parsed) -> ListLine | None:
    """Return what the header says, None for mail that came by no list; without what takes a query."""
    header = parsed.header
    found, way = mailing_list(header), way_out(header, is_signed=True)
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
    found = [(message, parsed.header, line) for message, parsed in messages if (line := list_line(message, parsed))]
    accounts = {message.account_id for message, _header, line in found if line.way}
    mine = _leavers(request, accounts) if accounts else {}
    wishes = _wishes(accounts, {line.name for _message, _header, line in found}) if accounts else {}
    return {
        message.pk: replace(
            _as_left_by(line, header, mine.get(message.account_id)), wish=wishes.get((message.account_id, line.name))
        )
        for message, header, line in found
    }


def _as_left_by(line: ListLine, header: Header, leaver: _Leaver | None) -> ListLine:
    """Return `line` with the way that `leaver` may take: none for nobody, no POST that no good signature covers."""
    if leaver is None:
        return replace(line, way=None)
    way = line.way
    if way and way.method == Method.ONE_CLICK:
        is_signed = is_covered(header.raw_fields, SIGNED_FIELDS, trusted=leaver.judges)
        way = way if is_signed else way_out(header, is_signed=False)
    return replace(line, way=way, account=leaver.address)


def _leavers(request: HttpRequest, accounts: Collection[int]) -> dict[int, _Leaver]:
    """Return those of the accounts in whose name the reader may act."""
    found = MailAccount.objects.spoken_for_by(request.user).filter(pk__in=accounts)
    rows = found.values_list("pk", "address", "trusted_servers", "remote_maildrop__host")
    return {pk: _Leaver(address, frozenset(named) | judges_of(host or "")) for pk, address, named, host in rows}


def _wishes(accounts: Collection[int], names: Collection[str]) -> dict[tuple[int, str], Unsubscription]:
    found = Unsubscription.objects.filter(account__in=accounts, list_name__in=names)
    return {(each.account_id, each.list_name): each for each in found}
