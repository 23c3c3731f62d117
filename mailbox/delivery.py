"""The only door by which a message enters the database, whichever way it came.

`prepare` does the slow part (hash, compress, parse) before any lock is taken; `deliver` writes the rows in the
caller's transaction, so that what the caller adds (a unique-id, a queue row) commits with them or not at all.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DataError, connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import MailAccount, Membership
from mailbox import bounces, by_subject, feedback, labelling, quiet, search, seen, settling, team, threads
from mailbox.mime.apart import parse_apart, unread
from mailbox.mime.bounces import Bounce, read_bounce
from mailbox.mime.feedback import Feedback, read_feedback
from mailbox.mime.parse import Parsed, Part
from mailbox.mime.preview import preview
from mailbox.mime.references import thread_ids
from mailbox.models import (
    Attachment,
    Deposit,
    DraftFile,
    Folder,
    Message,
    Original,
    Outgoing,
    Sender,
    ThreadReference,
    rows,
)
from mailbox.models.original import sha256

log = logging.getLogger(__name__)

# A clock that runs ahead elsewhere must not pin its mail to the top of the list.
_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message that is ready to be stored."""

    original: Original
    message: Message
    attachments: tuple[Attachment, ...]
    thread_ids: tuple[str, ...]
    words: search.Words
    letter: by_subject.Letter | None = None
    bounce: Bounce | None = None
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message that is stored; `is_new` is False where the account had the same octets already."""

    message: Message
    is_new: bool


def prepare(
    account: MailAccount,
    octets: bytes,
    *,
    folder: Folder = Folder.INBOX,
    is_read: bool = False,
    received_at: datetime | None = None,
    stored_at: datetime | None = None,
    original: Original | None = None,
) -> Prepared:
    """Hash, compress and parse `octets` without touching the database. Never fails for what the octets hold.

    `original` is their row where they are stored already.

    `received_at` is when we received the message ourselves; without it the message's own trace and Date decide.
    `stored_at` is for a message that is derived again; without it this is the moment.
    """
    parsed, body = _read(octets)
    attachments = tuple(_attachment(part) for part in parsed.attachments)
    message = rows.unsaved(
        Message,
        account_id=account.pk,
        octets_count=len(octets),
        folder=folder,
        is_read=is_read,
        has_attachments=any(not each.is_inline for each in attachments),
        **_derived(parsed, body, received_at, stored_at or timezone.now()),
    )
    names = [each.file_name for each in attachments if not each.is_inline]
    return Prepared(
        original=original or Original.of(account.owner_id, octets),
        message=message,
        attachments=attachments,
        thread_ids=tuple(filter(None, (*thread_ids(parsed.header), parsed.header.message_id))),
        words=search.Words.of(people=_people(parsed), subject=parsed.header.subject, body="\n".join([body, *names])),
        letter=by_subject.letter(message, parsed.header),
        bounce=_report(read_bounce, parsed) if folder == Folder.INBOX else None,
        feedback=_report(read_feedback, parsed) if folder == Folder.INBOX else None,
    )


def _read(octets: bytes) -> tuple[Parsed, str]:
    """Return the values and the text of a message; a mistake of ours in reading it must not keep it out."""
    try:
        parsed = parse_apart(octets)
        return parsed, parsed.text()
    except Exception:
        log.exception("SHA-256 %s is stored unread", sha256(octets))
        return unread(octets), ""


def _report[R](read: Callable[[Parsed], R | None], parsed: Parsed) -> R | None:
    """Return what the message reports of one that was sent; a mistake of ours in reading it must not keep it out."""
    try:
        return read(parsed)
    except Exception:
        log.exception("Message-ID %s is not read as a report", parsed.header.message_id)
        return None


def deliver(account: MailAccount, arrivals: Sequence[Prepared]) -> list[Delivered]:
    """Store `arrivals` in `account`, in their order, within the caller's transaction.

    Octets that the account already has are not stored again: the message that holds them is returned. The number of
    queries does not depend on the number of messages.
    """
    assert connection.in_atomic_block, "deliver() commits with what its caller writes"
    try:
        with transaction.atomic():
            return _deliver(account, arrivals)
    except UNFIT:
        # One message must not keep the others out, and its octets are what counts.
        return [_deliver_alone(account, arrival) for arrival in arrivals]


# What a database says of a value that it cannot hold, or the driver before it is asked.
UNFIT = (DataError, ValueError)


def _deliver_alone(account: MailAccount, arrival: Prepared) -> Delivered:
    try:
        with transaction.atomic():
            return _deliver(account, [arrival])[0]
    except UNFIT:
        log.exception("SHA-256 %s is stored without what was read from it", arrival.original.sha256)
        with transaction.atomic():
            return _deliver(account, [_bare(arrival)])[0]


def _bare(arrival: Prepared) -> Prepared:
    """Return `arrival` with nothing but its octets and when it came."""
    kept = {name: getattr(arrival.message, name) for name in _NOT_READ}
    message = rows.unsaved(Message, received_at=kept["stored_at"], defects=["could not be read"], **kept)
    return Prepared(arrival.original, message, attachments=(), thread_ids=(), words=search.Words("", "", ""))


_NOT_READ = ("key", "account_id", "octets_count", "folder", "is_read", "stored_at")


def _deliver(account: MailAccount, arrivals: Sequence[Prepared]) -> list[Delivered]:
    held = _held(account)
    if held.former_owner_id or held.owner_id != account.owner_id:
        _follow_owner(held, arrivals)
    new_originals = _store_originals(held.owner_id, arrivals)
    stored = _stored_messages(account, [each for each in arrivals if each.message.original_id not in new_originals])
    new: dict[int, Prepared] = {}
    for arrival in arrivals:
        if arrival.message.original_id not in stored:
            new.setdefault(arrival.message.original_id, arrival)
    _store_messages(held, list(new.values()))
    if held.arrival_label:
        fresh = [each.message for each in new.values()]
        labelling.label_arrivals(held.owner_id, fresh, name=held.arrival_label)
    stored |= {original_id: arrival.message for original_id, arrival in new.items()}
    return [
        Delivered(stored[each.message.original_id], is_new=new.get(each.message.original_id) is each)
        for each in arrivals
    ]


def _held(account: MailAccount) -> MailAccount:
    """Return the account as it is now, and as it stays for this transaction; `is_shared` tells of members."""
    members = Membership.objects.filter(account=OuterRef("pk"))
    return MailAccount.objects.select_for_update(of=("self",)).annotate(is_shared=Exists(members)).get(pk=account.pk)


def _follow_owner(account: MailAccount, arrivals: Sequence[Prepared]) -> None:
    """Store under the new owner's name what was prepared for the former one, and find again what is under his."""
    for arrival in arrivals:
        arrival.original.owner_id = account.owner_id
    settling.settle_octets(account, {arrival.original.sha256 for arrival in arrivals})


