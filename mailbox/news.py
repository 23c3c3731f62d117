"""New mail that somebody wants to hear of: which, and in what words. Telling costs a pull one question to the database.

What is to be pushed is noted in the transaction that stores the mail, and pushed after it (`pushing`).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import MailAccount, User
from mailbox import seen
from mailbox.models import Entry, Folder, Message, NotificationChoice, Push, PushSubscription
from webmail.celery import wake_at
from webmail.prepared import Prepared

_TITLE, _LINE = 60, 100
# An open page shows no more notifications at once, and looks no deeper into the inbox for them.
_AT_ONCE, _LOOKED_AT = 5, 20


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notification shows, and where it leads; another one with its `tag` takes its place."""

    title: str
    body: str
    url: str
    tag: str
    lang: str

    def octets(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def is_news(message: Message) -> bool:
    return message.folder == Folder.INBOX and not message.is_read


def note(account: MailAccount, messages: Iterable[Message]) -> None:
    """Note those of `messages`, just stored in `account`, for the browsers that want to hear of them.

    In the transaction that stores them: what is not committed is not told.
    """
    fresh = [message for message in messages if is_news(message)]
    if not fresh:
        return
    now = timezone.now()
    for subscription in _subscriptions(account=account.pk, owner=account.owner_id):
        waiting = Push.add(subscription, fresh, now)
        wake_at(waiting.due_at, "push", waiting.pk)


@Prepared
def _subscriptions(account: int, owner: int) -> QuerySet[PushSubscription]:
    return PushSubscription.objects.of_readers(MailAccount(pk=account, owner_id=owner))


def notice_of(waiting: Push) -> Notice | None:
    """Return what to tell of the news in a row; None where the person has read them meanwhile."""
    user, account = waiting.subscription.user, waiting.account
    if account.owner_id != user.pk and not MailAccount.objects.listed_for(user).filter(pk=account.pk).exists():
        return None
    found = {message.pk: message for message in Message.objects.filter(pk__in=waiting.message_pks)}
    messages = _still_news(user, account, [found[pk] for pk in waiting.message_pks[: waiting.count] if pk in found])
    if not messages:
        return None
    gone = min(waiting.count, len(waiting.message_pks)) - len(messages)
    return notice(user, account, messages, waiting.count - gone)


def _still_news(user: User, account: MailAccount, messages: Sequence[Message]) -> list[Message]:
    """Return what `user` has not read of `messages` in the inbox of `account`, which may be another person's."""
    if account.owner_id == user.pk:
        return [message for message in messages if is_news(message)]
    since = seen.since_when(user.pk, [message.thread_id for message in messages])
    here = [message for message in messages if message.folder == Folder.INBOX]
    return [each for each in here if seen.is_unread(each.folder, each.received_at, since.get(each.thread_id))]


def notice(user: User, account: MailAccount, messages: Sequence[Message], count: int) -> Notice:
    """Return what to tell `user` of `count` new messages in `account`, of which `messages` are the newest."""
    language = user.language or settings.LANGUAGE_CODE
    with translation.override(language):
        title, lines = _words(messages, count, is_discreet=NotificationChoice.of(user).is_discreet)
        if MailAccount.objects.visible_to(user).count() > 1:
            lines.append(account.name)
        one = messages[0].key if count == 1 else ""
        url = reverse("conversation", args=[one]) if one else f"{reverse('inbox')}?account={account.key}"
    return Notice(
        _short(title, _TITLE), "\n".join(_short(line, _LINE) for line in lines), url, one or account.key, language
    )


def _words(messages: Sequence[Message], count: int, *, is_discreet: bool) -> tuple[str, list[str]]:
    """Return the title and the lines below it."""
    counted = ngettext("%(count)s new message", "%(count)s new messages", count) % {"count": count}
    if is_discreet:
        return _("New mail"), [counted] if count > 1 else []
    subjects = [message.subject or _("(no subject)") for message in messages]
    if count == 1:
        return messages[0].sender or _("Unknown sender"), subjects[:1]
    return counted, [f"{message.sender}: {subject}" for message, subject in zip(messages, subjects, strict=True)]


def _short(text: str, most: int) -> str:
    """One line of printable characters: what turns the direction of text around is none."""
    plain = "".join(character for character in " ".join(text.split()) if character.isprintable())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def came_since(user: User, since: datetime) -> list[Notice]:
    """Return a notice for each message that came to the top of `user`'s inbox after `since`, the oldest first."""
    choice = NotificationChoice.of(user)
    silenced = choice.silenced.values_list("pk", flat=True) if choice.pk else []
    found: list[tuple[Message, MailAccount]] = []
    for account in MailAccount.objects.listed_for(user).exclude(pk__in=list(silenced)):
        found += [(message, account) for message in _latest(user, account, since)]
    found.sort(key=lambda pair: pair[0].stored_at)
    return [notice(user, account, [message], 1) for message, account in found[-_AT_ONCE:]]


def _latest(user: User, account: MailAccount, since: datetime) -> list[Message]:
    """Read the top of the inbox as its list does: messages have no index by when they were stored."""
    top = Entry.objects.filter(account=account, folder=Folder.INBOX).order_by("-newest_at", "-id")
    keys = list(top.values_list("key", flat=True)[:_LOOKED_AT])
    fresh = Message.objects.filter(key__in=keys, stored_at__gt=since, folder=Folder.INBOX)
    return _still_news(user, account, list(fresh))
