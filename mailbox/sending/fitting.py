"""What a server without 8BITMIME is given: the same message in 7-bit octets, which are then also the copy in Sent."""

from dataclasses import replace

from django.utils.translation import gettext as _

from mailbox import smtp
from mailbox.mime.seven_bit import Signed, in_seven_bits
from mailbox.models import Outgoing
from mailbox.sending import copies


class NotTaken(Exception):
    """The server would have to be given other octets, and they may not be changed; `str()` says why."""


def fitted(envelope: smtp.Envelope, outgoing: Outgoing, client: smtp.Client) -> smtp.Envelope:
    """Return the envelope as the server takes it, once what changes in its octets is committed.

    Raises NotTaken and ClaimLost.
    """
    if client.takes(envelope.octets):
        return envelope
    try:
        octets = in_seven_bits(envelope.octets)
    except Signed:
        if client.takes_bodies(envelope.octets):
            return envelope
        raise NotTaken(
            _(
                "The message is signed and holds letters that this server does not take as they are; changing them "
                "would break the signature. Nothing was sent."
            )
        ) from None
    if octets != envelope.octets:
        copies.recode(outgoing, octets)
    return replace(envelope, octets=octets)
