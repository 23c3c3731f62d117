"""Draft -> queue -> submission server. What was queued is never lost, and never sent twice without the person's word.

Queueing is one transaction: the octets, a row for the message, one for each recipient, the copy in Sent. Sending
claims the message, notes in the database that content octets are about to leave, and writes down an outcome for each
recipient. A worker that dies in between leaves that note behind: then nobody can know whether the server has the
message, and the person is asked.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Identity, MailAccount, SubmissionServer, User
from mailbox import delivery, smtp
from mailbox.mime.compose import (
    Address,
    File,
    Problem,
    Unfit,
    build,
    check_address,
    new_message_id,
    parse_recipients,
)
from mailbox.mime.parse import Parsed, parse
from mailbox.mime.references import thread_ids
from mailbox.models import Draft, DraftFile, Folder, Message, Outgoing, Recipient
from mailbox.sending import rounds
from mailbox.sending.courier import NoServer
from webmail.celery import wake

log = logging.getLogger(__name__)

type Header = Recipient.Header


# Queueing ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message that is ready to be queued."""

    octets: bytes
    reverse_path: str
    recipients: dict[str, Header]


def queue(draft: Draft, *, send_at: datetime | None = None) -> Outgoing:
    """Turn `draft` into a queued message that leaves at `send_at`, or at once. The draft is gone afterwards.

    Raises Unfit, whose `field` is "to", "cc", "bcc", "subject", "text" or "files", and NoServer; the draft stays then.
    Raises Draft.DoesNotExist, and queues nothing, when the draft was queued or discarded meanwhile.
    """
    parcel = _parcel(draft)
    prepared = _prepare_copy(draft.account, parcel)
    with transaction.atomic():
        _use_up(draft)
        return _enqueue(draft.account, draft.writer, parcel, prepared, send_at=send_at)


def _use_up(draft: Draft) -> None:
    """Delete the draft: of two that queue it at once, one must find it gone."""
    deleted = draft.delete()[1]
    if not deleted.get(Draft._meta.label):
        raise Draft.DoesNotExist


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
    parcel = Parcel(smtp.canonical(octets), _on_wire(Address("", reverse_path), "from"), _envelope(addressed))
    _check(account, parcel)
    prepared = _prepare_copy(account, parcel)
    with transaction.atomic():
        return _enqueue(account, writer, parcel, prepared, send_at=None)


def _parcel(draft: Draft) -> Parcel:
    account = draft.account
    identity = account.default_identity() or Identity(account=account, address=account.address)
    to, cc, bcc = (_typed(draft, field) for field in ("to", "cc", "bcc"))
    parent = _parent(draft)
    octets = build(
        sender=Address(identity.name, identity.address),
        to=to,
        cc=cc,
        subject=draft.subject,
        text=draft.text,
        date=timezone.localtime(),
        message_id=new_message_id(account.domain),
        in_reply_to=parent.header.message_id if parent else "",
        references=(*thread_ids(parent.header), parent.header.message_id) if parent else (),
        attachments=[_file(each) for each in draft.files.all()],
        # What the server does not know it refuses, in words that stand in the outbox.
        smtputf8=True,
    )
    recipients = _envelope({Recipient.Header.TO: to, Recipient.Header.CC: cc, Recipient.Header.BCC: bcc})
    parcel = Parcel(octets, _on_wire(Address("", identity.address), "from"), recipients)
    _check(account, parcel)
    return parcel


def _envelope(named: Mapping[Header, Sequence[Address]]) -> dict[str, Header]:
    """Return whom the message goes to, each once, with the first header that names them. Raises Unfit."""
    found: dict[str, tuple[str, Header]] = {}
    for header, addresses in named.items():
        for each in addresses:
            on_wire = _on_wire(each, header)
            found.setdefault(on_wire.lower(), (on_wire, header))
    return dict(found.values())


def _typed(draft: Draft, field: str) -> tuple[Address, ...]:
    try:
        return parse_recipients(getattr(draft, field))
    except Unfit as error:
        raise Unfit(field, error.problem, error.value) from error


def _on_wire(address: Address, field: str) -> str:
    return check_address(address, field=field, smtputf8=True).address


def _parent(draft: Draft) -> Parsed | None:
    """Return the message that is answered; a forwarded one is no parent."""
    if draft.parent is None or draft.kind == Draft.Kind.FORWARD:
        return None
    parsed = draft.parent.parsed()
    return parsed if parsed.header.message_id else None


def _file(file: DraftFile) -> File:
    return File(file.name, file.media_type, bytes(file.octets))


