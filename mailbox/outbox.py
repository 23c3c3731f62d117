"""Draft -> queue -> submission server. What was queued is never lost, and never sent twice without the person's word.

Queueing is one transaction: the octets, a row for the message, one for each recipient, the copy in Sent. Sending
claims the message, notes in the database that content octets are about to leave, and writes down an outcome for each
recipient. A worker that dies in between leaves that note behind: then nobody can know whether the server has the
message, and the person is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import MailAccount, SubmissionServer, User
from accounts.senders import Sender, Senders
from mailbox import contacts, delivery, redraft, rich, smtp
from mailbox.mime.compose import (
    Address,
    Problem,
    Unfit,
    build,
    check_address,
    new_message_id,
    parse_recipients,
)
from mailbox.mime.parse import Parsed, parse
from mailbox.mime.references import thread_ids
from mailbox.models import Draft, Outgoing, Recipient
from mailbox.scheduling import TooLate
from mailbox.sending import copies, rounds
from mailbox.sending.courier import NoServer
from mailbox.uploads import sendable
from webmail.celery import wake, wake_at

type Header = Recipient.Header


# Queueing ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message that is ready to be queued; its octets are let go before its rows are written."""

    copy: delivery.Prepared
    reverse_path: str
    recipients: dict[str, Header]
    people: tuple[Address, ...] = ()
    """Whom the writer named, as he typed them."""


def queue(draft: Draft, *, send_at: datetime | None = None, hold: timedelta = timedelta(0)) -> Outgoing:
    """Turn `draft` into a queued message that leaves at `send_at`, else when it was held for `hold`.

    Until `send_at` there is no copy in Sent, and Date names that time: for whoever reads it, it was written then. The
    draft is out of sight afterwards, and deleted some time after the message has left.

    Raises Unfit, whose `field` is "to", "cc", "bcc", "subject", "text" or "files", and NoServer; the draft stays then.
    Raises Draft.DoesNotExist, and queues nothing, when the draft was queued or discarded meanwhile.
    """
    now = timezone.now()
    is_scheduled = send_at is not None and send_at > now
    due_at = send_at if send_at and is_scheduled else now + hold
    parcel = _parcel(draft, date=timezone.localtime(due_at if is_scheduled else now))
    with transaction.atomic():
        outgoing = _enqueue(draft.account, draft.writer, parcel, due_at=due_at, is_scheduled=is_scheduled)
        redraft.keep(draft, outgoing)
    return outgoing


def queue_octets(
    account: MailAccount, writer: User, octets: bytes, *, reverse_path: str, recipients: Iterable[str]
) -> Outgoing:
    """Queue a finished message, as sendmail(8) takes it. Raises Unfit and NoServer.

    Recipients that stand neither in To nor in Cc count as Bcc.
    """
    shown = parse(octets).header
    named: dict[Header, Sequence[Address]] = {Recipient.Header.TO: shown.to, Recipient.Header.CC: shown.cc}
    headers = {each.address.lower(): header for header in reversed(named) for each in named[header]}
    addressed: dict[Header, list[Address]] = {header: [] for header in Recipient.Header}
    for each in recipients:
        addressed[headers.get(each.lower(), Recipient.Header.BCC)].append(Address("", each))
    parcel = _packed(account, smtp.canonical(octets), _reverse(reverse_path), _envelope(addressed))
    with transaction.atomic():
        return _enqueue(account, writer, parcel, due_at=timezone.now())


def _parcel(draft: Draft, *, date: datetime) -> Parcel:
    account = draft.account
    sender = _sender(draft)
    to, cc, bcc = (_typed(draft, header) for header in Recipient.Header)
    parent = _parent(draft)
    octets = build(
        sender=Address(sender.identity.name, sender.address),
        to=to,
        cc=cc,
        subject=draft.subject,
        text=draft.text,
        html=rich.document_of(draft),
        date=date,
        message_id=new_message_id(sender.address.rpartition("@")[2]),
        in_reply_to=parent.header.message_id if parent else "",
        references=(*thread_ids(parent.header), parent.header.message_id) if parent else (),
        attachments=[sendable(each) for each in rich.files_to_send(draft)],
        # What the server does not know it refuses, in words that stand in the outbox.
        smtputf8=True,
    )
    recipients = _envelope({Recipient.Header.TO: to, Recipient.Header.CC: cc, Recipient.Header.BCC: bcc})
    reverse_path = _on_wire(Address("", sender.address), "from")
    return _packed(account, octets, reverse_path, recipients, people=(*to, *cc, *bcc))


