"""How the pulls of an account go, in one word that a screen can put into a sentence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import RemoteMaildrop
from webmail.claims import STALE

# Due for longer than this, nobody seems to be pulling.
PATIENCE = timedelta(minutes=2)


class State(models.TextChoices):
    PULLING = "pulling", _("collecting now")
    WAITING = "waiting", _("about to collect")
    STUCK = "stuck", _("due, but nobody collects")
    PAUSED = "paused", _("paused")
    FAILING = "failing", _("failing")
    GOOD = "good", _("good")


@dataclass(frozen=True, slots=True)
class Health:
    """What a maildrop's columns mean to its owner."""

    maildrop: RemoteMaildrop
    state: State

    @property
    def is_moving(self) -> bool:
        """Whether it will change within seconds, so that a page does well to ask again."""
        return self.state in {State.PULLING, State.WAITING}

    @property
    def trouble(self) -> str:
        """The sentence about what the last pull met, with its next step; "" when it went well."""
        return str(self.maildrop.get_trouble_display()) if self.maildrop.trouble else ""


def health_of(maildrop: RemoteMaildrop, now: datetime) -> Health:
    """Return how `maildrop` is at `now`; a pull under way counts before what the last one met."""
    return Health(maildrop, _state(maildrop, now))


def _state(maildrop: RemoteMaildrop, now: datetime) -> State:
    if maildrop.claimed_at and maildrop.claimed_at > now - STALE:
        return State.PULLING
    if maildrop.is_paused:
        return State.PAUSED
    if maildrop.due_at <= now:
        return State.WAITING if maildrop.due_at > now - PATIENCE else State.STUCK
    return State.FAILING if maildrop.failure_count else State.GOOD
