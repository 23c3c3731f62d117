"""What Celery wakes up. A task carries an id, may be lost and may run twice; the flow it calls claims its row."""

from celery import shared_task
from django.db.models import Min
from django.utils import timezone

from accounts import audit, sessions
from accounts.models import AuditEvent, Departure, Grant, RemoteMaildrop
from mailbox import (
    bulk,
    delivery,
    documents,
    emptying,
    pull,
    pushing,
    quiet,
    remote_images,
    settling,
    taking_in,
    thumbnails,
    tokens,
    unsubscribe,
)
from mailbox.models import (
    Answering,
    BulkAct,
    Deed,
    Document,
    Draft,
    Export,
    MailImport,
    Message,
    Outgoing,
    PullHour,
    PullLog,
    Push,
    RemoteImage,
    RetrievedUidl,
    StorageUsed,
    Thumbnail,
    Unsubscription,
)
from mailbox.sending import rounds
from mailbox.transfer import packing
from webmail.celery import wake

__all__ = [
    "act_on_many",
    "act_on_many_due",
    "depart_due",
    "empty_due",
    "forget_grants",
    "housekeeping",
    "leave_due",
    "leave_list",
    "load_images",
    "make_documents",
    "make_thumbnails",
    "pack",
    "pack_due",
    "pull_due",
    "pull_maildrop",
    "push",
    "push_due",
    "send",
    "send_due",
    "take_in",
    "take_in_due",
    "wake",
    "wake_due",
]

# More than this at one tick would only queue the same ids again at the next.
_AT_ONCE = 500


@shared_task
def pull_due() -> None:
    """Wake a pull for every maildrop whose time has come."""
    for pk in RemoteMaildrop.objects.due(timezone.now()).values_list("pk", flat=True)[:_AT_ONCE]:
        wake("pull_maildrop", pk)


@shared_task
def pull_maildrop(pk: int) -> None:
    """Pull one maildrop, unless another task has just done so."""
    if maildrop := RemoteMaildrop.objects.due(timezone.now()).select_related("account__owner").filter(pk=pk).first():
        pull.pull(maildrop)


@shared_task
def send_due() -> None:
    """Wake a round for every account with a message whose time has come, or whose worker died."""
    due = Outgoing.objects.due(timezone.now()).order_by("account").values_list("account")
    for (pk,) in due.annotate(first=Min("pk")).values_list("first")[:_AT_ONCE]:
        wake("send", pk)


@shared_task
def send(pk: int) -> None:
    """Send what is due from the account of this message, unless it is to leave later."""
    if outgoing := Outgoing.objects.due(timezone.now()).filter(pk=pk).first():
        rounds.send_from(outgoing.account_id)


@shared_task
def make_documents(*pks: int) -> None:
    """Make the bodies of messages that have just come ready to be shown."""
    documents.make(Message.objects.select_related("original").filter(pk__in=pks))


@shared_task
def make_thumbnails(pk: int) -> None:
    """Make what is missing of the small pictures of one message."""
    if message := Message.objects.select_related("original").filter(pk=pk).first():
        thumbnails.make(message)


@shared_task
def load_images() -> None:
    """Load the images of the web that readers wait for."""
    remote_images.load_due()


@shared_task
def act_on_many(pk: int) -> None:
    """Go on with what somebody does to many conversations."""
    if act := BulkAct.objects.due(timezone.now()).filter(pk=pk).first():
        bulk.run(act)


@shared_task
def act_on_many_due() -> None:
    """Wake what a worker that is gone left in the middle."""
    for pk in BulkAct.objects.due(timezone.now()).values_list("pk", flat=True)[:_AT_ONCE]:
        wake("act_on_many", pk)


@shared_task
def take_in(pk: int) -> None:
    """Import an uploaded file of mail."""
    if row := MailImport.objects.due(timezone.now()).select_related("account__owner").filter(pk=pk).first():
        taking_in.run(row)


@shared_task
def take_in_due() -> None:
    """Wake the imports that a worker that is gone left in the middle."""
    for pk in MailImport.objects.due(timezone.now()).values_list("pk", flat=True)[:_AT_ONCE]:
        wake("take_in", pk)


@shared_task
def forget_grants() -> None:
    """Take back and forget the sign-ins that no account has any more."""
    for grant in Grant.objects.left_behind(timezone.now())[:_AT_ONCE]:
        tokens.forget(grant)


@shared_task
def pack(pk: int) -> None:
    """Pack the mail that somebody wants, unless another task does."""
    if export := Export.objects.due(timezone.now()).select_related("owner").filter(pk=pk).first():
        packing.pack(export)


@shared_task
def pack_due() -> None:
    """Wake what a lost task or a worker that is gone left behind."""
    for pk in Export.objects.due(timezone.now()).values_list("pk", flat=True)[:_AT_ONCE]:
        wake("pack", pk)


@shared_task
def push_due() -> None:
    """Wake a push for all news that somebody still waits to hear."""
    for pk in Push.objects.due(timezone.now()).values_list("pk", flat=True)[:_AT_ONCE]:
        wake("push", pk)


@shared_task
def push(pk: int) -> None:
    """Push news of one account to one browser, unless another task has just done so."""
    if (
        waiting := Push.objects.due(timezone.now())
        .select_related("subscription__user", "account")
        .filter(pk=pk)
        .first()
    ):
        pushing.push(waiting)


@shared_task
def leave_due() -> None:
    """Wake a try for every list that is still to be asked."""
    for pk in Unsubscription.objects.due(timezone.now()).values_list("pk", flat=True)[:_AT_ONCE]:
        wake("leave_list", pk)


@shared_task
def leave_list(pk: int) -> None:
    """Ask one list now to let somebody go."""
    if row := Unsubscription.objects.due(timezone.now()).filter(pk=pk).first():
        unsubscribe.post(row)


@shared_task
def wake_due() -> None:
    """Bring back the conversations whose sleep is over."""
    quiet.wake_due(timezone.now())


@shared_task
def empty_due() -> None:
    """Delete for ever what was in the trash or in spam for long enough."""
    emptying.empty_due(timezone.now())


@shared_task
def depart_due() -> None:
    """Delete those who asked for it, with all that is theirs."""
    for departure in Departure.objects.due(timezone.now()).select_related("user"):
        settling.settle_from(departure.user)
        departure.carry_out()
        audit.note(audit.What.PERSON_DELETED, about=departure.user.username)


@shared_task
def settle_due() -> None:
    """Bring the octets of accounts that were handed over under their new owners' names."""
    settling.settle_due()


@shared_task
def housekeeping() -> None:
    """Tidy up what nobody sees."""
    settling.settle_due()
    delivery.sweep()
    Deed.prune(timezone.now())
    Draft.prune(timezone.now())
    RetrievedUidl.prune(timezone.now())
    PullHour.count(timezone.now())
    PullLog.trim()
    StorageUsed.count(timezone.now())
    AuditEvent.prune(timezone.now())
    Thumbnail.prune(timezone.now())
    Document.prune(timezone.now())
    RemoteImage.trim(timezone.now())
    BulkAct.prune(timezone.now())
    Answering.prune(timezone.now())
    sessions.prune(timezone.now())
    Export.prune(timezone.now())
    MailImport.prune(timezone.now())
