"""Finding the servers of a mail address, so that nobody needs to know their names."""

from mailbox.finding.steps import after, find, known_provider, take
from mailbox.finding.values import Came, Outcome, Place, Servers, Step

__all__ = ["Came", "Outcome", "Place", "Servers", "Step", "after", "find", "known_provider", "take"]
