"""What every page says of a message that is held for a few seconds."""

from typing import Any

from django import template

from mailbox.models import Recipient
from mailbox.views.sending import held
from mailbox.views.status_codes import explained

register = template.Library()


@register.inclusion_tag("_shell/sending.html", takes_context=True)
def sending(context: template.RequestContext) -> dict[str, Any]:
    """The messages that can still be called back, each with its button; it costs no query."""
    return {"held": held(context["request"]), "csrf_token": context.get("csrf_token")}


@register.filter
def explanation(recipient: Recipient) -> str:
    """Why a recipient does not have the message, or does not have it yet, in plain words; "" where there is no code."""
    if recipient.action:
        return explained(recipient.status_code)
    return "" if recipient.status == Recipient.Status.ACCEPTED else explained(recipient.reply)
