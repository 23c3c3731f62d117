"""What a provider gives back of the mail that was sent through it: Gmail lists it by POP3 among what came.

Such a copy is the message that is in Sent already, under another trace, and is not shown a second time. A name on an
envelope proves nothing, so its content has to be the same, octet for octet: what merely claims to be the reader's own
stays in the inbox, with everything that is said about its sender there.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db.models import prefetch_related_objects

from accounts.models import MailAccount
from mailbox import delivery
from mailbox.delivery import Prepared
from mailbox.models import Folder, Message, Outgoing

_SENT_COUNT = 1_000


def twins(account: MailAccount, arrivals: Sequence[Prepared], *, is_moved: bool) -> list[Message | None]:
    """Return for each of `arrivals` the message that it is another copy of, None for what is none.

    It is one in Sent, or, where the whole maildrop has moved to a new server, any that was here before.
    """
    found = _in_sent(account, arrivals)
    if not is_moved:
        return found
    return [twin or delivery.twin(account, arrival) for twin, arrival in zip(found, arrivals, strict=True)]


def _in_sent(account: MailAccount, arrivals: Sequence[Prepared]) -> list[Message | None]:
    """Return for each of `arrivals` the message in Sent that it is a copy of.

    A copy of a message that is in Sent no more becomes its copy there, already read. No query where no arrival is from
    an own address, once these are known; else two for all, and one for each that was sent from here.
    """
    found: list[Message | None] = [None] * len(arrivals)
    own = _own_addresses(account)
    looks = {place: each for place, each in enumerate(arrivals) if each.message.sender_address.lower() in own}
    if not looks:
        return found
    sent = _sent(account, {each.message.message_id for each in looks.values()})
    for place, arrival in looks.items():
        for outgoing in sent[arrival.message.message_id]:
            if _is_copy(arrival, outgoing, own):
                found[place] = outgoing.sent_copy
                arrival.message.folder, arrival.message.is_read = Folder.SENT, True
                break
    return found


def _own_addresses(account: MailAccount) -> frozenset[str]:
    """Return the addresses of `account`; they are read once for an instance, which lives as long as one pull."""
    prefetch_related_objects([account], "identities")
    return frozenset(each.lower() for each in (account.address, *(one.address for one in account.identities.all())))


def _sent(account: MailAccount, message_ids: set[str]) -> dict[str, list[Outgoing]]:
    rows = Outgoing.objects.filter(account=account, message_id__in=message_ids - {""})
    found: dict[str, list[Outgoing]] = defaultdict(list)
    for row in rows.select_related("sent_copy").prefetch_related("recipients")[:_SENT_COUNT]:
        found[row.message_id].append(row)
    return found


def _is_copy(arrival: Prepared, outgoing: Outgoing, own: Collection[str]) -> bool:
    # What people write to themselves did arrive.
    if any(each.address.lower() in own for each in outgoing.recipients.all()):
        return False
    return _content(arrival.original.octets) == _content(outgoing.original.octets)


def _content(octets: bytes) -> bytes:
    """Return what stands below the header; servers add and drop empty lines at the end."""
    return octets.partition(b"\r\n\r\n")[2].rstrip()
