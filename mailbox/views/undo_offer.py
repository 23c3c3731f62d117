"""The offer to take back what was just done, for browsers without scripts: the next pages of a minute show it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

# [key, words, seconds since 1970, name of the address that takes it back], in the session: no page asks the database.
_SESSION_KEY = "undo"
_SHOWN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class UndoOffer:
    """An act that can be taken back, and what is said of it."""

    url: str
    words: str


def keep(request: HttpRequest, key: str, words: str, *, taken_back_by: str = "undo") -> None:
    """Offer on the next pages of this browser to take back the act of that key; "" is none."""
    if key:
        request.session[_SESSION_KEY] = [key, words, timezone.now().timestamp(), taken_back_by]


def forget(request: HttpRequest, key: str) -> None:
    """Say no more of an act that was taken back."""
    if _kept(request)[:1] == [key]:
        del request.session[_SESSION_KEY]


def undo_offer(request: HttpRequest) -> UndoOffer | None:
    """Return what can be taken back, from the last minute."""
    kept = _kept(request)
    if not kept or timezone.now().timestamp() - kept[2] > _SHOWN_SECONDS:
        return None
    key, words, _at, *taken_back_by = kept
    return UndoOffer(reverse(taken_back_by[0] if taken_back_by else "undo", args=[key]), words)


def _kept(request: HttpRequest) -> list[Any]:
    found: list[Any] = request.session.get(_SESSION_KEY, [])
    return found
