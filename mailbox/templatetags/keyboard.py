"""What a page is told of the keys."""

import json
from functools import lru_cache
from typing import Any

from django import template

from mailbox.views.keys import groups, table

register = template.Library()


@register.inclusion_tag("mailbox/keys/_keys.html", takes_context=True)
def keys(context: template.RequestContext) -> dict[str, Any]:
    """The table, and the dialog that shows it; nothing for a person who does not want single keys to act."""
    return {"table": _json() if getattr(context["request"].user, "uses_keys", False) else ""}


@lru_cache(maxsize=1)
def _json() -> str:
    return json.dumps(table(groups()), separators=(",", ":"))
