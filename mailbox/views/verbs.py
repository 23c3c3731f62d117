"""What can be done with conversations: every verb by its name, for one of them and for a thousand."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import MailAccount, User
from mailbox import emptying, labelling, quiet, reading, teamwork, threads, undoing
from mailbox.models import Label, Message
from mailbox.models.label import LONGEST_NAME
from mailbox.models.message import MessageQuerySet
from mailbox.views.asked import visible_message
from mailbox.views.moments import WAKING, NoTime, chosen

type Given = Mapping[str, str | int | None]
"""What a verb needs beside the conversations; as JSON has it, so that it can wait for a worker."""


def nothing(_request: HttpRequest) -> Given:
    return {}


@dataclass(frozen=True)
class Verb:
    """A change, and what is said of it afterwards."""

    change: Callable[..., None]
    """Takes a collection of thread ids, and what `given` returns by name."""
    done: str | Promise
    is_leaving: bool = False
    """Whether the reader is done with the conversation and goes back to the list."""
    is_seen: bool = False
    """Whether the eye sees what was done where it was done: nothing is said then but to those who listen."""
    is_final: bool = False
    """Whether it cannot be taken back, and needs the right to speak for the account."""
    is_of_team: bool = False
    """Whether it is for the mailboxes of teams alone."""
    is_personal: bool = False
    """Whether it is done for the reader alone: the change takes him as `reader`."""
    may_label: bool = False
    """Whether it puts labels on conversations or takes them away."""
    given: Callable[[HttpRequest], Given] = nothing
    """Reads that from the form. Raises NoTime, Http404 and Unnamed."""

    def perform(self, user: User, thread_ids: Collection[int], given: Given, *, key: str = "") -> str:
        """Do it; return the key by which it is taken back, "" where there is nothing to take back.

        An act that is done in pieces gives each piece after the first the key of the first.
        """
        change = partial(self.change, **self.all_given(user, given))
        if self.is_final:
            change(thread_ids)
            return ""
        return undoing.perform(user, thread_ids, change, key=key, may_label=self.may_label)

    def all_given(self, user: User, given: Given) -> Given:
        """Return what the change takes by name beside the conversations."""
        return {**given, "reader": user.pk} if self.is_personal else given

    def open_to(self, user: User | AnonymousUser) -> MessageQuerySet:
        """Return the messages with whose conversations `user` may do it."""
        messages = Message.objects.visible_to(user)
        if self.is_of_team:
            return messages.filter(account__is_team=True)
        return messages.filter(account__in=MailAccount.objects.spoken_for_by(user)) if self.is_final else messages

    def message(self, user: User | AnonymousUser, key: str) -> Message:
        """Return the message of that key, if `user` may do it with its conversation; else 404."""
        if self.is_final or self.is_of_team:
            return get_object_or_404(self.open_to(user), key=key)
        return visible_message(user, key)


class Unnamed(ValueError):
    """A label that cannot be; the text says so to a person."""


def _until(request: HttpRequest) -> Given:
    until = chosen(request, WAKING)
    if until is None:
        raise NoTime(WAKING.missing)
    return {"until": until.isoformat()}


def _label(request: HttpRequest) -> Given:
    """Return the label that the form names, or the one that it makes."""
    if "label" in request.POST:
        return {"label": get_object_or_404(Label.objects.visible_to(request.user), key=request.POST["label"]).pk}
    name = Label.tidy(request.POST.get("name", ""))
    if not name:
        raise Unnamed(_("Type a name for the label."))
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    return {"label": named_label(request.user, name[:LONGEST_NAME]).pk}


def _doer(request: HttpRequest) -> Given:
    assert request.user.pk  # LoginRequiredMiddleware lets nobody else through
    return {"actor": request.user.pk}


def _assignee(request: HttpRequest) -> Given:
    """Return to whom the form gives a conversation: somebody of the reader's teams, or nobody for ""."""
    name = request.POST.get("assignee", "")
    teams = MailAccount.objects.visible_to(request.user).filter(is_team=True)
    return {**_doer(request), "to": get_object_or_404(teams.readers(), username=name).pk if name else None}


def named_label(owner: User, name: str) -> Label:
    """Return the person's label of that name, which is made where there is none, in the colour that comes next."""
    if found := owner.labels.filter(name__iexact=name).first():
        return found
    try:
        with transaction.atomic():
            return owner.labels.create(name=name, colour=Label.next_colour(owner))
    except IntegrityError:
        # The same form came twice at the same moment.
        return owner.labels.get(name__iexact=name)


VERBS = {
    "archive": Verb(threads.archive, _("Archived."), is_leaving=True),
    "inbox": Verb(threads.to_inbox, _("Moved to the inbox."), is_leaving=True),
    "trash": Verb(threads.trash, _("Moved to the trash."), is_leaving=True),
    "restore": Verb(threads.restore, _("Put back."), is_leaving=True),
    "spam": Verb(threads.spam, _("Moved to spam."), is_leaving=True),
    "not-spam": Verb(threads.not_spam, _("Moved to the inbox."), is_leaving=True),
    "snooze": Verb(quiet.snooze, _("Snoozed."), is_leaving=True, given=_until),
    "mute": Verb(quiet.mute, _("Muted: new messages go past the inbox."), is_leaving=True),
    "unmute": Verb(quiet.unmute, _("No longer muted.")),
    "label": Verb(labelling.label, _("Labelled."), is_seen=True, may_label=True, given=_label),
    "unlabel": Verb(labelling.unlabel, _("Label removed."), is_seen=True, may_label=True, given=_label),
    "star": Verb(threads.star, _("Starred."), is_seen=True),
    "unstar": Verb(threads.unstar, _("Star removed."), is_seen=True),
    "read": Verb(reading.mark_read, _("Marked as read."), is_seen=True, is_personal=True),
    "unread": Verb(reading.mark_unread, _("Marked as unread."), is_seen=True, is_personal=True),
    "assign": Verb(teamwork.assign, _("Given."), is_seen=True, given=_assignee, is_of_team=True),
    "done": Verb(teamwork.close, _("Done."), is_leaving=True, given=_doer, is_of_team=True),
    "reopen": Verb(teamwork.reopen, _("Open again."), given=_doer, is_of_team=True),
    "delete": Verb(emptying.delete, _("Deleted for ever."), is_leaving=True, is_final=True),
}


def verb_named(name: str) -> Verb:
    """Return the verb of that name; 404 where there is none."""
    if name not in VERBS:
        raise Http404
    return VERBS[name]
