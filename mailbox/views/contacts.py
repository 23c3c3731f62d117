"""Whom an address field offers, and the list in which a person forgets somebody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from mailbox.answers import written
from mailbox.models import Contact
from webmail.htmx import render_screen, wants_part

_OFFERED = 8
_LISTED = 200


@require_safe
def complete(request: HttpRequest) -> HttpResponse:
    """The options of a list box (ARIA 1.2): contacts that match what was typed, those used most and last on top."""
    found = Contact.objects.visible_to(request.user).matching(request.GET.get("q", ""))[:_OFFERED]
    options = [(each, written([each.as_address])) for each in found]
    return render(request, "mailbox/contacts/_options.html", {"options": options})


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """A person's contacts, those used most and last on top, or those that match."""
    return _list(request, request.GET.get("q", ""))


@require_POST
def forget(request: HttpRequest, key: str) -> HttpResponse:
    """Offer somebody no longer; who is written to again is offered again."""
    get_object_or_404(Contact.objects.visible_to(request.user), key=key).delete()
    query = request.POST.get("q", "")
    if wants_part(request):
        return _list(request, query)
    return redirect(f"{reverse('contact_list')}?{urlencode({'q': query})}" if query else "contact_list")


def _list(request: HttpRequest, query: str) -> HttpResponse:
    contacts = Contact.objects.visible_to(request.user)
    found = contacts.matching(query) if query.strip() else contacts.order_by("-weight", "id")
    context = {"here": "settings", "query": query, "contacts": found[:_LISTED]}
    return render_screen(request, "mailbox/contacts", "_list", context)
