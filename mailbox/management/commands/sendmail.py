"""Queue a message from standard input, as sendmail(8) does."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox import outbox
from mailbox.mime.compose import Unfit
from mailbox.mime.parse import parse
from mailbox.mime.submission import complete, without_bcc


class Command(BaseCommand):
    help = "Queue a message from standard input through a person's outbox, like sendmail(8)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER")
        parser.add_argument("recipients", nargs="*", metavar="RCPT")
        parser.add_argument("-f", dest="sender", metavar="ADDRESS", help="send from this account, not from the first")
        parser.add_argument("-t", dest="is_addressed", action="store_true", help="recipients stand in To, Cc and Bcc")
        # sendmail's callers pass these without thinking; neither changes anything here.
        parser.add_argument("-i", "-oi", action="store_true", help="ignored: a line of one dot ends nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is nobody named {options['user']}.")
        account = _account(user, options["sender"])
        now = timezone.localtime(timezone=user.zone)
        octets = complete(sys.stdin.buffer.read(), sender=account.address, domain=account.domain, date=now)
        recipients = [*options["recipients"], *(_addressed(octets) if options["is_addressed"] else [])]
        try:
            outgoing = outbox.queue_octets(
                account, user, without_bcc(octets), reverse_path=account.address, recipients=recipients
            )
        except Unfit as error:
            raise CommandError(str(error)) from error
        except outbox.NoServer as error:
            raise CommandError(f"{account} has no submission server.") from error
        self.stdout.write(outgoing.message_id)


def _addressed(octets: bytes) -> list[str]:
    header = parse(octets).header
    return [each.address for each in (*header.to, *header.cc, *header.bcc)]


def _account(user: User, sender: str | None) -> MailAccount:
    accounts = MailAccount.objects.usable_for_sending_by(user)
    chosen = accounts.filter(address__iexact=sender) if sender else accounts
    if account := chosen.first():
        return account
    raise CommandError(f"{user.username} can send from no account{f' named {sender}' if sender else ''}.")
