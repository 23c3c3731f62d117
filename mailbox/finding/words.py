"""What was looked at in each step and what came of it, in plain words."""

from django.utils.translation import gettext as _

from mailbox.finding.values import Came, Outcome, Step


def title(step: Step) -> str:
    """Return where a step looks."""
    titles = {
        Step.FACTS: _("Providers that Letterbox knows"),
        Step.OWN: _("What the domain itself says"),
        Step.DATABASE: _("The public list of providers"),
        Step.EXCHANGERS: _("Who takes the domain's mail"),
        Step.SERVICES: _("Servers that the domain names"),
        Step.GUESSES: _("The usual names of servers"),
    }
    return titles[step]


def sentence(outcome: Outcome) -> str:
    """Return what came of it."""
    provider = outcome.servers.provider if outcome.servers else None
    if provider and outcome.came in {Came.FOUND, Came.KNOWN}:
        return provider.name
    pop3 = outcome.servers.pop3 if outcome.servers else None
    sentences = {
        Came.FOUND: pop3.host if pop3 else "",
        Came.KNOWN: "",
        Came.NOTHING: _("Nothing there"),
        Came.SILENCE: _("No answer"),
        Came.OFF: _("Not asked: switched off here"),
    }
    return sentences[outcome.came]
