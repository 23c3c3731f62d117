"""Messages on their way out, for tests."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connections
from django.utils import timezone

from accounts.models import MailAccount, SubmissionServer
from mailbox import outbox
from mailbox.models import Draft, Outgoing

FAR = "dana@far.test"


def draft_of(account: MailAccount, **fields: Any) -> Draft:
    """Return a stored draft of the account's owner."""
    typed = {"to": FAR, "subject": "Tea", "text": "Shall we?\n"} | fields
    return Draft.objects.create(writer=account.owner, account=account, **typed)


def queued(account: MailAccount, **fields: Any) -> Outgoing:
    """Return a message that waits to be sent."""
    return outbox.queue(draft_of(account, **fields))


def addressed(outgoing: Outgoing) -> list[tuple[str, str]]:
    """Return the header and address of every recipient."""
    return list(outgoing.recipients.values_list("header", "address"))


def statuses(outgoing: Outgoing) -> dict[str, str]:
    """Return what became of every recipient, by the part of the address before the @."""
    rows = outgoing.recipients.values_list("address", "status")
    return {address.partition("@")[0]: status for address, status in rows}


def point_to(account: MailAccount, port: int, **columns: Any) -> None:
    """Have the account submit its mail to a server on loopback."""
    SubmissionServer.objects.filter(account=account).update(port=port)
    server = SubmissionServer.objects.get(account=account)
    for name, value in columns.items():
        setattr(server, name, value)
    server.save()


def make_due(outgoing: Outgoing) -> Outgoing:
    """Let the time pass until the next try; return the row as it stands now."""
    Outgoing.objects.filter(pk=outgoing.pk).update(due_at=timezone.now())
    return Outgoing.objects.get(pk=outgoing.pk)


def is_finished(outgoing: Outgoing) -> bool:
    """Tell whether nothing is left to try; a try that has ended must have given its claim back."""
    outgoing.refresh_from_db()
    assert outgoing.claimed_at is None
    return outgoing.finished_at is not None


def in_thread[**P, R](question: Callable[P, R]) -> Callable[P, R]:
    """Have a server's thread close its database connection after `question`, or PostgreSQL keeps the database."""

    @wraps(question)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return question(*args, **kwargs)
        finally:
            connections.close_all()

    return ask
