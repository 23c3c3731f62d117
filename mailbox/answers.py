"""From a message to the draft that answers or forwards it. Nothing is stored before the writer saves or sends."""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Identity, MailAccount, User
from accounts.senders import Sender, Senders
from mailbox import written_as
from mailbox.mime.addresses import Address
from mailbox.mime.compose import quoted
from mailbox.mime.outbound import quotable_text
from mailbox.mime.parse import Parsed, Part
from mailbox.mime.receivers import receivers
from mailbox.mime.subject import forward_subject, reply_subject
from mailbox.models import Draft, DraftFile, Folder, Message
from mailbox.uploads import refer

_NEEDS_QUOTES = re.compile(r'[()<>\[\]:;@\\,."]')
_QUOTED = re.compile(r'(["\\])')


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reply or a forwarded message holds before its writer has typed anything."""

    account: MailAccount
    kind: Draft.Kind
    parent: Message
    to: str = ""
    cc: str = ""
    subject: str = ""
    text: str = ""
    sender: str = ""
    """The address that received the parent; empty: that of the account's default identity."""
    parts: tuple[Part, ...] = field(default=(), repr=False)
    """What is forwarded with it."""

    def draft(self, key: str, writer: User) -> tuple[Draft, list[DraftFile]]:
        """The draft with its files as `store` would make them, but not stored."""
        columns = {"sender": self.sender, "to": self.to, "cc": self.cc, "subject": self.subject, "text": self.text}
        draft = Draft(key=key, writer=writer, account=self.account, kind=self.kind, parent=self.parent, **columns)
        files = [
            DraftFile(key=file_key(key, part.index), name=part.file_name, octets_count=part.octets_count)
            for part in self.parts
        ]
        return draft, files


def answer(parent: Message, kind: Draft.Kind, writer: User) -> Answer:
    """Return what an answer of this kind starts with.

    It leaves from the address that received the parent, unless the writer wants another one; of its account where
    `writer` may send from it, else of any other. Raises `MailAccount.DoesNotExist` for a writer who may send from none.
    """
    parsed = parent.parsed()
    senders = Senders.of(writer)
    sender = _received_by(parent, parsed, senders) or senders.default_of(sending_account(writer, parent.account))
    sender = _wished(writer, sender, senders)
    if kind == Draft.Kind.FORWARD:
        return _forward(parent, parsed, sender)
    to, cc = _recipients(parsed, writer, to_all=kind == Draft.Kind.REPLY_ALL)
    return Answer(
        account=sender.account,
        kind=kind,
        parent=parent,
        sender=sender.stored,
        to=written(to),
        cc=written(cc),
        subject=reply_subject(parsed.header.subject),
        text=f"\n\n{_signature_above(sender)}{quoted(quotable_text(parsed), attribution(parent))}",
    )


def _wished(writer: User, sender: Sender, senders: Senders) -> Sender:
    """The sender that `writer` wants his answers to leave from, if he chose one; others' accounts keep their own."""
    if not writer.answers_from or sender.account.owner_id != writer.pk:
        return sender
    return senders.typed(writer.answers_from, beside=sender) or sender


def blank_text(account: MailAccount) -> str:
    """What a new message starts with: room to write, and the signature below."""
    signature = _signature(account.default_identity())
    return f"\n\n{signature}" if signature else ""


def sending_account(writer: User, preferred: MailAccount | None = None) -> MailAccount:
    """The account a message of `writer` leaves from: the preferred one if allowed, else his first.

    Raises `MailAccount.DoesNotExist` for a writer who may send from none.
    """
    usable = MailAccount.objects.usable_for_sending_by(writer)
    found = preferred and usable.filter(pk=preferred.pk).first()
    chosen = found or usable.first()
    if chosen is None:
        raise MailAccount.DoesNotExist
    return chosen


def own_addresses(writer: User, among: Iterable[Address]) -> frozenset[str]:
    """Which of these addresses `writer` sends or receives under, in small letters."""
    usable = MailAccount.objects.usable_for_sending_by(writer).values("pk")
    accounts = MailAccount.objects.filter(Q(owner=writer) | Q(pk__in=usable))
    return Senders.of(writer, accounts=accounts).own({each.address.lower() for each in among})


def written(addresses: Iterable[Address]) -> str:
    """The addresses as a person would type them, names in quotes where they hold special characters."""
    return ", ".join(_written(each) for each in addresses)


def file_key(draft_key: str, part: int) -> str:
    """The key under which a part of the parent is kept with its draft: known before either is stored."""
    digest = hashlib.sha256(f"{draft_key} {part}".encode()).digest()
    return urlsafe_b64encode(digest[:12]).decode("ascii")


