"""From a report that a message was opened, or called spam, to the message that was sent.

As with what came back (`bounces`), it is noted and changes nothing: nothing is answered, sent or deleted for it.
"""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from mailbox.mime import feedback as mime
from mailbox.models import Feedback, Message, Outgoing
from mailbox.threads import fold_id

_OUTGOING_COUNT = 200


def note(owner_id: int, reports: Sequence[tuple[Message, mime.Feedback]]) -> None:
    """Write down what `reports`, each with the message that brought it, say of messages that this person sent.

    Three queries for all of them; none where there is no report.
    """
    if not reports:
        return
    wanted = {fold_id(report.message_id) for _message, report in reports}
    sent = Outgoing.objects.filter(account__owner=owner_id, message_id__in=wanted).prefetch_related("recipients")
    by_id = {each.message_id: each for each in sent[:_OUTGOING_COUNT]}
    Feedback.objects.bulk_create(_rows(by_id, reports), ignore_conflicts=True)


def _rows(sent: dict[str, Outgoing], reports: Sequence[tuple[Message, mime.Feedback]]) -> Iterable[Feedback]:
    for message, report in reports:
        if outgoing := sent.get(fold_id(report.message_id)):
            yield Feedback(
                outgoing=outgoing,
                address=_recipient(outgoing, report.addresses),
                kind=report.kind.value,
                reported_at=timezone.now(),
                report=message,
            )


def _recipient(outgoing: Outgoing, addresses: Iterable[str]) -> str:
    """Return which recipient is meant, as it was written to; where there is only one, that one."""
    recipients = [each.address for each in outgoing.recipients.all()]
    by_address = {each.lower(): each for each in recipients}
    found = next((by_address[each.lower()] for each in addresses if each.lower() in by_address), "")
    return recipients[0] if not found and len(recipients) == 1 else found
