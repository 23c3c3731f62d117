"""Write a person's mail into files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import MailAccount, User
from mailbox.transfer import Form, export_mail


class Command(BaseCommand):
    help = "Export the mail of a person's own accounts, byte for byte as received, one file or folder per mail folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="whose accounts")
        parser.add_argument("folder", type=Path, metavar="dir", help="where to write; made when it is not there")
        parser.add_argument("--format", dest="form", type=Form, choices=list(Form), default=Form.MBOX)
        parser.add_argument("--address", default="", help="this account only")
        parser.add_argument("--force", action="store_true", help="overwrite what was exported before")

    def handle(self, *_: Any, user: str, folder: Path, form: Form, address: str, force: bool, **__: Any) -> None:
        accounts = self._accounts(user, address)
        count = 0
        try:
            for path, messages in export_mail(accounts, folder, form=form, overwrite=force):
                self.stdout.write(f"{messages:>8,}  {path}")
                count += messages
        except FileExistsError as error:
            raise CommandError(f"{error.filename or error} exists already; --force overwrites it.") from error
        except OSError as error:
            raise CommandError(f"{error.filename or folder}: {error.strerror}") from error
        self.stdout.write(f"Exported {count:,} messages.")

    def _accounts(self, user: str, address: str) -> list[MailAccount]:
        owner = User.objects.filter(username=user).first()
        if owner is None:
            raise CommandError(f"There is nobody named {user}.")
        accounts = MailAccount.objects.owned_by(owner)
        if address:
            accounts = accounts.filter(address__iexact=address)
        if not accounts:
            raise CommandError(f"{user} owns no account{f' {address}' if address else ''}. Nothing was exported.")
        return list(accounts)
