"""Whom an address field offers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailbox.answers import written
from mailbox.models import Contact

_OFFERED = 8


@require_safe
def complete(request: HttpRequest) -> HttpResponse:
    """The options of a list box (ARIA 1.2): contacts that match what was typed, those used most and last on top."""
    found = Contact.objects.visible_to(request.user).matching(request.GET.get("q", ""))[:_OFFERED]
    options = [(each, written([each.as_address])) for each in found]
    return render(request, "mailbox/contacts/_options.html", {"options": options})
