"""What is told a person whose sign-in at a provider came to nothing, in sentences with the next step."""

import enum

from django.utils.translation import gettext as _


class Failure(enum.StrEnum):
    """How a sign-in may end."""

    STALE = "stale"
    DENIED = "denied"
    TOO_LATE = "too-late"
    AWAY = "away"
    DECLINED = "declined"
    TOO_LITTLE = "too-little"
    OTHER_ADDRESS = "other-address"
    TOO_OFTEN = "too-often"


def sentence(failure: Failure, *, server: str, address: str) -> str:
    """Return what happened and what to do next; nothing was changed in any of these cases."""
    named = {"server": server, "address": address}
    sentences = {
        Failure.STALE: _("This sign-in was begun in another browser, or too long ago. Begin again."),
        Failure.DENIED: _("You did not allow it at %(server)s. Nothing was changed."),
        Failure.TOO_LATE: _("The code has run out before it was typed. Get a new one."),
        Failure.AWAY: _("%(server)s does not answer right now. Try again in a few minutes."),
        Failure.DECLINED: _(
            "%(server)s did not go on with the sign-in. Try again; if it stays so, ask the person who runs Letterbox."
        ),
        Failure.TOO_LITTLE: _(
            "%(server)s let you in, but without the permission to use your mail. Sign in again, and leave it allowed."
        ),
        Failure.OTHER_ADDRESS: _(
            "%(server)s let you in, but its mail server does not open the mailbox of %(address)s. Most likely you were"
            " signed in there with another address: sign in again, and choose %(address)s."
        ),
        Failure.TOO_OFTEN: _("These were many tries in a short time. Wait five minutes, then begin again."),
    }
    return sentences[failure] % named
