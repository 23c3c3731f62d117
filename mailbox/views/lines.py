"""The quiet lines of open sheets: what came from elsewhere, by which list, what is asked, what became of it."""

from collections.abc import Sequence

from django.http import HttpRequest

from mailbox.views.delivery_log import with_delivery_logs
from mailbox.views.list_line import with_list_lines
from mailbox.views.receipt import with_receipts
from mailbox.views.remote_line import with_remote_lines
from mailbox.views.sheet import Sheet


def with_lines(request: HttpRequest, sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the sheets with their lines; the number of queries does not grow with theirs."""
    lined = with_list_lines(request, with_remote_lines(request, sheets))
    return with_receipts(request, with_delivery_logs(lined))
