"""What may be wrong with a server, or worth knowing: a word for the database and a sentence to read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Trouble(models.TextChoices):
    """What keeps a server from being used, in one sentence with the next step; the server's words are kept apart."""

    PASSWORD = "password", _("The server does not accept the login or the password. Type them again.")
    PASSWORD_LOST = "password-lost", _("The stored password cannot be read any more. Type it again.")
    SIGNED_OUT = "signed-out", _("The permission to use this mailbox was taken back or has run out. Sign in again.")
    TOKEN_REFUSED = (
        "token-refused",
        _("The server does not accept your sign-in for this address. Sign in again, with this very address."),
    )
    SIGN_IN_AWAY = (
        "sign-in-away",
        _("The provider does not renew the sign-in right now. Nothing is lost, and it will be tried again."),
    )
    LOCKED = "locked", _("Another program is using this mailbox right now. It will be tried again soon.")
    REFUSED = "refused", _("The server refused.")
    UNREACHABLE = "unreachable", _("The server cannot be reached. Check its name and port.")
    UNTRUSTED = "untrusted", _("The line to the server cannot be trusted, so no password was sent.")
    GARBLED = "garbled", _("The server does not answer as a mail server should. Check its name and port.")
    HOST = "host", _("This server may not be used from here. Ask the person who runs this installation.")
    CANNOT_KEEP = (
        "cannot-keep",
        _("The server cannot tell its messages apart, so they cannot stay there. Choose to delete them there."),
    )
    FULL = (
        "full",
        _(
            "Your room for mail is used up. New mail waits on the server, and nothing is deleted there. "
            "Empty the trash, or ask the person who runs this installation for more room."
        ),
    )


# Waiting cures none of these.
HOPELESS = frozenset({Trouble.PASSWORD, Trouble.PASSWORD_LOST, Trouble.SIGNED_OUT, Trouble.TOKEN_REFUSED})
# These nobody here can do anything about but wait, however long it takes.
PASSING = frozenset({Trouble.SIGN_IN_AWAY})


class Notice(models.TextChoices):
    """Something a server did that its owner should know, though nothing went wrong."""

    RENUMBERED = (
        "renumbered",
        _("The server gave old messages new numbers. They were recognised, and none is shown twice."),
    )
    RESTORED = "restored", _("Messages that had left the server are there again. None is shown twice.")
