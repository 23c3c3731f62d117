"""What people must do at their provider first, in sentences that are the same wherever they are shown."""

from django.utils.translation import gettext as _


def password(name: str, kind: str) -> str:
    """Return what a mail program's password is at the provider `name`; "" for the usual one."""
    if name == "Gmail":
        return _(
            "Gmail wants an app password: switch two-step verification on in your Google account, then make one at"
            " myaccount.google.com/apppasswords."
        )
    sentences = {
        "app": _("This provider wants an app password of its own instead of your usual one: make one in its settings."),
        "own": _("This provider has a password of its own for mail programs: choose or look it up in its settings."),
        "token": _("This provider lets no program in by password any more."),
    }
    return sentences.get(kind, "")


def switch(name: str) -> str:
    """Return how POP3 is switched on at the provider `name`."""
    if name == "Gmail":
        return _("Switch POP on in Gmail's settings, under Forwarding and POP/IMAP.")
    return _("POP3 may be switched off there: switch it on in the provider's webmail, under settings.")


def instead(name: str, elsewhere: str) -> str:
    """Return what to do at the provider `name`, which has no POP3."""
    if elsewhere == "forward":
        return _(
            "%(name)s has no POP3, so its mail cannot be collected. Have it forwarded in its settings to an address"
            " that you collect here."
        ) % {"name": name}
    return _(
        "%(name)s has no POP3, so its mail cannot be collected. With a paid plan you can have it forwarded to an"
        " address that you collect here."
    ) % {"name": name}
