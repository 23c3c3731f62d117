"""What became of a sent message for each of its recipients: the log that its sheet shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mailbox.models import Feedback, Folder, Outgoing, Recipient
from mailbox.views.sheet import Sheet

_SHOWN = 200
# Of a report its key is enough; the rest of a message is twenty columns.
_COLUMNS = [each.name for each in Recipient._meta.concrete_fields]
WITH_REPORTS = Prefetch("recipients", Recipient.objects.select_related("report").only(*_COLUMNS, "report__key"))

_OF_FEEDBACK = [each.name for each in Feedback._meta.concrete_fields]
_WITH_FEEDBACK = Prefetch("feedback", Feedback.objects.select_related("report").only(*_OF_FEEDBACK, "report__key"))


@dataclass(frozen=True, slots=True)
class DeliveryLog:
    """The recipients of one message, the worst first."""

    outgoing: Outgoing
    recipients: tuple[Recipient, ...]
    more_count: int = 0
    """Of those that are not shown."""
    feedback: tuple[Feedback, ...] = ()
    """What readers' programs and providers reported of it."""

    @property
    def is_bad(self) -> bool:
        """Whether somebody does not have the message, or may not."""
        return any(_rank(each) == 0 for each in self.recipients)

    @property
    def summary(self) -> str:
        """One line about all of them."""
        failed = sum(each.has_returned or each.status == Recipient.Status.REFUSED for each in self.recipients)
        if failed:
            return ngettext("Not delivered to %d address", "Not delivered to %d addresses", failed) % failed
        if any(each.status == Recipient.Status.UNCERTAIN for each in self.recipients):
            return _("It may not have arrived")
        if any(each.status in Recipient.UNDECIDED for each in self.recipients):
            return _("On its way")
        if any(each.action == Recipient.Action.DELAYED for each in self.recipients):
            return _("Delayed on the way")
        if opened := len({each.address for each in self.feedback if each.kind == Feedback.Kind.DISPLAYED}):
            return ngettext("Opened by %d recipient", "Opened by %d recipients", opened) % opened
        if all(each.action == Recipient.Action.DELIVERED for each in self.recipients):
            return _("Delivered")
        return _("Accepted by the server")


def with_delivery_logs(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return `sheets`, the open ones that were sent with their logs: four queries, none where none was sent."""
    sent = [each.message.pk for each in sheets if each.is_open and each.message.folder == Folder.SENT]
    if not sent:
        return list(sheets)
    rows = Outgoing.objects.filter(sent_copy__in=sent).prefetch_related(WITH_REPORTS, _WITH_FEEDBACK)
    logs = {row.sent_copy_id: _log(row) for row in rows}
    return [replace(each, delivery_log=logs.get(each.message.pk)) for each in sheets]


def _log(outgoing: Outgoing) -> DeliveryLog:
    recipients = sorted(outgoing.recipients.all(), key=_rank)
    more_count = max(len(recipients) - _SHOWN, 0)
    return DeliveryLog(outgoing, tuple(recipients[:_SHOWN]), more_count, tuple(outgoing.feedback.all()))


def _rank(recipient: Recipient) -> int:
    if recipient.has_returned or recipient.status in (Recipient.Status.REFUSED, Recipient.Status.UNCERTAIN):
        return 0
    return 1 if recipient.status in Recipient.UNDECIDED or recipient.action == Recipient.Action.DELAYED else 2