def twin(account: MailAccount, arrival: Prepared) -> Message | None:
    """Return the message of `account` that is `arrival` under another header, as after a move to a new server.

    It has the same Message-ID, the same Date and the same body, octet for octet.
    """
    looks = arrival.message
    if not looks.message_id or not looks.dated_at:
        return None
    threads_of = ThreadReference.objects.filter(account=account, message_id=looks.message_id).values("thread")
    stored = Message.objects.filter(thread__in=threads_of, message_id=looks.message_id, dated_at=looks.dated_at)
    body = _body(arrival.original.octets)
    return next((each for each in stored.select_related("original")[:10] if _body(each.octets) == body), None)


def replace(account: MailAccount, stub: Message | None, arrival: Prepared) -> Message:
    """Put the whole message in the place of its stub, which keeps its key, its folder and its flags."""
    if stub is None or _stored_messages(account, [_stored_original(account, arrival)]):
        if stub:
            remove([stub])
        return deliver(account, [arrival])[0].message
    whole, outdated = arrival.message, stub.original_id
    for name in ("pk", "key", "thread_id", "folder", "trashed_from", "trashed_at", "is_read", "is_starred"):
        setattr(whole, name, getattr(stub, name))
    stub.attachments.all().delete()
    whole.save(force_update=True)
    _store_details([arrival])
    drop_unused([outdated])
    threads.refresh({whole.thread_id})
    return whole


def _stored_original(account: MailAccount, arrival: Prepared) -> Prepared:
    _store_originals(account.owner_id, [arrival])
    return arrival


def _body(octets: bytes) -> bytes:
    return octets.partition(b"\r\n\r\n")[2]


def remove(messages: Sequence[Message]) -> None:
    """Delete messages for ever, with their words and, where nothing else needs them, their octets. In a transaction."""
    search.remove([message.pk for message in messages])
    Message.objects.filter(pk__in=[message.pk for message in messages]).delete()
    drop_unused([message.original_id for message in messages])
    threads.refresh({message.thread_id for message in messages})


def drop_unused(originals: Sequence[int]) -> None:
    """Delete those of these octets that no message, maildrop, queue or draft needs any more."""
    Original.objects.filter(_UNUSED, pk__in=originals).delete()


def sweep() -> None:
    """Delete octets and words that a deleted account has left behind."""
    Original.objects.filter(_UNUSED).delete()
    search.sweep()


