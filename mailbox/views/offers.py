"""The buttons of a conversation: what can be done with it, by the state that it is in."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from mailbox.models import Folder, Message


@dataclass(frozen=True)
class Offer:
    """One button: a verb of `actions.VERBS`, its drawing and its words."""

    verb: str
    icon: str
    label: str
    is_on: bool = False


def offers(folders: Collection[str], *, is_unread: bool, is_starred: bool) -> tuple[Offer, ...]:
    """Return the buttons for a conversation whose messages are in `folders`, in the reader's language."""
    return (*_moves(folders), _reading(is_unread=is_unread), _starring(is_starred=is_starred))


def offers_of(messages: Collection[Message]) -> tuple[Offer, ...]:
    """Return the buttons for the conversation of these messages."""
    return offers(
        {message.folder for message in messages},
        is_unread=any(not message.is_read for message in messages),
        is_starred=any(message.is_starred for message in messages),
    )


def _moves(folders: Collection[str]) -> list[Offer]:
    if Folder.TRASH in folders:
        return [Offer("restore", "restore", _("Put back"))]
    trash = Offer("trash", "trash", _("Move to the trash"))
    if Folder.INBOX in folders:
        return [Offer("archive", "archive", _("Archive")), trash]
    if Folder.ARCHIVE in folders:
        return [Offer("inbox", "inbox", _("Move to the inbox")), trash]
    return [trash]


def _reading(*, is_unread: bool) -> Offer:
    return Offer("read", "read", _("Mark as read")) if is_unread else Offer("unread", "unread", _("Mark as unread"))


def _starring(*, is_starred: bool) -> Offer:
    return Offer("unstar", "star", _("Remove the star"), is_on=True) if is_starred else Offer("star", "star", _("Star"))
