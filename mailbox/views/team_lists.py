"""The lists of a team: which they are, and what belongs to each."""

from collections.abc import Mapping
from functools import lru_cache

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailbox.models import THROWN_AWAY, Entry, Folder, TeamMark

TEAM_LISTS: Mapping[str, str | Promise] = {
    "team_mine": _("Assigned to me"),
    "team_unassigned": _("Unassigned"),
    "team_done": _("Done"),
}
# Who reads no team mailbox finds nothing.
_NO_ACCOUNT = 0


@lru_cache(maxsize=256)
def matches_of(key: str, teams: tuple[int, ...], reader: int) -> Q:
    """Return the same condition on entries for the same list, by which its statement is known again."""
    there = Q(account__in=teams or (_NO_ACCOUNT,))
    kept = there & ~Q(folder__in=THROWN_AWAY)
    if key == "team_unassigned":
        given = TeamMark.objects.filter(thread=OuterRef("thread"), assignee__isnull=False)
        return there & Q(folder=Folder.INBOX) & ~Q(Exists(given))
    if key == "team_done":
        return kept & Q(thread__team_mark__is_done=True)
    return kept & Q(thread__team_mark__assignee=reader, thread__team_mark__is_done=False)


def marked(key: str, reader: int) -> QuerySet[TeamMark]:
    """Return the marks of the conversations in a list that stands in the order of its marks.

    One that was thrown away keeps its mark: it would shorten the page, and what follows would look like nothing.
    """
    kept = Exists(Entry.objects.filter(thread=OuterRef("thread")).exclude(folder__in=THROWN_AWAY))
    if key == "team_done":
        return TeamMark.objects.filter(kept, is_done=True)
    return TeamMark.objects.filter(kept, assignee=reader, is_done=False)
