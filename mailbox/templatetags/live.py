"""What every page carries so that it can follow what happens."""

from django import template

from mailbox.views.sidebar import Sidebar, sidebar

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_mark(context: template.RequestContext) -> str:
    """What stands before the title of every page: `(3) `, or nothing.

    It comes first in the page, so it reads the side bar where the view has not, and leaves it to whoever follows.
    """
    if not isinstance(context.get("sidebar"), Sidebar):
        context["sidebar"] = sidebar(context["request"].user)
    unread = context["sidebar"].unread
    return f"({unread}) " if unread else ""
