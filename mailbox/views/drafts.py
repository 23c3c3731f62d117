"""What is being written: list it, go on with it, throw it away."""

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mailbox.mime.addresses import addresses
from mailbox.models import Draft, DraftFile
from webmail.htmx import render_screen, wants_part

_LINES = 200
_PREVIEW = 200


@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """The writer's drafts, the one touched last on top."""
    return _list(request)


@require_POST
def discard(request: HttpRequest, key: str) -> HttpResponse:
    """Throw a draft away with its files."""
    get_object_or_404(Draft.objects.visible_to(request.user), key=key).delete()
    if wants_part(request):
        return _list(request)
    messages.success(request, _("The draft is discarded."))
    return redirect("drafts")


def _list(request: HttpRequest) -> HttpResponse:
    found = (
        Draft.objects.visible_to(request.user)
        .select_related("account")
        .annotate(has_files=Exists(DraftFile.objects.filter(draft=OuterRef("pk"))), preview=Left("text", _PREVIEW))
        .defer("text")
    )
    lines = [(draft, ", ".join(each.display for each in addresses(draft.to))) for draft in found[:_LINES]]
    return render_screen(request, "mailbox/drafts", "_list", {"here": "drafts", "lines": lines})
