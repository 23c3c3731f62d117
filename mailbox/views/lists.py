"""The lists of mail by the names of their addresses: what belongs to each, how a link names the one it stands in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import F, Q
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailbox.models import THROWN_AWAY, Folder
from mailbox.views.sidebar import SideAccount, Sidebar
from mailbox.views.team_lists import TEAM_LISTS, matches_of


@dataclass(frozen=True)
class List:
    """A list by the name of its URL, and the entries that belong to it."""

    key: str
    name: str | Promise
    matches: Q
    words: str = ""
    """What was searched for, in the list of what was found."""
    label: str = ""
    """The key of the label whose conversations these are."""

    @property
    def url(self) -> str:
        if self.label:
            return reverse("label", args=[self.label])
        words = f"?{urlencode({'q': self.words})}" if self.words else ""
        return reverse(self.key) + words

    @property
    def is_thrown_away(self) -> bool:
        """Whether what lies here leaves for ever after some days."""
        return self.key in THROWN_AWAY

    @property
    def is_by_time(self) -> bool:
        """Whether what came last stands first; else what comes back soonest, or what the team touched last."""
        return self.key not in (Folder.SNOOZED, "team_mine", "team_done")

    @property
    def is_team(self) -> bool:
        """Whether only the mailboxes of teams have a part in it."""
        return self.key in TEAM_LISTS

    @property
    def is_search(self) -> bool:
        return self.key == SEARCH.key


INBOX = List("inbox", _("Inbox"), Q(folder=Folder.INBOX))
SEARCH = List("search", _("Search"), Q())
LISTS: Mapping[str, List] = {
    each.key: each
    for each in (
        INBOX,
        List("archive", _("Archive"), Q(folder=Folder.ARCHIVE)),
        List("sent", _("Sent"), Q(folder=Folder.SENT)),
        List("snoozed", _("Snoozed"), Q(folder=Folder.SNOOZED)),
        List("spam", _("Spam"), Q(folder=Folder.SPAM)),
        List("trash", _("Trash"), Q(folder=Folder.TRASH)),
        List("starred", _("Starred"), Q(is_starred=True) & ~Q(folder__in=THROWN_AWAY)),
        SEARCH,
    )
}
_OF_LABEL = "label-"
_NAMES_LABEL = re.compile(rf"{_OF_LABEL}[\w-]+", re.ASCII)


def list_of(parameters: QueryDict, otherwise: List = INBOX, *, shown: Sidebar | None = None) -> List:
    """Return the list that a link or form names as the one it stands in; `shown` knows the names of labels."""
    key = parameters.get("in", "")
    if _NAMES_LABEL.fullmatch(key):
        return label_list(key.removeprefix(_OF_LABEL), shown)
    if key in TEAM_LISTS:
        return team_list(key, shown)
    named = LISTS.get(key, otherwise)
    return replace(named, words=parameters.get("q", "")) if named is SEARCH else named


def view_of(form: QueryDict, shown: Sidebar) -> tuple[List, SideAccount | None]:
    """Return the list that a form is about, and the account to which it is narrowed.

    Raises Http404 where it names a list, a label or an account that is not there (any more): whatever stood in for it
    would hold what nobody meant.
    """
    which = list_of(form, shown=shown)
    is_lost = which.label and not shown.label(which.label)
    if is_lost or which.key != (form.get("in") or INBOX.key):
        raise Http404
    return which, shown.named(form.get("account", ""))


def label_list(key: str, shown: Sidebar | None = None) -> List:
    """Return the list of a label; one that is not the reader's holds nothing and has no name."""
    label = shown.label(key) if shown else None
    # Of a conversation's entries the one that stands for it.
    labelled = Q(thread__labelled__label=label.pk if label else None, thread__labelled__folder=F("folder"))
    return List(f"{_OF_LABEL}{key}", label.name if label else "", labelled, label=key)


def team_list(key: str, shown: Sidebar | None = None) -> List:
    """Return one of the lists of the teams that `shown` has."""
    teams = tuple(account.pk for account in shown.accounts if account.is_team) if shown else ()
    return List(key, TEAM_LISTS[key], matches_of(key, teams, shown.reader if shown else 0))


def query_in_pane(which: List, account: SideAccount | None) -> str:
    """Return the query by which what stands beside a list knows it, and that it stands there."""
    return query_of(which, account, pane="1")


def query_of(which: List, account: SideAccount | None, **more: str) -> str:
    """Return the query by which a link names the list that it stands in."""
    origin = {"in": which.key, "account": account.key if account else "", "q": which.words, **more}
    return urlencode({name: value for name, value in origin.items() if value})
