"""The end of the first run: the mail of a new account, seen arriving."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.health import health_of
from accounts.models import MailAccount
from mailbox.models import Entry, Folder
from webmail.htmx import render_screen

_SHOWN = 8


@require_safe
def arriving(request: HttpRequest, key: str) -> HttpResponse:
    """How the first pull goes, and the newest of what it has brought; htmx gets what has come."""
    own = MailAccount.objects.owned_by(request.user).select_related("remote_maildrop")
    account = get_object_or_404(own, key=key, remote_maildrop__isnull=False)
    inbox = Entry.objects.filter(account=account, folder=Folder.INBOX).order_by("-newest_at", "-id")
    health = health_of(account.remote_maildrop, timezone.now())
    context = {"here": "accounts", "mail_account": account, "health": health, "entries": inbox[:_SHOWN]}
    return render_screen(request, "mailbox/first_run", "_arrived", context)
