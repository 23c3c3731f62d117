"""Pull mail now."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import RemoteMaildrop
from mailbox import pull

_FIELDS = ("address", "status", "retrieved", "known", "deleted", "oversize", "octets", "seconds", "error")

_BAR = 30


class Command(BaseCommand):
    help = "Pull new mail now, from all accounts or from those named. Exit status 1 if any account failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("addresses", nargs="*", metavar="ADDRESS")
        parser.add_argument("--json", action="store_true", help="print what was done as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        is_json, is_named = options["json"], bool(options["addresses"])
        maildrops = _maildrops(options["addresses"])
        reports = [self._pull(each, is_json=is_json, is_named=is_named) for each in maildrops]
        if is_json:
            rows = [{name: asdict(report)[name] for name in _FIELDS} for report in reports]
            self.stdout.write(json.dumps({"accounts": rows}, ensure_ascii=False))
        if any(report.status == pull.Status.FAILED for report in reports):
            sys.exit(1)

    def _pull(self, maildrop: RemoteMaildrop, *, is_json: bool, is_named: bool) -> pull.Report:
        is_watched = self.stderr.isatty() and not is_json
        if maildrop.is_paused and not is_named:
            report = pull.Report(maildrop.account.address, pull.Status.PAUSED, error=_why(maildrop))
        else:
            show = partial(self._show_progress, maildrop.account.address)
            report = pull.pull(maildrop, on_progress=show if is_watched else None)
        if is_watched:
            self.stderr.write("\r\033[K", ending="")
        if not is_json:
            self.stdout.write(_sentence(report))
        return report

    def _show_progress(self, address: str, done: int, wanted: int) -> None:
        """Draw over the last bar; the count goes on through all the sessions of a long first pull."""
        filled = _BAR * min(done, wanted) // max(wanted, 1)
        bar = f"[{'#' * filled:<{_BAR}}] {done:,} of {wanted:,}"
        self.stderr.write(f"\r\033[K{address}: {bar}, newest first", ending="")
        self.stderr.flush()


def _maildrops(addresses: list[str]) -> list[RemoteMaildrop]:
    """Return the maildrops of `addresses`; without any, all of them."""
    maildrops = RemoteMaildrop.objects.select_related("account__owner").order_by("pk")
    if not addresses:
        return list(maildrops)
    chosen = [each for each in maildrops if each.account.address in addresses]
    if missing := sorted(set(addresses) - {each.account.address for each in chosen}):
        raise CommandError(f"No account pulls mail for {', '.join(missing)}.")
    return chosen


def _why(maildrop: RemoteMaildrop) -> str:
    return " ".join(filter(None, [maildrop.get_trouble_display(), maildrop.last_error]))


def _sentence(report: pull.Report) -> str:
    if report.status == pull.Status.PAUSED:
        return f"{report.address}: paused. {report.error}".rstrip()
    if report.status == pull.Status.BUSY:
        return f"{report.address}: another pull is at work"
    if report.status == pull.Status.FAILED:
        return f"{report.address}: {report.error} ({report.retrieved} new before that)"
    counts = f"{report.retrieved} new, {report.known} known, {report.deleted} deleted there"
    oversize = f", {report.oversize} too large" if report.oversize else ""
    return f"{report.address}: {counts}{oversize}; {report.octets:,} octets in {report.seconds:.1f} s"
