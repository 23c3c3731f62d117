"""What an enhanced status code (RFC 3463, with IANA's additions) means, in plain words and with what to do next."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3}\.\d{1,3})(?![\d.])")

_NO_SUCH = _("There is no such address. Check how it is written, or ask for the right one.")
_NO_DOMAIN = _("There is no mail server for what stands after the @. Check how it is written.")
_GONE = _("The recipient has moved and left no new address.")
_OFF = _("The mailbox is switched off.")
_FULL = _("The mailbox is full. Ask the recipient in another way, or try again in some days.")
_LARGE = _("The message is too large for the recipient's server. Share large files by a link instead.")
_NO_LINE = _("The recipient's server could not be reached.")
_EXPIRED = _("The recipient's server could not be reached for too long.")
_LOOP = _("The message went round in circles between servers: the recipient's forwarding is set up wrongly.")
_BUSY = _("The recipient's server is overloaded or under repair.")
_PROTOCOL = _("The two servers did not understand each other.")
_CONTENT = _("The recipient's server does not take what the message contains, or how it is written.")
_POLICY = _("The recipient's server does not want the message, often because it takes it for spam.")
_GREYLISTED = _("The recipient's server lets senders wait whom it does not know yet. It is tried again by itself.")
_SENDER = _(
    "The recipient's server does not believe that the message is from you. "
    "Whoever runs your domain should check its SPF and DKIM records."
)
_TOO_MANY = _("The recipient's server takes no more messages from your server for now.")
_SENDER_ADDRESS = _("The recipient's server does not accept your own address as a sender.")

# The details where they are known, then their subjects.
_MEANINGS: dict[str, Promise] = {
    **dict.fromkeys(("1.1", "1.0", "1.3", "1.4"), _NO_SUCH),
    **dict.fromkeys(("1.2", "1.10", "4.3"), _NO_DOMAIN),
    "1.6": _GONE,
    **dict.fromkeys(("1.7", "1.8"), _SENDER_ADDRESS),
    "2.1": _OFF,
    "2.2": _FULL,
    **dict.fromkeys(("2.3", "3.4"), _LARGE),
    **dict.fromkeys(("4.1", "4.2", "4.4"), _NO_LINE),
    "4.6": _LOOP,
    "4.7": _EXPIRED,
    **dict.fromkeys(("7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.27"), _SENDER),
    "7.28": _TOO_MANY,
    "1": _NO_SUCH,
    "2": _OFF,
    "3": _BUSY,
    "4": _NO_LINE,
    "5": _PROTOCOL,
    "6": _CONTENT,
    "7": _POLICY,
}

# With 4, what greylisting answers: not that anybody dislikes the message.
_GREYLISTING = frozenset({"7.0", "7.1"})


def explained(words: str) -> str:
    """Return a sentence on the first enhanced status code in `words`; "" where there is none or all went well."""
    found = _CODE.search(words)
    if not found or found[1] == "2":
        return ""
    subject = found[2].partition(".")[0]
    if found[1] == "4" and found[2] in _GREYLISTING:
        return str(_GREYLISTED)
    meaning = _MEANINGS.get(found[2]) or _MEANINGS.get(subject)
    return str(meaning) if meaning else ""
