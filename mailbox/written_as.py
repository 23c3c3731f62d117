"""Under which of their addresses people wrote before: where a whole domain is theirs, the next message may follow."""

from accounts.senders import Sender, Senders
from mailbox.models import Folder, Message, Outgoing

_LOOKED_AT = 50
_OFFERED = 5


def lately(senders: Senders) -> list[Sender]:
    """Return the addresses that a domain caught under which the person wrote last, at most five.

    Whoever has no such domain costs no query.
    """
    accounts = {each.account.pk for each in senders.all if each.identity.is_catch_all}
    if not accounts:
        return []
    sent = Outgoing.objects.filter(account__in=accounts, writer=senders.writer).exclude(reverse_path="")
    pairs = sent.order_by("-queued_at").values_list("account_id", "reverse_path")[:_LOOKED_AT]
    return senders.caught(dict.fromkeys(pairs))[:_OFFERED]


def in_conversation(parent: Message, senders: Senders) -> tuple[Sender | None, bool]:
    """Return under what the account of `parent` wrote last in its conversation, and whether that was after `parent`."""
    sent = Message.objects.filter(thread=parent.thread_id, account=parent.account_id, folder=Folder.SENT)
    last = sent.order_by("-received_at", "-id").values_list("sender_address", "received_at").first()
    if last is None:
        return None, False
    return senders.at(parent.account, last[0]) if last[0] else None, last[1] >= parent.received_at
