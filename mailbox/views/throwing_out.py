"""Emptying the trash or spam: asked about first, and done by a worker."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import MailAccount
from mailbox import emptying
from mailbox.models import Folder, Message
from mailbox.views.counting import UNREAD_LIMIT
from mailbox.views.lists import LISTS
from mailbox.views.sidebar import sidebar
from webmail.htmx import render_screen


@require_http_methods(["GET", "HEAD", "POST"])
def empty(request: HttpRequest, key: str) -> HttpResponse:
    """Ask whether really; by POST delete for ever what lies there, in the accounts that the person speaks for."""
    folder, shown = Folder(key), sidebar(request.user)
    account = shown.named(request.POST.get("account", request.GET.get("account", "")))
    mine = MailAccount.objects.spoken_for_by(request.user)
    # What lies in a mailbox that he does not want to see, the list does not show either.
    chosen = list(mine.filter(pk__in=[account.pk] if account else list(shown.by_pk)))
    if request.method == "POST":
        emptying.empty(chosen, folder)
        messages.success(request, _("What lay there is being deleted for ever."))
        return redirect(f"{LISTS[key].url}?account={account.key}" if account else LISTS[key].url)
    found = Message.objects.filter(account__in=chosen, folder=folder)[: UNREAD_LIMIT + 1]
    context = {
        "sidebar": shown,
        "list": LISTS[key],
        "here": key,
        "account": account,
        "count": len(found.values_list("pk")),
        "limit": UNREAD_LIMIT,
        "others": [each for each in shown.accounts if each.pk not in {one.pk for one in chosen}],
    }
    return render_screen(request, "mailbox/empty", "_question", context)
