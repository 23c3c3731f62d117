"""Another time for a message that waits for the one that it was given."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mailbox import scheduling
from mailbox.views import outbox
from mailbox.views.moments import NoTime, chosen


@require_POST
def change(request: HttpRequest, key: str) -> HttpResponse:
    """Have a scheduled message leave at another time, or now."""
    outgoing = outbox.mine(request, key)
    try:
        send_at = timezone.now() if "now" in request.POST else chosen(request)
        if send_at:
            scheduling.reschedule(outgoing, send_at)
    except NoTime as error:
        messages.warning(request, str(error))
        return outbox.leave(request)
    except scheduling.TooLate:
        messages.warning(request, _("It is too late to change the time: the message is being sent, or was."))
        return outbox.leave(request)
    return outbox.answer(request)
