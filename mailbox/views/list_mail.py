"""Leaving a mailing list from one of its messages, and what became of it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import MailAccount, User
from mailbox import outbox
from mailbox import unsubscribe as leaving
from mailbox.mime.compose import Unfit
from mailbox.mime.unsubscribe import Method
from mailbox.models import Message
from mailbox.unfit import in_words
from mailbox.views.list_line import ListLine, list_lines
from webmail.htmx import wants_part


@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, key: str) -> HttpResponse:
    """By POST ask to be taken off the list of this message; show what became of it.

    Only who may send in the name of the account may also leave lists in its name.
    """
    messages = Message.objects.visible_to(request.user).select_related("original", "account")
    if request.method == "POST":
        messages = messages.filter(account__in=MailAccount.objects.spoken_for_by(request.user))
    message = get_object_or_404(messages, key=key)
    problem = _ask(request, message) if request.method == "POST" else ""
    if not wants_part(request) and not problem:
        return redirect(f"{reverse('conversation', args=[key])}#sheet-{key}")
    name = "_list_line" if wants_part(request) else "unsubscribe"
    context = {"line": _line(request, message), "message": message, "problem": problem}
    return render(request, f"mailbox/conversation/{name}.html", context, status=422 if problem else 200)


def _ask(request: HttpRequest, message: Message) -> str:
    """Ask; return in one sentence why that cannot be done, "" when it was."""
    line = _line(request, message)
    if line is None or line.way is None or line.way.method == Method.PAGE:
        raise Http404
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    try:
        leaving.ask(message, request.user, line.way, list_name=line.name)
    except Unfit as error:
        return in_words(error)
    except outbox.NoServer:
        return _("This account has no server that sends its mail, so nobody can be asked.")
    return ""


def _line(request: HttpRequest, message: Message) -> ListLine | None:
    return list_lines(request, [(message, message.parsed())]).get(message.pk)
