"""What the lists of trash and spam say about when what lies there leaves for ever."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from mailbox.emptying import DAYS
from mailbox.models import Folder
from mailbox.views.lists import List
from mailbox.views.sidebar import SideAccount, Sidebar


def leaving_words(shown: Sidebar, which: List, account: SideAccount | None) -> str:
    """Return one sentence; the days are those that the owners of the accounts have set."""
    accounts = [account] if account else shown.accounts
    owners = User.objects.filter(pk__in={each.owner_id for each in accounts})
    days = sorted(set(owners.values_list(DAYS[Folder(which.key)], flat=True)))
    if not days:
        return ""
    if len(days) > 1:
        return _("When each conversation leaves for ever stands on its line: the accounts differ.")
    if not days[0]:
        return _("Nothing leaves from here by itself.")
    return ngettext(
        "What lies here leaves for ever after %(count)s day.",
        "What lies here leaves for ever after %(count)s days.",
        days[0],
    ) % {"count": days[0]}
