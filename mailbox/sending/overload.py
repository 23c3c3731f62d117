"""When a server says that it is too much for it now, whoever the message is for."""

import re

from mailbox import smtp

_CLOSING = 421
_TOO_MUCH = re.compile(
    r"too (?:many|much|fast|busy)|rate.?limit|limit(?:s|ed)? (?:exceeded|reached)|exceed|throttl|slow down|quota", re.I
)
# These are about one recipient, or the number of them, and say nothing of the next message.
_OF_A_RECIPIENT = re.compile(r"recipient|mailbox|user|4\.2\.[0-9]|4\.5\.3|over ?quota", re.I)


def is_for_all(outcome: smtp.Outcome) -> bool:
    """Whether what put this recipient off would put off every other message too."""
    if outcome.status is not smtp.Status.DEFERRED or not outcome.code:
        return False
    if outcome.code == _CLOSING:
        return True
    return bool(_TOO_MUCH.search(outcome.reply)) and not _OF_A_RECIPIENT.search(outcome.reply)
