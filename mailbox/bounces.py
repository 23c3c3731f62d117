"""From a message that came back to the recipients of the one that was sent.

Anybody who knows a Message-ID can write a report about it. So a report is noted beside what our own server said, and
changes nothing else: nothing is sent again, stopped or deleted for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils import timezone

from mailbox.mime.bounces import Bounce, Fate
from mailbox.models import Message, Outgoing, Recipient
from mailbox.threads import fold_id

# Later words outweigh earlier ones as far as they say at least as much: after "it failed", "delayed" is no news.
_WEIGHT = {"": 0, "delayed": 1, "relayed": 2, "expanded": 2, "delivered": 3, "failed": 4}
_RECIPIENTS_COUNT = 1_000


def note(owner_id: int, reports: Sequence[tuple[Message, Bounce]]) -> None:
    """Write down what `reports`, each with the message that brought it, say of messages that this person sent.

    One query finds the recipients of all of them, and two write what is new; none where there is no report.
    """
    if not reports:
        return
    sent = _recipients(owner_id, (bounce.message_id for _message, bounce in reports))
    told = {
        recipient.pk: recipient
        for message, bounce in reports
        for recipient in _told(sent[fold_id(bounce.message_id)], bounce, message)
    }
    Recipient.objects.bulk_update(told.values(), _COLUMNS)
    if returned := {each.outgoing_id for each in told.values() if each.has_returned}:
        Outgoing.objects.filter(pk__in=returned).update(troubled_at=timezone.now())


_COLUMNS = ["action", "status_code", "diagnostic", "reported_at", "report"]


def _recipients(owner_id: int, message_ids: Iterable[str]) -> dict[str, list[Recipient]]:
    """Return the recipients of the messages of these ids, by the id."""
    wanted = {fold_id(each) for each in message_ids}
    rows = Recipient.objects.filter(outgoing__account__owner=owner_id, outgoing__message_id__in=wanted)
    found: dict[str, list[Recipient]] = defaultdict(list)
    for recipient in rows.select_related("outgoing")[:_RECIPIENTS_COUNT]:
        found[recipient.outgoing.message_id].append(recipient)
    return found


def _told(recipients: Sequence[Recipient], bounce: Bounce, message: Message) -> Iterable[Recipient]:
    """Yield those of `recipients` of which `bounce` says something new, with that written into them."""
    by_address = {each.address.lower(): each for each in recipients}
    for fate in bounce.fates:
        recipient = by_address.get(fate.recipient.lower()) or by_address.get(fate.final_recipient.lower())
        if recipient is None and len(recipients) == len(bounce.fates) == 1:
            # Where a message went to one address, a report about another one is about where that leads.
            recipient = recipients[0]
        if recipient and _WEIGHT[fate.action] >= _WEIGHT[recipient.action]:
            _write(recipient, fate, message)
            yield recipient


def _write(recipient: Recipient, fate: Fate, message: Message) -> None:
    recipient.action = Recipient.Action(fate.action.value)
    recipient.status_code, recipient.diagnostic = fate.status[:12], fate.diagnostic[:2000]
    recipient.reported_at, recipient.report = timezone.now(), message
