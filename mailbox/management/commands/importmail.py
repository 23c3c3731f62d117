"""Bring mail from files into an account."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import MailAccount
from mailbox.models import Folder
from mailbox.transfer import NotMail, Source, Tally, import_mail, sources


class Command(BaseCommand):
    help = "Import mail from mbox files, Maildirs, .eml files, and folders that hold these. Twice does no harm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="who owns the account")
        parser.add_argument("address", help="the account's address")
        parser.add_argument("paths", nargs="+", type=Path, metavar="path", help="a file or folder of mail")
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--inbox", action="store_true", help="put the mail into the inbox, not into the archive")
        place.add_argument("--sent", action="store_true", help="put the mail into Sent, not into the archive")
        parser.add_argument("--unread", action="store_true", help="as unread, where a file has no flags of its own")

    def handle(self, *_: Any, user: str, address: str, paths: list[Path], **options: Any) -> None:
        account = MailAccount.objects.filter(owner__username=user, address__iexact=address).first()
        if account is None:
            raise CommandError(f"{user} owns no account {address}. Nothing was imported.")
        found, complaints = self._look_for(paths)
        bar = _Bar(sum(source.octets_count for source in found))
        tally = import_mail(
            account,
            found,
            folder=_folder(**options),
            is_read=not options["unread"],
            octets_limit=settings.MESSAGE_OCTETS_LIMIT,
            on_message=bar.advance,
        )
        bar.end()
        self._report(account, tally, complaints + tally.skipped)

    def _look_for(self, paths: list[Path]) -> tuple[list[Source], list[str]]:
        found: list[Source] = []
        complaints: list[str] = []
        for path in paths:
            try:
                found += sources(path)
            except NotMail as problem:
                complaints.append(str(problem))
            except OSError as error:
                complaints.append(f"{path}: {error.strerror}")
        return found, complaints

    def _report(self, account: MailAccount, tally: Tally, complaints: list[str]) -> None:
        for complaint in complaints:
            self.stderr.write(f"Skipped {complaint}")
        if not tally.found:
            raise CommandError("No mail could be read. Nothing was imported.")
        known = tally.found - tally.new
        self.stdout.write(
            f"Imported {tally.new:,} of {tally.found:,} messages into {account.address}"
            f"{f'; {known:,} were there already' if known else ''}."
        )


def _folder(*, inbox: bool, sent: bool, **_: Any) -> Folder:
    if inbox:
        return Folder.INBOX
    return Folder.SENT if sent else Folder.ARCHIVE


class _Bar:
    """How far it is, drawn over itself on a terminal; silent elsewhere."""

    WIDTH = 30
    SECONDS_BETWEEN = 0.1

    def __init__(self, octets_count: int) -> None:
        self.octets_count = max(octets_count, 1)
        self.octets_done = 0
        self.drawn_at = 0.0
        self.is_shown = sys.stderr.isatty()

    def advance(self, octets_count: int, tally: Tally) -> None:
        self.octets_done += octets_count
        if self.is_shown and time.monotonic() - self.drawn_at > self.SECONDS_BETWEEN:
            self.drawn_at = time.monotonic()
            share = min(1.0, self.octets_done / self.octets_count)
            bar = "#" * int(share * self.WIDTH)
            sys.stderr.write(f"\r[{bar:<{self.WIDTH}}] {share:4.0%}  {tally.found:,} messages ")
            sys.stderr.flush()

    def end(self) -> None:
        if self.drawn_at:
            sys.stderr.write("\r\033[K")
