"""What ties an open composer to its writer and to its tab.

A composer stays open after its session has ended, and the next one in that browser may be another person's. So each
form names its writer, and what the browser keeps of it is locked with a key that only pages of that writer hold.
"""

from base64 import b64encode
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from mailbox.models import Draft
from mailbox.tabs import Stamp
from webmail.keys import new_key

# Tells the script that the answer is to a text which was not stored.
UNSAVED = "X-Draft-Unsaved"


def writer_mark(writer: User) -> str:
    """A name of the person that tells nobody who it is."""
    return salted_hmac("mailbox.writer", str(writer.pk), algorithm="sha256").hexdigest()[:16]


def writer_lock(writer: User) -> str:
    """The person's key of 256 bits for AES, in base64. It is the same in every session and stands in no storage."""
    return b64encode(salted_hmac("mailbox.kept text", str(writer.pk), algorithm="sha256").digest()).decode("ascii")


def tied(request: HttpRequest, writer: User) -> dict[str, Any]:
    """What the sheet shows of this, for its context."""
    stamp = Stamp.of(request.POST)
    return {
        "tab": stamp.tab or new_key(),
        "count": stamp.count,
        "writer_mark": writer_mark(writer),
        "writer_lock": writer_lock(writer),
    }


def is_of(request: HttpRequest, writer: User) -> bool:
    """Whether the posted form was handed out to `writer`, or names nobody."""
    mark = request.POST.get("writer", "")
    return not mark or constant_time_compare(mark, writer_mark(writer))


def other_person(request: HttpRequest) -> HttpResponse:
    """Refuse to store one person's text under another's name."""
    return render(request, "mailbox/compose/other_person.html", status=409)


@never_cache
@require_safe
def stamp(request: HttpRequest, key: str) -> HttpResponse:
    """Which tab saved the draft last, and its how many-th save that was: whether a kept text is stored already.

    A text that was never stored has no draft, which is no fault of the page that asks.
    """
    drafts = Draft.objects.visible_to(request.user).filter(key=key)
    found = drafts.values("revision", "saved_by", "saved_count").first()
    return JsonResponse(found or {})


def changed_elsewhere() -> str:
    return _("This draft was changed in another tab or window meanwhile. Look at it, then send again.")
