"""An act on many conversations in words: how far it is, and what it did."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mailbox.models import BulkAct


@dataclass(frozen=True)
class Described:
    """What the bar of progress and the offer to undo show of an act."""

    act: BulkAct

    @property
    def words(self) -> str:
        """Where the act stands, in one sentence."""
        counts = {"done": _number(self.act.done_count), "count": _number(self.act.conversation_count)}
        if self.act.state == BulkAct.State.DOING and not self.act.is_listed:
            return _("The conversations are being counted.")
        match self.act.state:
            case BulkAct.State.DOING:
                return _("%(done)s of %(count)s conversations are done.") % counts
            case BulkAct.State.UNDOING:
                return _("Taking it back. Still to go: %(done)s of %(count)s conversations.") % counts
            case BulkAct.State.UNDONE:
                return _("Taken back.")
            case BulkAct.State.STOPPED:
                return _("Stopped. %(done)s of %(count)s conversations are done.") % counts
        return _done(self.act.verb, self.act.done_count)


def _done(verb: str, count: int) -> str:
    done = {
        "archive": ngettext("%(count)s conversation archived.", "%(count)s conversations archived.", count),
        "inbox": ngettext(
            "%(count)s conversation moved to the inbox.", "%(count)s conversations moved to the inbox.", count
        ),
        "trash": ngettext(
            "%(count)s conversation moved to the trash.", "%(count)s conversations moved to the trash.", count
        ),
        "restore": ngettext("%(count)s conversation put back.", "%(count)s conversations put back.", count),
        "spam": ngettext("%(count)s conversation moved to spam.", "%(count)s conversations moved to spam.", count),
        "not-spam": ngettext(
            "%(count)s conversation moved to the inbox.", "%(count)s conversations moved to the inbox.", count
        ),
        "snooze": ngettext("%(count)s conversation snoozed.", "%(count)s conversations snoozed.", count),
        "mute": ngettext("%(count)s conversation muted.", "%(count)s conversations muted.", count),
        "unmute": ngettext(
            "%(count)s conversation no longer muted.", "%(count)s conversations no longer muted.", count
        ),
        "label": ngettext("%(count)s conversation labelled.", "%(count)s conversations labelled.", count),
        "unlabel": ngettext(
            "Label removed from %(count)s conversation.", "Label removed from %(count)s conversations.", count
        ),
        "delete": ngettext(
            "%(count)s conversation deleted for ever.", "%(count)s conversations deleted for ever.", count
        ),
        "star": ngettext("%(count)s conversation starred.", "%(count)s conversations starred.", count),
        "unstar": ngettext(
            "Star removed from %(count)s conversation.", "Star removed from %(count)s conversations.", count
        ),
        "assign": ngettext("%(count)s conversation given.", "%(count)s conversations given.", count),
        "done": ngettext("%(count)s conversation is done.", "%(count)s conversations are done.", count),
        "reopen": ngettext("%(count)s conversation is open again.", "%(count)s conversations are open again.", count),
        "read": ngettext("%(count)s conversation marked as read.", "%(count)s conversations marked as read.", count),
        "unread": ngettext(
            "%(count)s conversation marked as unread.", "%(count)s conversations marked as unread.", count
        ),
    }
    return done[verb] % {"count": _number(count)}


def _number(count: int) -> str:
    return number_format(count, force_grouping=True)