def _check(account: MailAccount, parcel: Parcel) -> None:
    if not SubmissionServer.objects.filter(account=account).exists():
        raise NoServer(account.address)
    if not parcel.recipients:
        raise Unfit("to", Problem.NO_RECIPIENT)
    if len(parcel.octets) > settings.MESSAGE_OCTETS_LIMIT:
        raise Unfit("files", Problem.TOO_LARGE, str(settings.MESSAGE_OCTETS_LIMIT // 2**20))


def _prepare_copy(account: MailAccount, parcel: Parcel) -> delivery.Prepared:
    return delivery.prepare(account, parcel.octets, folder=Folder.SENT, is_read=True, received_at=timezone.now())


def _enqueue(
    account: MailAccount, writer: User, parcel: Parcel, prepared: delivery.Prepared, *, send_at: datetime | None
) -> Outgoing:
    now = timezone.now()
    [delivered] = delivery.deliver(account, [prepared])
    message = delivered.message
    outgoing = Outgoing.objects.create(
        account=account,
        writer=writer,
        original_id=message.original_id,
        # A message with the same octets that was here before is nobody's to take back when this one is cancelled.
        sent_copy=message if delivered.is_new else None,
        message_id=message.message_id,
        subject=message.subject,
        reverse_path=parcel.reverse_path,
        # Its two days begin when it may leave.
        queued_at=max(send_at or now, now),
        due_at=send_at or now,
    )
    Recipient.objects.bulk_create(
        Recipient(outgoing=outgoing, address=address, header=header) for address, header in parcel.recipients.items()
    )
    if send_at is None or send_at <= now:
        wake("send", outgoing.pk)
    return outgoing


# Sending -------------------------------------------------------------------------------------------------------------


def send(outgoing: Outgoing) -> bool:
    """Try once to submit `outgoing` to its server, and note what became of it.

    False when it was not free or not due, or when another worker took it over.
    """
    return rounds.send_one(outgoing)


# What the person decides ---------------------------------------------------------------------------------------------


class TooLate(Exception):
    """The message is being sent, or was."""


def retry(outgoing: Outgoing) -> None:
    """Make an undelivered message due at once, also where its server is left alone for a while."""
    for server in SubmissionServer.objects.filter(account=outgoing.account_id):
        server.let_go()
    Outgoing.objects.filter(pk=outgoing.pk, finished_at=None).update(due_at=timezone.now())
    wake("send", outgoing.pk)


def settle(outgoing: Outgoing, *, arrived: bool) -> None:
    """Take the person's word on recipients whose outcome is uncertain: it arrived, or send it again."""
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


def cancel(outgoing: Outgoing) -> Draft:
    """Take a message that no server has accepted out of the queue, and make it a draft again. Raises TooLate."""
    if not outgoing.claim(timezone.now(), finished_at=None, data_started_at=None):
        raise TooLate
    try:
        return _take_back(outgoing)
    except BaseException:
        outgoing.release()
        raise


@transaction.atomic
def _take_back(outgoing: Outgoing) -> Draft:
    if outgoing.recipients.exclude(status__in=Recipient.UNDECIDED).exists():
        raise TooLate
    draft = _draft_again(outgoing)
    Outgoing.objects.filter(pk=outgoing.pk).delete()
    if outgoing.sent_copy:
        delivery.remove([outgoing.sent_copy])
    else:
        delivery.drop_unused([outgoing.original_id])
    return draft


def _draft_again(outgoing: Outgoing) -> Draft:
    parsed = parse(outgoing.original.octets)
    names = {each.address.lower(): each for each in (*parsed.header.to, *parsed.header.cc)}
    typed: dict[str, list[str]] = {}
    for recipient in outgoing.recipients.all():
        shown = names.get(recipient.address.lower(), Address("", recipient.address))
        typed.setdefault(recipient.header, []).append(_as_typed(shown))
    parent = Message.objects.filter(account=outgoing.account_id, message_id__in=parsed.header.in_reply_to[:1]).first()
    body = (len(parsed.readable) == 1 and parsed.plain) or parsed  # which alone would stop at a limit
    draft = Draft.objects.create(
        writer=outgoing.writer or outgoing.account.owner,
        account=outgoing.account,
        kind=Draft.Kind.REPLY if parent else Draft.Kind.NEW,
        parent=parent,
        subject=parsed.header.subject,
        text=body.text().removesuffix("\n"),
        **{header: ", ".join(addresses) for header, addresses in typed.items()},
    )
    for part in parsed.attachments:
        octets = part.content()
        DraftFile.objects.create(
            draft=draft, name=part.file_name, media_type=part.media_type, octets_count=len(octets), octets=octets
        )
    return draft


def _as_typed(address: Address) -> str:
    name = address.name.replace('"', "").replace("\\", "")
    return f'"{name}" <{address.address}>' if name else address.address
