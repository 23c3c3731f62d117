"""Answers that name no message, as some programs write them: what they answer is found by its subject (RFC 5256, 2.1).

A subject alone proves little: "Re: Hello" joins a conversation only where each of the two was written to, or by, who
wrote the other, and where less than a month lies between them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db.models import Q

from mailbox.mime.apart import unread
from mailbox.mime.parse import Header
from mailbox.mime.subject import base_subject, is_answer, reply_subject
from mailbox.models import THROWN_AWAY, Entry, Folder, Message

_APART = timedelta(days=30)
_LISTED = [folder for folder in Folder if folder not in THROWN_AWAY]
# So many conversations of one subject are looked into, the latest first, and so many messages in them.
_MOST_THREADS = 20
_MOST_MESSAGES = 50


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with whoever it is from and to, in small letters."""

    message: Message
    people: frozenset[str]
    names_nothing: bool
    """Whether it is an answer whose header does not say to what."""

    def meets(self, other: "Letter") -> bool:
        """Whether each of the two was written to, or by, the writer of the other."""
        writers = {self.message.sender_address.casefold(), other.message.sender_address.casefold()}
        return "" not in writers and writers <= self.people and writers <= other.people


def letter(message: Message, header: Header) -> Letter:
    """Return the letter that `message` with this `header` is."""
    names_nothing = not (header.references or header.in_reply_to) and is_answer(header.subject)
    everyone = (*header.from_, *header.sender, *header.reply_to, *header.to, *header.cc)
    return Letter(message, frozenset(each.address.casefold() for each in everyone), names_nothing)


def answered(account_id: int, letters: Sequence[Letter]) -> dict[str, tuple[str]]:
    """Return the Message-ID of what it answers for the key of each message that does so without naming it."""
    found = {}
    for each in letters:
        if each.names_nothing and (base := base_subject(each.message.subject)):
            candidates = [*_among(letters, each, base), *_stored(account_id, each, base)]
            met = [other.message for other in candidates if each.meets(other)]
            if met:
                found[each.message.key] = (min(met, key=partial(_order, each.message)).message_id,)
    return found


def _order(answer: Message, other: Message) -> tuple[bool, timedelta]:
    """What was there before an answer is likelier than what came after it, and the latest of that the likeliest."""
    return other.received_at > answer.received_at, _distance(answer, other)


def _distance(one: Message, other: Message) -> timedelta:
    return abs(one.received_at - other.received_at)


def _among(letters: Iterable[Letter], answer: Letter, base: str) -> Iterator[Letter]:
    """Yield what comes at the same time and is of the same subject."""
    for each in letters:
        if each is answer or not each.message.message_id or _distance(each.message, answer.message) > _APART:
            continue
        if base_subject(each.message.subject) == base:
            yield each


def _stored(account_id: int, answer: Letter, base: str) -> Iterator[Letter]:
    """Yield what is in a list of the account already."""
    at = answer.message.received_at
    # The database looks for the same end only: it cannot fold a subject as `base_subject` does.
    written = reply_subject(answer.message.subject).removeprefix("Re:").lstrip()
    alike = Entry.objects.filter(
        Q(subject__iendswith=written) | Q(subject__iendswith=base),
        account=account_id,
        folder__in=_LISTED,
        newest_at__range=(at - _APART, at + _APART),
    )
    lines = alike.order_by("-newest_at").values_list("thread", "subject")[:_MOST_THREADS]
    threads = {thread for thread, subject in lines if base_subject(subject) == base}
    if not threads:
        return
    messages = Message.objects.filter(thread__in=threads).exclude(message_id="").exclude(folder__in=THROWN_AWAY)
    for message in messages.select_related("original").order_by("-received_at")[:_MOST_MESSAGES]:
        yield letter(message, unread(message.octets).header)
