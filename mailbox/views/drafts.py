"""What is being written: list it, go on with it, throw it away and take that back."""

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from mailbox.mime.addresses import addresses
from mailbox.mime.reminders import own_words
from mailbox.models import Draft, DraftFile
from mailbox.views import undo_offer
from mailbox.views.team import answers_no_more
from webmail.htmx import render_screen, wants_part

_LINES = 100
_PREVIEW = 200
_LOOKED_AT = 1_000


@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """The writer's drafts, the one touched last on top."""
    return _list(request)


@require_POST
def discard(request: HttpRequest, key: str) -> HttpResponse:
    """Throw a draft away with its files."""
    throw_away(request, get_object_or_404(Draft.objects.visible_to(request.user), key=key))
    return _list(request, "_discarded") if wants_part(request) else redirect("drafts")


def throw_away(request: HttpRequest, draft: Draft) -> None:
    """Discard `draft`, and offer to take that back."""
    answers_no_more(draft)
    draft.discard()
    undo_offer.keep(request, draft.key, _("The draft is discarded."), taken_back_by="draft_bring_back")


@require_POST
def bring_back(request: HttpRequest, key: str) -> HttpResponse:
    """Go on with a draft that was thrown away."""
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    undo_offer.forget(request, key)
    if Draft.bring_back(key, request.user):
        return redirect("draft", key)
    messages.info(request, _("That was taken back already, or is too long ago."))
    return redirect("drafts")


def _list(request: HttpRequest, part: str = "_list") -> HttpResponse:
    own = Draft.objects.visible_to(request.user)
    found = list(
        _older(own, request.GET.get("after", ""))
        .select_related("account")
        .annotate(has_files=Exists(DraftFile.objects.filter(draft=OuterRef("pk"))), preview=Left("text", _LOOKED_AT))
        .defer("text")[: _LINES + 1]
    )
    lines = [_line(draft) for draft in found[:_LINES]]
    last = found[_LINES - 1] if len(found) > _LINES else None
    return render_screen(request, "mailbox/drafts", part, {"here": "drafts", "lines": lines, "last": last})


def _line(draft: Draft) -> tuple[Draft, str, str]:
    """A draft, whom it goes to, and its own first words; `preview` holds how its text begins."""
    begins: str = draft.preview  # type: ignore[attr-defined]  # annotated
    words = " ".join(own_words(begins).split())[:_PREVIEW]
    return draft, ", ".join(each.display for each in addresses(draft.to)), words


def _older(drafts: QuerySet[Draft], key: str) -> QuerySet[Draft]:
    """The drafts, the latest first; where `key` names one of them, those that follow it."""
    ordered = drafts.order_by("-updated_at", "-pk")
    last = drafts.filter(key=key).values_list("updated_at", "pk").first() if key else None
    if last is None:
        return ordered
    return ordered.filter(Q(updated_at__lt=last[0]) | Q(updated_at=last[0], pk__lt=last[1]))
