"""A failure notice in plain words, delivered into the sender's own inbox beside what could not be delivered."""

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


def deliver(outgoing: Outgoing, failed: list[tuple[str, str]]) -> None:
    """Tell the sender that nothing more is tried for `failed`: addresses, each with the server's last words.

    Runs in the transaction that gives up, so that there is one notice for one end.
    """
    account = outgoing.account
    delivery.deliver(
        account, [delivery.prepare(account, _octets(outgoing, account, failed), received_at=timezone.now())]
    )


def _octets(outgoing: Outgoing, account: MailAccount, failed: list[tuple[str, str]]) -> bytes:
    own = Address("", outgoing.reverse_path or account.address)
    return _MARKS + build(
        sender=Address("Letterbox", own.address),
        to=[own],
        subject=_("Not delivered: %s") % (clean(outgoing.subject) or _("No subject")),
        text=_text(outgoing.queued_at, failed),
        date=timezone.localtime(),
        message_id=new_message_id(account.domain),
        in_reply_to=clean(outgoing.message_id),
        references=[clean(outgoing.message_id)],
        smtputf8=True,
    )


def _text(queued_at: datetime, failed: list[tuple[str, str]]) -> str:
    intro = ngettext(
        "Your message of %(time)s could not be delivered to this address:",
        "Your message of %(time)s could not be delivered to these addresses:",
        len(failed),
    ) % {"time": date_format(timezone.localtime(queued_at), "DATETIME_FORMAT")}
    last = _("Last answer: %s")
    answers = [f"    {address}\n    {last % (reply or '-')}" for address, reply in failed]
    outro = _(
        "It was tried again and again for two days, and is not tried any more. Everybody else whom you wrote to was "
        "not affected. The message is kept in Sent: correct the address, wait until the server works, or ask in "
        "another way."
    )
    return "\n\n".join([intro, *answers, outro]) + "\n"
