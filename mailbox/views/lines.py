"""The quiet lines of open sheets: what came from elsewhere, and which list it came by."""

from collections.abc import Sequence

from django.http import HttpRequest

from mailbox.views.list_line import with_list_lines
from mailbox.views.remote_line import with_remote_lines
from mailbox.views.sheet import Sheet


def with_lines(request: HttpRequest, sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the sheets with their lines; the number of queries does not grow with theirs."""
    return with_list_lines(request, with_remote_lines(request, sheets))
