"""The rest of a message that was too large to be collected unasked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from mailbox.models import Message
from mailbox.views.conversation import sheet_part
from mailbox.views.on_server import ask_for_rest
from webmail.celery import wake
from webmail.htmx import wants_part


@require_POST
def rest(request: HttpRequest, key: str) -> HttpResponse:
    """Have the rest of a message collected now; whoever may read it may ask for it."""
    message = get_object_or_404(Message.objects.visible_to(request.user), key=key)
    for maildrop_pk in ask_for_rest(message):
        wake("pull_maildrop", maildrop_pk)
    if wants_part(request):
        return sheet_part(request, message)
    return redirect(f"{reverse('conversation', args=[key])}#sheet-{key}")