def _packed(
    account: MailAccount,
    octets: bytes,
    reverse_path: str,
    recipients: dict[str, Header],
    *,
    people: tuple[Address, ...] = (),
) -> Parcel:
    if not SubmissionServer.objects.filter(account=account).exists():
        raise NoServer(account.address)
    if not recipients:
        raise Unfit("to", Problem.NO_RECIPIENT)
    if len(octets) > settings.MESSAGE_OCTETS_LIMIT:
        raise Unfit("files", Problem.TOO_LARGE, str(settings.MESSAGE_OCTETS_LIMIT // 2**20))
    return Parcel(copies.prepared(account, octets), reverse_path, recipients, people)


def _envelope(named: Mapping[Header, Sequence[Address]]) -> dict[str, Header]:
    """Return whom the message goes to, each once, with the first header that names them. Raises Unfit."""
    found: dict[str, tuple[str, Header]] = {}
    for header, addresses in named.items():
        for each in addresses:
            on_wire = _on_wire(each, header)
            found.setdefault(on_wire.lower(), (on_wire, header))
    return dict(found.values())


def addressed(draft: Draft) -> None:
    """Raise Unfit where the draft cannot leave for want of a good address, before anything else is asked about it."""
    if not _envelope({header: _typed(draft, header) for header in Recipient.Header}):
        raise Unfit("to", Problem.NO_RECIPIENT)


def _sender(draft: Draft) -> Sender:
    """Whom the message is from; an address that was the writer's once is not taken any more. Raises Unfit."""
    found = Senders.of(draft.writer, accounts=[draft.account]).at(draft.account, draft.sender)
    if found is None:
        raise Unfit("from", Problem.NOT_YOURS, draft.sender)
    return found


def _typed(draft: Draft, field: str) -> tuple[Address, ...]:
    try:
        return parse_recipients(getattr(draft, field))
    except Unfit as error:
        raise Unfit(field, error.problem, error.value) from error


def _on_wire(address: Address, field: str) -> str:
    return check_address(address, field=field, smtputf8=True).address


def _reverse(path: str) -> str:
    """Return the reverse path as it goes on the wire; an empty one wants nothing back (RFC 5321, 4.5.5)."""
    return _on_wire(Address("", path), "from") if path else ""


def _parent(draft: Draft) -> Parsed | None:
    """Return the message that is answered; a forwarded one is no parent."""
    if draft.parent is None or draft.kind == Draft.Kind.FORWARD:
        return None
    parsed = draft.parent.parsed()
    return parsed if parsed.header.message_id else None


def _enqueue(
    account: MailAccount,
    writer: User,
    parcel: Parcel,
    *,
    due_at: datetime,
    is_scheduled: bool = False,
) -> Outgoing:
    if is_scheduled:
        copy, original_id = None, parcel.copy.original.kept().pk
    else:
        copy, original_id = copies.store(account, parcel.copy)
    outgoing = Outgoing.objects.create(
        account=account,
        writer=writer,
        original_id=original_id,
        sent_copy=copy,
        message_id=parcel.copy.message.message_id,
        subject=parcel.copy.message.subject,
        reverse_path=parcel.reverse_path,
        # Its two days begin when it may leave.
        queued_at=due_at,
        due_at=due_at,
        is_scheduled=is_scheduled,
    )
    Recipient.objects.bulk_create(
        Recipient(outgoing=outgoing, address=address, header=header) for address, header in parcel.recipients.items()
    )
    contacts.learn(writer, parcel.people, timezone.now())
    if due_at > timezone.now():
        wake_at(due_at, "send", outgoing.pk)
    else:
        wake("send", outgoing.pk)
    return outgoing


# Sending -------------------------------------------------------------------------------------------------------------


def send(outgoing: Outgoing) -> bool:
    """Try once to submit `outgoing` to its server, and note what became of it.

    False when it was not free or not due, or when another worker took it over.
    """
    return rounds.send_one(outgoing)


# What the person decides ---------------------------------------------------------------------------------------------


def retry(outgoing: Outgoing) -> None:
    """Make an undelivered message due at once, also where its server is left alone for a while."""
    for server in SubmissionServer.objects.filter(account=outgoing.account_id):
        server.let_go()
    Outgoing.objects.filter(pk=outgoing.pk, finished_at=None).update(due_at=timezone.now())
    wake("send", outgoing.pk)


def retry_all(account: MailAccount) -> None:
    """Make due at once what has waited for the account's server, as what that turned down may be cured.

    What its writer holds back, or has set a later time for, keeps its time.
    """
    now = timezone.now()
    for server in SubmissionServer.objects.filter(account=account):
        server.let_go()
    waiting = Outgoing.objects.filter(account=account, finished_at=None, queued_at__lte=now)
    waiting.filter(due_at__gt=now).update(due_at=now)
    if first := waiting.first():
        wake("send", first.pk)


def settle(outgoing: Outgoing, *, arrived: bool) -> None:
    """Take the person's word on recipients whose outcome is uncertain: it arrived, or send it again."""
    seen(outgoing)
    uncertain = outgoing.recipients.filter(status=Recipient.Status.UNCERTAIN)
    if arrived:
        uncertain.update(status=Recipient.Status.ACCEPTED, decided_at=timezone.now())
        return
    with transaction.atomic():
        if uncertain.update(status=Recipient.Status.QUEUED, reply="", decided_at=None):
            # It has waited for the person, not for the server: the two days start again.
            now = timezone.now()
            Outgoing.objects.filter(pk=outgoing.pk).update(finished_at=None, queued_at=now, due_at=now)
            wake("send", outgoing.pk)


def seen(outgoing: Outgoing) -> None:
    """The person knows what went wrong with the message, and need not be reminded of it."""
    Outgoing.objects.filter(pk=outgoing.pk).update(troubled_at=None)


@transaction.atomic
def cancel(outgoing: Outgoing) -> Draft:
    """Take a message that no server has accepted out of the queue, and make it a draft again. Raises TooLate.

    Of this and a worker that takes the message at the same moment, one finds the row changed or gone.
    """
    if not outgoing.claim(timezone.now(), finished_at=None, data_started_at=None):
        raise TooLate
    if outgoing.recipients.exclude(status__in=Recipient.UNDECIDED).exists():
        raise TooLate
    draft = redraft.again(outgoing)
    Outgoing.objects.filter(pk=outgoing.pk).delete()
    if outgoing.sent_copy:
        delivery.remove([outgoing.sent_copy])
    else:
        delivery.drop_unused([outgoing.original_id])
    return draft
