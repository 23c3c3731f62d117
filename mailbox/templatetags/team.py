"""What a team's conversation shows between its messages, and the list of those to whom it may be given."""

from collections.abc import Sequence
from typing import Any

from django import template

from mailbox.models import Message, TeamLine
from mailbox.views.lists import team_list
from mailbox.views.team import Team, is_team_answer, line_words
from mailbox.views.team_lists import TEAM_LISTS

register = template.Library()
register.filter("line_words", line_words)
register.filter("is_team_answer", is_team_answer)


@register.inclusion_tag("mailbox/team/_lines.html", takes_context=True)
def team_lines(context: template.RequestContext, team: Team, message: Message) -> dict[str, Any]:
    """The lines below a message; those below the last one stand in a part of the page that draws itself again."""
    lines: Sequence[TeamLine] = () if message.pk == team.last.pk else team.between.get(message.pk, ())
    return {"lines": lines, "user": context["user"]}


@register.inclusion_tag("mailbox/team/_filters.html", takes_context=True)
def team_filters(context: template.RequestContext) -> dict[str, Any]:
    """The lists of the team: of the account that is shown, or of all."""
    shown = context["sidebar"]
    lists = [team_list(key, shown) for key in TEAM_LISTS]
    return {"lists": lists, "list": context["list"], "account": context.get("account")}
