"""Draft -> queue -> submission server. What was queued is never lost, and never sent twice without the person's word.

Queueing is one transaction: the octets, a row for the message, one for each recipient, the copy in Sent. Sending
claims the message, notes in the database that content octets are about to leave, and writes down an outcome for each
recipient. A worker that dies in between leaves that note behind: then nobody can know whether the server has the
message, and the person is asked.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.fields import UnreadableSecret
from accounts.hosts import HostRefused, HostUnknown
from accounts.models import Identity, MailAccount, SubmissionServer, Trouble, User
from mailbox import delivery, smtp
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
from mailbox.models import Draft, DraftFile, Folder, Message, Outgoing, Recipient
from mailbox.servers import smtp_server
from mailbox.uploads import sendable
from webmail import backoff
from webmail.celery import wake
from webmail.claims import ClaimLost

log = logging.getLogger(__name__)

# Minutes until the next try after the first, second … failure; then every hour (RFC 5321, 4.5.4.1).
_WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
GIVE_UP_AFTER = timedelta(hours=48)

type Header = Recipient.Header


class NoServer(Exception):
    """The account has no submission server that can be used, so nothing can leave from it."""


_TROUBLES = (smtp.SmtpError, HostRefused, HostUnknown, NoServer)


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
        attachments=[sendable(each) for each in draft.files.defer("octets")],
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
    return check_address(address, field=field).address


def _parent(draft: Draft) -> Parsed | None:
    """Return the message that is answered; a forwarded one is no parent."""
    if draft.parent is None or draft.kind == Draft.Kind.FORWARD:
        return None
    parsed = draft.parent.parsed()
    return parsed if parsed.header.message_id else None


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
    now = timezone.now()
    if not outgoing.claim(now, finished_at=None, due_at__lte=now):
        return False
    # What is written down here, the person reads later.
    with translation.override(getattr(outgoing.writer, "language", "") or settings.LANGUAGE_CODE):
        return _try(outgoing)


def _try(outgoing: Outgoing) -> bool:
    if outgoing.data_started_at:
        _note(outgoing, _uncertain(outgoing))
        return True
    try:
        _submit(outgoing)
    except ClaimLost:
        log.warning("%s was taken over by another worker", outgoing.message_id)
        return False
    except _TROUBLES as error:
        # A wrong password is not tried often: servers lock accounts for that.
        is_password_wrong = isinstance(error, smtp.Refused) and error.is_password_wrong
        _note_failure(outgoing, str(error), wait=_WAITS[-1] if is_password_wrong else None)
    except BaseException:
        _note_failure(outgoing, _("Something went wrong here, not at the server."))
        raise
    return True


def _submit(outgoing: Outgoing) -> None:
    server = SubmissionServer.objects.filter(account=outgoing.account_id).first()
    if server is None:
        raise NoServer(_("The account has no server for outgoing mail any more."))
    if isinstance(server.password, UnreadableSecret):
        raise NoServer(Trouble.PASSWORD_LOST.label)
    addresses = tuple(each.address for each in _undecided(outgoing))
    envelope = smtp.Envelope(outgoing.reverse_path, addresses, outgoing.original.octets)
    with smtp.Client.connect(smtp_server(server), local_hostname=_own_name()) as client:
        if server.login:
            client.login(server.login, server.password)
        outcomes = client.submit(envelope, on_data=outgoing.data_starts)
        # Before QUIT, which may take seconds: until this is written down a crash leaves the outcome uncertain.
        _note(outgoing, outcomes)


def _own_name() -> str | None:
    """Return what to call ourselves in EHLO: nobody believes "localhost", an address literal serves better."""
    return None if settings.HOSTNAME == "localhost" else settings.HOSTNAME


def _undecided(outgoing: Outgoing) -> QuerySet[Recipient]:
    return outgoing.recipients.filter(status__in=Recipient.UNDECIDED)


def _all(outgoing: Outgoing, status: smtp.Status, reply: str) -> list[smtp.Outcome]:
    return [smtp.Outcome(each.address, status, 0, reply) for each in _undecided(outgoing)]


def _uncertain(outgoing: Outgoing) -> list[smtp.Outcome]:
    words = _("The connection ended while the message was on its way, so nobody can say whether it arrived.")
    return _all(outgoing, smtp.Status.UNCERTAIN, words)


def _note_failure(outgoing: Outgoing, words: str, *, wait: timedelta | None = None) -> None:
    """Note a try that brought no outcomes: to be tried again, unless content octets have left."""
    outgoing.refresh_from_db(fields=["data_started_at"])
    is_late = outgoing.data_started_at is not None
    _note(outgoing, _uncertain(outgoing) if is_late else _all(outgoing, smtp.Status.DEFERRED, words), wait=wait)


def _note(outgoing: Outgoing, outcomes: Iterable[smtp.Outcome], *, wait: timedelta | None = None) -> None:
    """Write the outcomes down and give the claim back: all of it, or nothing when the claim was lost.

    What was deferred is due again after `wait`, by default longer with every attempt.
    """
    now = timezone.now()
    is_given_up = now - outgoing.queued_at >= GIVE_UP_AFTER and outgoing.attempt_count >= len(_WAITS)
    with transaction.atomic():
        for outcome in outcomes:
            _note_outcome(outgoing, outcome, now, is_given_up=is_given_up)
        due_at = _due_again(outgoing, now, wait or _WAITS[min(outgoing.attempt_count, len(_WAITS) - 1)])
        deferred = outgoing.recipients.filter(status=Recipient.Status.DEFERRED).first()
        if not outgoing.attempted(due_at=due_at, last_error=deferred.reply if deferred else ""):
            transaction.set_rollback(True)
            log.warning("%s was taken over by another worker", outgoing.message_id)


def _due_again(outgoing: Outgoing, now: datetime, wait: timedelta) -> datetime | None:
    """Return when the next try is due, or None when nothing is left to try."""
    statuses = set(_undecided(outgoing).values_list("status", flat=True))
    if Recipient.Status.QUEUED in statuses:
        # The person had these sent again while the others were being tried.
        return now
    return now + backoff.jittered(wait) if statuses else None


def _note_outcome(outgoing: Outgoing, outcome: smtp.Outcome, now: datetime, *, is_given_up: bool) -> None:
    status, reply = Recipient.Status(outcome.status.value), _reply(outcome)
    if is_given_up and status == Recipient.Status.DEFERRED:
        status, reply = Recipient.Status.REFUSED, _("Given up after two days. Last answer: %s") % reply
    rows = _undecided(outgoing).filter(address=outcome.recipient)
    rows.update(status=status, reply=reply[:2000], decided_at=now)


def _reply(outcome: smtp.Outcome) -> str:
    return f"{outcome.code} {outcome.reply}" if outcome.code else outcome.reply


# What the person decides ---------------------------------------------------------------------------------------------


class TooLate(Exception):
    """The message is being sent, or was."""


def retry(outgoing: Outgoing) -> None:
    """Make an undelivered message due at once."""
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
