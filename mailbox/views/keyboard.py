"""The keys and what they do; for a person who does not want them, the switch."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from mailbox.views.keys import groups
from webmail.htmx import render_screen


@require_http_methods(["GET", "HEAD", "POST"])
def keyboard(request: HttpRequest) -> HttpResponse:
    """Show the table, for htmx as the inside of a dialog; switch the keys on or off."""
    user = cast("User", request.user)
    if request.method == "POST":
        user.uses_keys = "uses_keys" in request.POST
        user.save(update_fields=["uses_keys"])
        messages.success(request, _("Your settings are saved."))
        return redirect("keyboard")
    return render_screen(request, "mailbox/keys", "_dialog", {"here": "settings", "groups": groups()})
