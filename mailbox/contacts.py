"""Contacts grow from what is sent; they can be derived again from Sent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import MailAccount, User
from mailbox.mime.addresses import Address
from mailbox.mime.parse import Header
from mailbox.models import Contact, Folder, Message, Outgoing

_AT_ONCE = 200

type _Found = dict[tuple[int, str], Contact]


def learn(writer: User, people: Iterable[Address], moment: datetime) -> None:
    """Count one message of `writer` to each of `people`: two queries, however many they are."""
    written = {Contact.fold(each.address): each for each in people}
    rows = [
        Contact(owner=writer, folded=folded, name="", address=each.address, uses=0, last_used_at=moment)
        for folded, each in written.items()
    ]
    known = {each.folded: each for each in Contact.objects.filter(owner=writer, folded__in=written)}
    for row in rows:
        if old := known.get(row.folded):
            row.name, row.address, row.uses = old.name, old.address, old.uses
            row.last_used_at, row.weight = old.last_used_at, old.weight
        row.use(written[row.folded], moment)
    Contact.objects.upsert(rows)


def derive(accounts: Iterable[MailAccount]) -> int:
    """Find the contacts of everybody who sent what lies in Sent of `accounts`; return how many were found.

    Nothing that is known already is forgotten, and running twice counts nothing twice.
    """
    found: _Found = {}
    for account in accounts:
        for sent in _sent(account):
            for each in sent.people:
                _count(found, sent.writer_id, each, sent.moment)
    for old in Contact.objects.filter(owner__in={owner_id for owner_id, _folded in found}).iterator():
        if new := found.get((old.owner_id, old.folded)):
            _keep_the_most(new, old)
    Contact.objects.upsert(found.values())
    return len(found)


@dataclass(frozen=True, slots=True)
class _Sent:
    writer_id: int
    people: tuple[Address, ...]
    moment: datetime


def _sent(account: MailAccount) -> Iterator[_Sent]:
    """What was sent from the account, the oldest first, by a member who may send or by the owner."""
    queue = Outgoing.objects.filter(account=account, sent_copy__isnull=False)
    writers = dict(queue.exclude(writer=None).values_list("sent_copy_id", "writer_id"))
    blind: dict[int, list[str]] = {}
    for message_id, address in queue.exclude(recipients=None).values_list("sent_copy_id", "recipients__address"):
        blind.setdefault(message_id, []).append(address)
    sent = Message.objects.filter(account=account, folder=Folder.SENT).select_related("original")
    for message in sent.in_conversation_order().iterator(chunk_size=_AT_ONCE):
        people = _recipients(message.parsed().header, blind.get(message.pk, ()))
        yield _Sent(writers.get(message.pk, account.owner_id), people, message.written_at())


def _recipients(header: Header, on_envelope: Iterable[str]) -> tuple[Address, ...]:
    """Everybody that the message names, and those who stand on its envelope only: blind copies."""
    people = {each.address.lower(): each for each in (*header.to, *header.cc, *header.bcc) if "@" in each.address}
    for address in on_envelope:
        people.setdefault(address.lower(), Address("", address))
    return tuple(people.values())


def _count(found: _Found, owner_id: int, each: Address, moment: datetime) -> None:
    folded = Contact.fold(each.address)
    blank = Contact(owner_id=owner_id, folded=folded, address=each.address, last_used_at=moment)
    found.setdefault((owner_id, folded), blank).use(each, moment)


def _keep_the_most(new: Contact, old: Contact) -> None:
    """Give `new` what `old` knows better: Sent may have been emptied since."""
    if old.last_used_at > new.last_used_at:
        new.name, new.address, new.last_used_at = old.name or new.name, old.address, old.last_used_at
        new.words = old.words if old.name else new.words
    new.uses, new.weight = max(old.uses, new.uses), max(old.weight, new.weight)
