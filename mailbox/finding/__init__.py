"""Finding the servers of a mail address, so that nobody needs to know their names."""

from mailbox.finding.steps import after, find, is_offline, known_provider, take
from mailbox.finding.values import Came, Outcome, Place, Servers, Step
from mailbox.finding.words import sentence, title

__all__ = [
    "Came",
    "Outcome",
    "Place",
    "Servers",
    "Step",
    "after",
    "find",
    "is_offline",
    "known_provider",
    "sentence",
    "take",
    "title",
]
