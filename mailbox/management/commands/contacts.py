"""Find the contacts of everybody in what they have sent."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import MailAccount
from mailbox.contacts import derive


class Command(BaseCommand):
    help = "Find in Sent whom everybody has written to, for the address fields. Running it again counts nothing twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", metavar="ADDRESS", default="", help="only what was sent from this account")

    def handle(self, *_: Any, account: str, **__: Any) -> None:
        accounts = MailAccount.objects.order_by("pk")
        if account and not (accounts := accounts.filter(address__iexact=account)):
            raise CommandError(f"There is no account {account}.")
        count = derive(accounts)
        self.stdout.write(f"Found {count:,} contacts.")
