"""What every page says of a message that is held for a few seconds."""

from typing import Any

from django import template

from mailbox.views.sending import held

register = template.Library()


@register.inclusion_tag("_shell/sending.html", takes_context=True)
def sending(context: template.RequestContext) -> dict[str, Any]:
    """The messages that can still be called back, each with its button; it costs no query."""
    return {"held": held(context["request"]), "csrf_token": context.get("csrf_token")}