@transaction.atomic
def store(key: str, writer: User, account: MailAccount, *, kind: Draft.Kind, parent: Message | None) -> Draft:
    """Return the draft of that key, made now with the files that it forwards where there is none yet.

    Two requests may store the same draft at once; they get the same row, and it may be another person's.
    """
    start = {"writer": writer, "account": account, "kind": kind, "parent": parent}
    draft, is_new = Draft.objects.get_or_create(key=key, defaults=start)
    if is_new and parent and kind == Draft.Kind.FORWARD and _is_held(parent):
        for part in parent.parsed().attachments:
            refer(draft, parent.original_id, part, key=file_key(key, part.index))
    return draft


def _is_held(message: Message) -> bool:
    """Keep a message, and so its octets, from being deleted before this transaction ends; False if it is gone."""
    return Message.objects.select_for_update().filter(pk=message.pk).exists()


def _received_by(parent: Message, parsed: Parsed, senders: Senders) -> Sender | None:
    """Under which address the writer got the parent, or wrote it himself; None where nothing tells.

    What was chosen for an answer since then counts for the next one too.
    """
    if Folder.SENT in (parent.folder, parent.trashed_from):
        return senders.first_at(parent.account, [each.address for each in parsed.header.from_])
    used, is_since = written_as.in_conversation(parent, senders)
    return used if used and is_since else senders.first_at(parent.account, receivers(parsed.header)) or used


def _recipients(parsed: Parsed, writer: User, *, to_all: bool) -> tuple[list[Address], list[Address]]:
    """To and Cc of a reply: who wrote, or to whom I wrote where the parent is my own."""
    header = parsed.header
    own = own_addresses(writer, (*header.reply_to, *header.from_, *header.to, *header.cc))
    authors = _others(header.reply_to, own) or _others(header.from_, own)
    to = authors or _others(header.to, own) or _others(header.reply_to or header.from_, frozenset())
    if not to_all:
        return to, []
    to = _others([*to, *header.to], own) or to
    return to, _others(header.cc, own | {each.address.lower() for each in to})


def _others(addresses: Iterable[Address], without: frozenset[str]) -> list[Address]:
    """The addresses but those in `without`, each once."""
    found: dict[str, Address] = {}
    for each in addresses:
        folded = each.address.lower()
        if folded and folded not in without:
            found.setdefault(folded, each)
    return list(found.values())


def _forward(parent: Message, parsed: Parsed, sender: Sender) -> Answer:
    return Answer(
        account=sender.account,
        kind=Draft.Kind.FORWARD,
        parent=parent,
        sender=sender.stored,
        subject=forward_subject(parsed.header.subject),
        text=f"\n\n{_signature_above(sender)}{header_block(parent, parsed)}\n\n{quotable_text(parsed)}",
        parts=parsed.attachments,
    )


def header_block(parent: Message, parsed: Parsed) -> str:
    header = parsed.header
    lines = [
        (_("From"), written(header.from_)),
        (_("Date"), _moment(parent)),
        (_("Subject"), header.subject),
        (_("To"), written(header.to)),
        (_("Cc"), written(header.cc)),
    ]
    block = [f"{name}: {value}" for name, value in lines if value]
    title = _("Forwarded message")
    return "\n".join([f"---------- {title} ----------", *block])


def attribution(parent: Message) -> str:
    """The line above a quotation; without the author's name where there is none."""
    if not parent.sender:
        return _("On %(moment)s somebody wrote:") % {"moment": _moment(parent)}
    return _("On %(moment)s, %(name)s wrote:") % {"moment": _moment(parent), "name": parent.sender}


def _moment(parent: Message) -> str:
    moment = timezone.localtime(parent.written_at())
    day = date_format(moment, pgettext("date format, as in: Mon 3 Nov 2025", "D j M Y"))
    return pgettext("moment", "%(day)s at %(time)s") % {"day": day, "time": f"{moment:%H:%M}"}


def _signature(identity: Identity | None) -> str:
    """The signature below its mark, the dashes and the blank that other clients look for (RFC 3676, 4.3)."""
    signature = identity.signature.strip() if identity else ""
    return f"-- \n{signature}\n" if signature else ""


def _signature_above(sender: Sender) -> str:
    signature = _signature(sender.identity)
    return f"{signature}\n" if signature else ""


def _written(address: Address) -> str:
    if not address.name:
        return address.address
    name = address.name
    if _NEEDS_QUOTES.search(name):
        name = '"' + _QUOTED.sub(r"\\\1", name) + '"'
    return f"{name} <{address.address}>" if address.address else name
