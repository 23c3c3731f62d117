"""The bar of a selection, and how far an act on many conversations is."""

from typing import Any

from django import template

from mailbox.models import BulkAct
from mailbox.views.bulk_words import Described
from mailbox.views.selection import AT_ONCE, SESSION_KEY, offers_for

register = template.Library()


@register.inclusion_tag("mailbox/list/_selection.html", takes_context=True)
def selection_bar(context: template.RequestContext) -> dict[str, Any]:
    """What can be done with the conversations that are ticked in this list."""
    which = context["list"]
    kept = {name: context.get(name) for name in ("list", "account", "csrf_token")}
    is_team = which.is_team or bool(context.get("account") and context["account"].is_team)
    return {"offers": offers_for(which, is_team=is_team), "most": AT_ONCE, **kept}


@register.inclusion_tag("mailbox/bulk/_bar.html", takes_context=True)
def bulk_bar(context: template.RequestContext) -> dict[str, Any]:
    """How far the act is that this session began; without one it costs no query. What is over is shown once."""
    session = context["request"].session
    kept = {name: context.get(name) for name in ("list", "csrf_token")}
    if not (key := session.get(SESSION_KEY)):
        return kept
    act = BulkAct.objects.of(context["request"].user).filter(key=key).first()
    if not (act and act.is_under_way):
        del session[SESSION_KEY]
    return kept | {"bulk": Described(act)} if act else kept