_UNUSED = ~Q(
    Exists(Message.objects.filter(original=OuterRef("pk")))
    | Exists(Deposit.objects.filter(original=OuterRef("pk")))
    | Exists(Outgoing.objects.filter(original=OuterRef("pk")))
    | Exists(DraftFile.objects.filter(original=OuterRef("pk")))
)


def _derived(parsed: Parsed, body: str, received_at: datetime | None, stored_at: datetime) -> dict[str, Any]:
    """Return the columns of a message that its octets tell."""
    header = parsed.header
    sender = next(iter(header.from_ or header.sender), None)
    return {
        "message_id": threads.fold_id(header.message_id),
        "sender_name": sender.name[:255] if sender else "",
        "sender_address": sender.address[:320] if sender else "",
        "recipient_names": [each.display[:100] for each in (*header.to, *header.cc)[:20]],
        "subject": header.subject,
        "preview": preview(body),
        "dated_at": header.date,
        "received_at": min(received_at or header.received_at or header.date or stored_at, stored_at + _AHEAD),
        "stored_at": stored_at,
        "defects": list(parsed.defects),
    }


def _attachment(part: Part) -> Attachment:
    return Attachment(
        part=part.index,
        file_name=part.file_name[:255],
        media_type=part.media_type[:127],
        octets_count=part.octets_count,
        content_id=part.content_id[:255],
        is_inline=part.is_inline,
    )


def _people(parsed: Parsed) -> str:
    header = parsed.header
    everyone = (*header.from_, *header.to, *header.cc, *header.bcc, *header.reply_to)
    return " ".join(f"{each.name} {each.address}" for each in everyone)


def _store_originals(owner_id: int, arrivals: Iterable[Prepared]) -> set[int]:
    """Store the octets that the person does not have yet, and point every message at its own. Return the new ones.

    Another account of the same person may store the same octets in this moment.
    """
    by_hash = {each.original.sha256: each.original for each in arrivals}
    new = Original.store(list(by_hash.values()))
    known = new | _stored_originals(owner_id, by_hash.keys() - new.keys())
    for arrival in arrivals:
        arrival.message.original_id = known[arrival.original.sha256]
    return set(new.values())


def _stored_originals(owner_id: int, hashes: Collection[str]) -> dict[str, int]:
    if not hashes:
        return {}
    return dict(Original.objects.filter(owner=owner_id, sha256__in=hashes).values_list("sha256", "pk"))


def _stored_messages(account: MailAccount, arrivals: Iterable[Prepared]) -> dict[int, Message]:
    originals = [each.message.original_id for each in arrivals]
    if not originals:
        return {}
    messages = Message.objects.filter(account=account, original__in=originals)
    return {message.original_id: message for message in messages}


def _store_messages(account: MailAccount, arrivals: Sequence[Prepared]) -> None:
    if not arrivals:
        return
    threads_of = threads.join(account.pk, _thread_ids(account.pk, arrivals))
    for arrival, thread_id in zip(arrivals, threads_of, strict=True):
        arrival.message.thread_id = thread_id
    quiet.meet([each.message for each in arrivals])
    _insert_messages([each.message for each in arrivals])
    _store_details(arrivals)
    bounces.note(account.owner_id, [(each.message, each.bounce) for each in arrivals if each.bounce])
    feedback.note(account.owner_id, [(each.message, each.feedback) for each in arrivals if each.feedback])
    if account.is_shared:  # type: ignore[attr-defined]  # annotated
        seen.arrived(each.message for each in arrivals)
    if account.is_team:
        team.meet(account.pk, [each.message for each in arrivals])
    threads.grow(account.pk, set(threads_of))


def _thread_ids(account_id: int, arrivals: Sequence[Prepared]) -> list[tuple[str, ...]]:
    """Return the ids that tell where each message belongs; an answer that names none has that of what it answers."""
    answered = by_subject.answered(account_id, [each.letter for each in arrivals if each.letter])
    return [(*each.thread_ids, *answered.get(each.message.key, ())) for each in arrivals]


def _insert_messages(messages: Sequence[Message]) -> None:
    stored = rows.insert_new(messages, by="key")
    for message in messages:
        message.pk = stored[message.key]
        message._state.adding = False


def _store_details(arrivals: Sequence[Prepared]) -> None:
    for arrival in arrivals:
        for attachment in arrival.attachments:
            attachment.message_id = arrival.message.pk
    rows.insert([each for arrival in arrivals for each in arrival.attachments])
    Sender.note(each.message for each in arrivals)
    search.index((each.message.pk, each.message.account_id, each.words) for each in arrivals)
