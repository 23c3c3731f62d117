"""Leaving mailing lists: by one POST from a worker (RFC 8058), or by a mail through the outbox (RFC 2369)."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from mailbox import fetcher, outbox, web
from mailbox.mime.unsubscribe import Method, Unsubscribe
from mailbox.models import Draft, Message, Unsubscription
from webmail.celery import wake

State, Trouble = Unsubscription.State, Unsubscription.Trouble

_TROUBLE_OF: dict[type[web.WebError], Unsubscription.Trouble] = {
    web.Answered: Trouble.ANSWERED,
    web.Unreachable: Trouble.UNREACHABLE,
    web.Untrusted: Trouble.UNTRUSTED,
    web.Garbled: Trouble.GARBLED,
    web.Forbidden: Trouble.FORBIDDEN,
}


def ask(message: Message, user: User, way: Unsubscribe, *, list_name: str) -> Unsubscription:
    """Ask in the name of the account that received `message` to be taken off its list.

    Raises mime.compose.Unfit and outbox.NoServer where that takes a mail and none can leave.
    """
    if way.method == Method.MAIL:
        return _ask_by_mail(message, user, way, list_name)
    assert way.method == Method.ONE_CLICK, "a page is for the person"
    row = _row(message, user, way, list_name, state=State.WAITING, due_at=timezone.now())
    wake("leave_list", row.pk)
    return row


@transaction.atomic
def _ask_by_mail(message: Message, user: User, way: Unsubscribe, list_name: str) -> Unsubscription:
    draft = Draft.objects.create(
        account=message.account, writer=user, to=way.address, subject=way.subject, text=way.text
    )
    outgoing = outbox.queue(draft)
    return _row(message, user, way, list_name, state=State.DONE, outgoing=outgoing, ended_at=timezone.now())


def _row(message: Message, user: User, way: Unsubscribe, list_name: str, **state: object) -> Unsubscription:
    fresh: dict[str, object] = {
        **dict.fromkeys(("due_at", "ended_at", "outgoing", "claimed_at"), None),
        **dict.fromkeys(("trouble", "reply", "claimed_by"), ""),
        "failure_count": 0,
        "asked_at": timezone.now(),
        "user": user,
        "method": way.method.value,
        "target": way.address,
    }
    return Unsubscription.objects.update_or_create(
        account=message.account, list_name=list_name[:255], defaults=fresh | state
    )[0]


def post(row: Unsubscription) -> None:
    """Post one wish now and note the answer, unless another worker has it. To post it twice does no harm."""
    now = timezone.now()
    if not row.claim(now, due_at__lte=now):
        return
    try:
        answer = fetcher.post_one_click(row.target)
    except web.WebError as error:
        trouble = next(found for kind, found in _TROUBLE_OF.items() if isinstance(error, kind))
        reply = str(error) if trouble == Trouble.ANSWERED else ""
        row.failed(timezone.now(), trouble, reply=reply, is_permanent=error.is_permanent)
    else:
        row.succeeded(timezone.now(), reply=f"{answer.status} {answer.reason}".strip())
