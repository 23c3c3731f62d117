"""The buttons of a conversation: what can be done with it, by the state that it is in."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mailbox.models import THROWN_AWAY, Folder, Message


@dataclass(frozen=True)
class Offer:
    """One button: a verb of `actions.VERBS`, its drawing and its words; or a link to what is to be chosen first."""

    verb: str
    icon: str
    label: str
    is_on: bool = False
    asks: bool = False
    """Whether it leads to `choices` instead of doing something."""


def offers(folders: Collection[str], *, is_unread: bool, is_starred: bool) -> tuple[Offer, ...]:
    """Return the buttons of a line whose conversation has messages in `folders`, in the reader's language."""
    marks = (_reading(is_unread=is_unread), _starring(is_starred=is_starred))
    return (*_moves(folders), *marks, *_sleeping(folders), _more())


def offers_of(messages: Collection[Message], *, is_done: bool | None = None) -> tuple[Offer, ...]:
    """Return the buttons above the conversation of these messages; a team's knows whether it is done."""
    folders = {message.folder for message in messages}
    reading = _reading(is_unread=any(not message.is_read for message in messages))
    starring = _starring(is_starred=any(message.is_starred for message in messages))
    labels = Offer("labels", "tag", _("Labels"), asks=True)
    of_team = () if is_done is None else (done_offer(is_done=is_done),)
    return (*of_team, *_moves(folders), reading, starring, *_sleeping(folders), labels, _more())


def shown_with(opened: Message, messages: Collection[Message]) -> list[Message]:
    """Return those of a conversation's `messages`, read anew, that the page of `opened` shows.

    What was thrown away stands in its own list: it is no part of a conversation that goes on.
    """
    here = next((message.folder for message in messages if message.pk == opened.pk), opened.folder)
    if here in THROWN_AWAY:
        return [message for message in messages if message.folder == here]
    return [message for message in messages if message.folder not in THROWN_AWAY]


def done_offer(*, is_done: bool) -> Offer:
    """Return the button by which a team calls a conversation done, or opens it again."""
    return Offer("reopen", "restore", _("Open again")) if is_done else Offer("done", "good", _("Done"))


def _moves(folders: Collection[str]) -> list[Offer]:
    forever = Offer("delete", "delete", _("Delete for ever"), asks=True)
    if Folder.TRASH in folders:
        return [Offer("restore", "restore", _("Put back")), forever]
    if Folder.SPAM in folders:
        return [Offer("not-spam", "inbox", _("Not spam")), forever]
    trash = Offer("trash", "trash", _("Move to the trash"))
    if Folder.INBOX in folders:
        return [Offer("archive", "archive", _("Archive")), trash]
    if _away(folders):
        return [Offer("inbox", "inbox", _("Move to the inbox")), trash]
    return [trash]


def _away(folders: Collection[str]) -> bool:
    return Folder.ARCHIVE in folders or Folder.SNOOZED in folders


def _sleeping(folders: Collection[str]) -> list[Offer]:
    """Return the button that snoozes, for what is in the inbox or was."""
    if Folder.INBOX not in folders and not _away(folders):
        return []
    return [Offer("snooze", "clock", _("Snooze"), asks=True)]


def _more() -> Offer:
    return Offer("more", "more", pgettext("more that can be done with a conversation", "More"), asks=True)


def _reading(*, is_unread: bool) -> Offer:
    return Offer("read", "read", _("Mark as read")) if is_unread else Offer("unread", "unread", _("Mark as unread"))


def _starring(*, is_starred: bool) -> Offer:
    return Offer("unstar", "star", _("Remove the star"), is_on=True) if is_starred else Offer("star", "star", _("Star"))
