"""The keys of the mail screens: one table, from which the page acts and which the help shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailbox.views.actions import VERBS


@dataclass(frozen=True)
class Key:
    """What one key does, or two pressed one after the other ("g i").

    `act` is an act of `static/js/keys.js` with what it is given. Without one the browser does it by itself.
    """

    keys: str
    words: str | Promise
    act: str = ""

    @property
    def caps(self) -> list[str]:
        """The keys as they are printed on a keyboard."""
        return [f"Shift + {each.lower()}" if each.isupper() and len(each) == 1 else each for each in self.keys.split()]

    @property
    def is_sequence(self) -> bool:
        return " " in self.keys

    @property
    def is_offered(self) -> bool:
        """Whether what it presses exists."""
        name, verbs, *_others = [*self.act.split(), "", ""]
        return name not in ("press", "do", "mark") or not VERBS.keys().isdisjoint(verbs.split("|"))


@dataclass(frozen=True)
class Group:
    name: str | Promise
    keys: tuple[Key, ...]


_MOVING = Group(
    _("Moving"),
    (
        Key("j", _("Next conversation"), "move older"),
        Key("k", _("Previous conversation"), "move newer"),
        Key("Enter", _("Open the conversation")),
        Key("o", _("Open the conversation"), "open"),
        Key("u", _("Back to the list"), "back"),
        Key("Escape", _("Clear the selection, or go back to the list"), "back"),
        Key("/", _("Search"), "focus #q"),
    ),
)
_ACTING = Group(
    _("With a conversation, or with those that are selected"),
    (
        Key("e", _("Archive"), "press archive"),
        Key("#", _("Move to the trash"), "do trash unless restore"),
        Key("y", _("Put back from the trash"), "press restore"),
        Key("!", _("Mark as spam, or take out of spam"), "do not-spam|spam unless restore"),
        Key("m", _("Mute"), "do mute unless restore|not-spam"),
        Key("b", _("Snooze"), "press snooze"),
        Key("l", _("Labels"), "ask labels"),
        Key("s", _("Star, or take the star away"), "mark star|unstar"),
        Key("I", _("Mark as read"), "mark read"),
        Key("U", _("Mark as unread"), "mark unread"),
        Key("z", _("Undo"), "undo .sending [data-sending-undo], [data-undo] button"),
    ),
)
_SELECTING = Group(
    _("Selecting"),
    (
        Key("x", _("Select the conversation"), "tick"),
        Key("* a", _("Select all that are shown"), "select all"),
        Key("* n", _("Select none"), "select none"),
        Key("* r", _("Select those that are read"), "select read"),
        Key("* u", _("Select those that are unread"), "select unread"),
        Key("* s", _("Select those with a star"), "select starred"),
        Key("* t", _("Select those without a star"), "select unstarred"),
    ),
)
_WRITING = Group(
    _("Writing"),
    (
        Key("c", _("Write a message"), "click .sidebar__compose"),
        Key("r", _("Reply"), "click .answer [href*='?reply=']"),
        Key("a", _("Reply to all"), "click .answer [href*='?reply-all=']"),
        Key("f", _("Forward"), "click .answer [href*='?forward=']"),
    ),
)
_GOING = (
    ("i", "inbox", _("Go to the inbox")),
    ("s", "starred", _("Go to Starred")),
    ("d", "drafts", _("Go to Drafts")),
    ("t", "sent", _("Go to Sent")),
    ("a", "archive", _("Go to the archive")),
)


def groups() -> list[Group]:
    """Return the table as the help shows it."""
    going = tuple(Key(f"g {key}", words, f"go {reverse(name)}") for key, name, words in _GOING)
    helping = Group(_("Help"), (Key("?", _("Show these keys"), "help"),))
    every = (_MOVING, _ACTING, _SELECTING, _WRITING, Group(_("Going places"), going), helping)
    return [Group(group.name, tuple(key for key in group.keys if key.is_offered)) for group in every]


def table(shown: Iterable[Group]) -> Mapping[str, str]:
    """Return what each key does, as the page is told."""
    return {key.keys: key.act for group in shown for key in group.keys if key.act}
