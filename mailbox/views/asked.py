"""What the reading screens ask about messages, each in one statement that is written once."""

from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import groupby

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404

from accounts.models import User
from mailbox.models import Attachment, Message, Original
from webmail.prepared import Prepared


def visible_message(user: User | AnonymousUser, key: str, *, with_document: bool = False) -> Message:
    """Return the message of that key, with its octets and what was made of them ahead if wanted; 404 to outsiders."""
    ask = _visible_with_document if with_document else _visible
    found = ask(user=user.pk, key=key) if user.pk else []
    if not found:
        raise Http404
    return found[0]


@Prepared
def _visible(user: int, key: str) -> QuerySet[Message]:
    return Message.objects.visible_to(User(pk=user)).filter(key=key)


@Prepared
def _visible_with_document(user: int, key: str) -> QuerySet[Message]:
    return _visible.build(user, key).select_related("original__document")


def load_originals(messages: Collection[Message]) -> None:
    """Give `messages` their octets, and what was made of them ahead. One query, none without messages."""
    wanted = [message.original_id for message in messages]
    found = {each.pk: each for each in _originals(pks=wanted)} if wanted else {}
    for message in messages:
        message.original = found[message.original_id]


@Prepared
def _originals(pks: list[int]) -> QuerySet[Original]:
    return Original.objects.filter(pk__in=pks).select_related("document")


class Attached:
    """The attachments of some messages with their thumbnails: one query, and only when those of any are wanted."""

    def __init__(self, messages: Collection[Message]) -> None:
        self._wanted = [message.pk for message in messages]

    def to(self, message: Message) -> Sequence[Attachment]:
        return self._found.get(message.pk, ())

    @cached_property
    def _found(self) -> dict[int, list[Attachment]]:
        rows = _attachments(messages=self._wanted) if self._wanted else []
        return {pk: list(run) for pk, run in groupby(rows, key=lambda row: row.message_id)}


@Prepared
def _attachments(messages: list[int]) -> QuerySet[Attachment]:
    return Attachment.objects.with_thumbnails().filter(message__in=messages).order_by("message", "part")
