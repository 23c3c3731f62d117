"""Somebody reads an account no longer: what he had of it there goes at once. His own drafts keep their text."""

from django.db import transaction

from accounts.models import Membership
from mailbox import team
from mailbox.models import Answering, Push, TeamMark


@transaction.atomic
def part(membership: Membership) -> None:
    """Take the account from a member; what was his to do there is nobody's again."""
    account, person = membership.account_id, membership.user_id
    membership.delete()
    Answering.objects.filter(account=account, user=person).delete()
    Push.objects.filter(account=account, subscription__user=person).delete()
    TeamMark.objects.filter(account=account, assignee=person).update(assignee=None)
    team.tell_pages([account])
