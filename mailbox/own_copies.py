"""What a provider gives back of the mail that was sent through it: Gmail lists it by POP3 among what came.

Such a copy is the message that is in Sent already, under another trace, and is not shown a second time. A name on an
envelope proves nothing, so its content has to be the same, octet for octet: what merely claims to be the reader's own
stays in the inbox, with everything that is said about its sender there.
"""

from collections import defaultdict
from collections.abc import Sequence

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

    A copy of a message that is in Sent no more becomes its copy there, already read. No query where no arrival looks
    as if it had been sent from here, else one for all, and one for each that was.
    """
    found: list[Message | None] = [None] * len(arrivals)
    looks = {place: each for place, each in enumerate(arrivals) if _looks_own(account, each.message)}
    if not looks:
        return found
    sent = _sent(account, {each.message.message_id for each in looks.values()})
    for place, arrival in looks.items():
        for outgoing in sent[arrival.message.message_id]:
            if _is_copy(account, arrival, outgoing):
                found[place] = outgoing.sent_copy
                arrival.message.folder, arrival.message.is_read = Folder.SENT, True
                break
    return found


def _looks_own(account: MailAccount, message: Message) -> bool:
    """Whether it is under an address and a Message-ID as they are given here."""
    sender, domain = message.sender_address.lower(), message.message_id.rpartition("@")[2].lower()
    own = account.address.lower()
    return bool(domain) and (sender == own or domain in (own.rpartition("@")[2], sender.rpartition("@")[2]))


def _sent(account: MailAccount, message_ids: set[str]) -> dict[str, list[Outgoing]]:
    rows = Outgoing.objects.filter(account__owner=account.owner_id, message_id__in=message_ids)
    found: dict[str, list[Outgoing]] = defaultdict(list)
    for row in rows.select_related("account", "sent_copy").prefetch_related("recipients")[:_SENT_COUNT]:
        found[row.message_id].append(row)
    return found


def _is_copy(account: MailAccount, arrival: Prepared, outgoing: Outgoing) -> bool:
    own = {account.address.lower(), outgoing.account.address.lower(), outgoing.reverse_path.lower()}
    if arrival.message.sender_address.lower() not in own:
        return False
    # What people write to themselves did arrive.
    if account.address.lower() in {each.address.lower() for each in outgoing.recipients.all()}:
        return False
    # A twin can only stand in the account that it came back to.
    if outgoing.sent_copy and outgoing.sent_copy.account_id != account.pk:
        return False
    return _content(arrival.original.octets) == _content(outgoing.original.octets)


def _content(octets: bytes) -> bytes:
    """Return what stands below the header; servers add and drop empty lines at the end."""
    return octets.partition(b"\r\n\r\n")[2].rstrip()
