"""How the pulls of an account go, in one word that a screen can put into a sentence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import RemoteMaildrop
from accounts.providers import advice
from accounts.troubles import HOPELESS, Trouble
from webmail.claims import STALE

# Due for longer than this, nobody seems to be pulling.
PATIENCE = timedelta(minutes=2)


class State(models.TextChoices):
    PULLING = "pulling", _("collecting now")
    WAITING = "waiting", _("about to collect")
    STUCK = "stuck", _("due, but nobody collects")
    PAUSED = "paused", _("paused")
    FAILING = "failing", _("failing")
    FULL = "full", _("no room left")
    GOOD = "good", _("good")


# What the account's form cures, in the words of the link that leads there; time or the provider cures the rest.
_CORRECTIONS: dict[str, Promise] = {
    Trouble.PASSWORD: _("Correct the login"),
    Trouble.PASSWORD_LOST: _("Type the password"),
    Trouble.SIGNED_OUT: _("Sign in again"),
    Trouble.TOKEN_REFUSED: _("Sign in again"),
    Trouble.UNTRUSTED: _("Look at the certificate"),
    Trouble.CANNOT_KEEP: _("Choose what stays there"),
    Trouble.HOST: _("Correct the server"),
}

_SIGN_IN = frozenset({Trouble.SIGNED_OUT, Trouble.TOKEN_REFUSED})


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

    @property
    def advice(self) -> str:
        """What this provider wants of people, as far as it may be the reason; "" where nothing is known."""
        return advice(self.maildrop)

    @property
    def gave_up_after(self) -> int:
        """After how many failures in a row the pulls were paused; 0 where something else did it."""
        is_cause = self.maildrop.is_paused and self.maildrop.trouble not in HOPELESS
        return self.maildrop.failure_count if is_cause else 0

    @property
    def correction(self) -> str:
        """The name of the link to the form, where that is what helps; "" elsewhere."""
        is_in_trouble = self.state in {State.PAUSED, State.FAILING}
        return str(_CORRECTIONS.get(self.maildrop.trouble, "")) if is_in_trouble else ""

    @property
    def correction_view(self) -> str:
        """The name of the page that it leads to."""
        return "oauth_again" if self.maildrop.trouble in _SIGN_IN else "account"


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
    if maildrop.trouble == Trouble.FULL:
        return State.FULL
    return State.FAILING if maildrop.failure_count else State.GOOD
