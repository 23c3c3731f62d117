"""Derive everything again from the stored octets."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.models import MailAccount
from mailbox.reparse import Tally, chosen, reparse


class Command(BaseCommand):
    help = "Derive all that is shown and found again from the stored octets. Exit status 1 if that fails for some."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=_moment, metavar="DATE", help="only what was stored here since then")
        parser.add_argument("--account", metavar="ADDRESS", default="", help="only the mail of this account")

    def handle(self, *_: Any, since: datetime | None, account: str, **__: Any) -> None:
        accounts = _accounts(account)
        bar = _Bar(self, chosen(accounts, since).count())
        tally = reparse(accounts, since=since, on_progress=bar.advance)
        bar.end()
        self._report(tally)

    def _report(self, tally: Tally) -> None:
        for key in tally.damaged:
            self.stderr.write(f"The octets of /m/{key}/ are not those that were received; the message is left alone.")
        for key in tally.refused:
            self.stderr.write(f"The database does not take what /m/{key}/ says; the message stays as it was.")
        self.stdout.write(f"Derived {tally.derived:,} messages again; {tally.changed:,} were different.")
        if tally.damaged:
            self.stderr.write(f"{len(tally.damaged):,} messages are damaged: restore them from a backup.")
        if tally.damaged or tally.refused:
            sys.exit(1)


def _accounts(address: str) -> list[MailAccount]:
    accounts = MailAccount.objects.order_by("pk")
    if not address:
        return list(accounts)
    if found := list(accounts.filter(address__iexact=address)):
        return found
    raise CommandError(f"There is no account {address}.")


def _moment(text: str) -> datetime:
    """Return the moment that `text` names: a day, or a day and a time, in this installation's time zone."""
    try:
        day, moment = parse_date(text), parse_datetime(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text}: {error}") from error
    if day:
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # it becomes aware below
    if moment is None:
        raise ArgumentTypeError(f"{text} is no date like 2025-11-24 or 2025-11-24T09:00")
    return (timezone.make_aware(moment) if timezone.is_naive(moment) else moment).astimezone(UTC)


class _Bar:
    """How far it is, drawn over itself on a terminal; silent elsewhere."""

    WIDTH = 30

    def __init__(self, command: BaseCommand, count: int) -> None:
        self._err = command.stderr
        self._count = count
        self._done = 0
        self._is_shown = bool(command.stderr.isatty())

    def advance(self, count: int) -> None:
        self._done += count
        if self._is_shown:
            filled = self.WIDTH * self._done // max(self._count, 1)
            self._err.write(f"\r[{'#' * filled:<{self.WIDTH}}] {self._done:,} of {self._count:,}", ending="")
            self._err.flush()

    def end(self) -> None:
        if self._is_shown:
            self._err.write("\r\033[K", ending="")
