"""A message that asks to be told when it was read: one line that says so, and a button. Nothing answers by itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import MailAccount, User
from mailbox import outbox, receipts
from mailbox.mime.compose import Unfit
from mailbox.mime.receipts import asking
from mailbox.models import Folder, Message, Outgoing
from mailbox.unfit import in_words
from mailbox.views.sheet import Sheet
from webmail.htmx import wants_part


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who asks, and what the reader may do about it."""

    message: Message
    names: str
    may_answer: bool = False
    is_answered: bool = False
    problem: str = ""


def with_receipts(request: HttpRequest, sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return `sheets`, those that ask with their lines: three queries, none where nobody asks."""
    asked = {each.message.pk: line for each in sheets if (line := _line(each))}
    if not asked:
        return list(sheets)
    messages = [each.message for each in asked.values()]
    prefetch_related_objects(messages, "account")
    spoken_for = MailAccount.objects.spoken_for_by(request.user).filter(pk__in={each.account_id for each in messages})
    mine = set(spoken_for.values_list("pk", flat=True))
    answered = _answered(messages)
    return [
        replace(each, receipt=_known(asked[each.message.pk], mine, answered)) if each.message.pk in asked else each
        for each in sheets
    ]


def _line(sheet: Sheet) -> Receipt | None:
    if sheet.parsed is None or sheet.message.folder == Folder.SENT:
        return None
    wanted = asking(sheet.parsed.header)
    return Receipt(sheet.message, ", ".join(each.address for each in wanted)) if wanted else None


def _answered(messages: Collection[Message]) -> set[str]:
    wanted = [receipts.receipt_id(each) for each in messages]
    return set(Outgoing.objects.filter(message_id__in=wanted).values_list("message_id", flat=True))


def _known(line: Receipt, mine: Collection[int], answered: Collection[str]) -> Receipt:
    is_answered = receipts.receipt_id(line.message) in answered
    return replace(line, is_answered=is_answered, may_answer=line.message.account_id in mine and not is_answered)


@require_POST
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """Tell who asked that the message was read. Only who may send in the name of the account may say so."""
    readable = Message.objects.visible_to(request.user).exclude(folder=Folder.SENT)
    mine = readable.filter(account__in=MailAccount.objects.spoken_for_by(request.user))
    message = get_object_or_404(mine.select_related("account", "original"), key=key)
    problem = _answer(message, request.user)
    if not wants_part(request):
        return redirect(f"{reverse('conversation', args=[key])}#sheet-{key}")
    names = ", ".join(each.address for each in asking(message.parsed().header))
    line = Receipt(message, names, may_answer=bool(problem), is_answered=not problem, problem=problem)
    return render(request, "mailbox/receipt/_line.html", {"receipt": line}, status=422 if problem else 200)


def _answer(message: Message, reader: object) -> str:
    """Answer; return in one sentence why that cannot be done, "" when it was."""
    assert isinstance(reader, User)  # LoginRequiredMiddleware lets nobody else through
    try:
        receipts.answer(message, reader)
    except Unfit as error:
        return in_words(error)
    except outbox.NoServer:
        return _("This account has no server that sends its mail, so nobody can be told.")
    return ""
