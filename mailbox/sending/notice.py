"""A failure notice in plain words, delivered into the sender's own inbox beside what could not be delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import MailAccount
from mailbox import delivery
from mailbox.mime.compose import Address, build, new_message_id
from mailbox.mime.words import clean
from mailbox.models import Outgoing

# Answered by no program (RFC 3834, 5), and a bounce of nothing (RFC 5321, 4.5.5).
_MARKS = b"Return-Path: <>\r\nAuto-Submitted: auto-replied\r\n"
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Failure:
    """An address for which nothing more is tried, and the last words of the server about it."""

    address: str
    reply: str
    is_refused: bool
    """By the server, for good; else it was tried for two days."""


def deliver(outgoing: Outgoing, failures: Sequence[Failure]) -> None:
    """Tell the sender whom the message does not reach; nothing where it reaches everybody.

    Runs in the transaction that says so, so that there is one notice for one end.
    """
    if not failures:
        return
    account = outgoing.account
    octets = _octets(outgoing, account, failures)
    delivery.deliver(account, [delivery.prepare(account, octets, received_at=timezone.now())])


def _octets(outgoing: Outgoing, account: MailAccount, failures: Sequence[Failure]) -> bytes:
    own = Address("", outgoing.reverse_path or account.address)
    return _MARKS + build(
        sender=Address("Letterbox", own.address),
        to=[own],
        subject=_("Not delivered: %s") % (clean(outgoing.subject) or _("No subject")),
        text=_text(outgoing.queued_at, failures),
        date=timezone.localtime(),
        message_id=new_message_id(account.domain),
        in_reply_to=clean(outgoing.message_id),
        references=[clean(outgoing.message_id)],
        smtputf8=True,
    )


def _text(queued_at: datetime, failures: Sequence[Failure]) -> str:
    intro = ngettext(
        "Your message of %(time)s could not be delivered to this address:",
        "Your message of %(time)s could not be delivered to these addresses:",
        len(failures),
    ) % {"time": date_format(timezone.localtime(queued_at), "DATETIME_FORMAT")}
    answers = [_answer(each) for each in failures[:_SHOWN]]
    if more := len(failures) - len(answers):
        answers.append("    " + ngettext("and %d more address", "and %d more addresses", more) % more)
    return "\n\n".join([intro, *answers, _outro(failures)]) + "\n"


def _answer(failure: Failure) -> str:
    words = _("The server's answer: %s") if failure.is_refused else _("Last answer: %s")
    return f"    {failure.address}\n    {words % (failure.reply or '-')}"


def _outro(failures: Sequence[Failure]) -> str:
    if any(each.is_refused for each in failures):
        return _(
            "It is not tried any more, because the server refused it for good. Everybody else whom you wrote to was "
            "not affected. The message is kept in Sent: correct the address and send it again, or ask in another way."
        )
    return _(
        "It was tried again and again for two days, and is not tried any more. Everybody else whom you wrote to was "
        "not affected. The message is kept in Sent: correct the address, wait until the server works, or ask in "
        "another way."
    )
