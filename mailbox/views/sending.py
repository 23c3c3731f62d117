"""What is said after Send: that it is on its way, when it leaves, and how to call it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from mailbox.models import Outgoing
from mailbox.views.moments import moment_in_words

# What is held for its writer, as [key, subject, seconds since 1970], in the session: every page of the next seconds
# offers to call it back, and no page asks the database for that.
_SESSION_KEY = "sending"
_REMEMBERED = 5
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Held:
    """A message that its writer can still call back."""

    key: str
    subject: str
    leaves_at: datetime
    seconds: int
    """Until then, rounded up."""


def announce(request: HttpRequest, outgoing: Outgoing) -> None:
    """Tell the person what happens with the message that was just queued."""
    if outgoing.is_scheduled:
        messages.success(request, _with_link(_("It leaves: %s.") % moment_in_words(outgoing.due_at)))
    elif outgoing.due_at > timezone.now():
        held = [outgoing.key, outgoing.subject[:_SHOWN_CHARACTERS], outgoing.due_at.timestamp()]
        request.session[_SESSION_KEY] = [*_remembered(request), held][-_REMEMBERED:]
    else:
        messages.success(request, _with_link(_("Your message is on its way.")))


def forget(request: HttpRequest, key: str) -> None:
    """Say no more of a message that was called back."""
    if remembered := _remembered(request):
        request.session[_SESSION_KEY] = [each for each in remembered if each[0] != key]


def held(request: HttpRequest) -> list[Held]:
    """Return what can still be called back from this browser."""
    now = timezone.now().timestamp()
    return [
        Held(key, subject, datetime.fromtimestamp(at, tz=timezone.get_current_timezone()), int(at - now) + 1)
        for key, subject, at in _remembered(request)
        if at > now
    ]


def _remembered(request: HttpRequest) -> list[Any]:
    found: list[Any] = request.session.get(_SESSION_KEY, [])
    return found


def _with_link(words: str) -> str:
    link = format_html('<a class="link" href="{}">{}</a>', reverse("outbox"), _("Outbox"))
    return format_html("{} {}", words, link)
