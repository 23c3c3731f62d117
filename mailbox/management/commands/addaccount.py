"""Give a person a mail account, or change the one of that address."""

import re
from argparse import BooleanOptionalAction
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import Identity, MailAccount, RemoteMaildrop, RemoteServer, SubmissionServer, User
from accounts.servers import ServerUrl, UrlError, parse_url
from mailbox import outbox

Mode = RemoteMaildrop.Mode


class Command(BaseCommand):
    help = (
        "Give a person a mail account; one of the same address is changed. URLs: pop3s://user:password@host:port, "
        "pop3+starttls://, pop3:// (unencrypted), smtps://, smtp+starttls://, smtp://."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="whose account it is")
        parser.add_argument("address", help="its mail address")
        parser.add_argument("--pop3", required=True, metavar="URL", help="where its mail is collected")
        parser.add_argument("--smtp", required=True, metavar="URL", help="where its mail is submitted")
        parser.add_argument("--name", help="what the person calls it (default: the address)")
        parser.add_argument("--every", type=int, metavar="MINUTES", help="how often to pull (default: 5)")
        parser.add_argument(
            "--preview-over", type=int, metavar="MB", help="of larger messages collect only the beginning (default: 40)"
        )
        parser.add_argument(
            "--recent", action=BooleanOptionalAction, help="Gmail: the last 30 days, also what other programs collected"
        )
        parser.add_argument(
            "--fingerprint", metavar="HEX", help="accept exactly this POP3 certificate (SHA-256); empty: verify again"
        )
        self._add_modes(parser)

    def _add_modes(self, parser: CommandParser) -> None:
        modes = parser.add_mutually_exclusive_group()
        for mode, help_text in (
            (Mode.KEEP, "leave mail on the server (default)"),
            (Mode.DELETE, "delete it there once it is safe here"),
        ):
            modes.add_argument(f"--{mode}", dest="mode", action="store_const", const=mode, help=help_text)
        modes.add_argument("--delete-after", type=int, metavar="DAYS", help="delete it there after some days")
        modes.add_argument("--leave-newest", type=int, metavar="N", help="leave only the newest N messages there")

    def handle(self, *_: Any, user: str, address: str, pop3: str, smtp: str, **options: Any) -> None:
        owner = User.objects.filter(username=user).first()
        if owner is None:
            raise CommandError(f"There is nobody named {user}. Add the person first: manage.py adduser {user}")
        maildrop_url, submission_url = _server(pop3, "pop3"), _server(smtp, "smtp")
        if not maildrop_url.login:
            raise CommandError("--pop3: The URL needs a login and a password.")
        try:
            with transaction.atomic():
                verb = add_account(owner, address, maildrop_url, submission_url, **_changes(options))
        except ValidationError as error:
            raise CommandError(_sentences(error)) from error
        self.stdout.write(f"{verb} {address} for {owner.username}.")


def add_account(owner: User, address: str, pop3: ServerUrl, smtp: ServerUrl, *, name: str = "", **schedule: Any) -> str:
    """Add or change the account and return the verb of what was done. Raises ValidationError."""
    found = owner.owned_accounts.filter(address__iexact=address).first()
    account = found or _new_account(owner, address)
    _write(account, {"name": name} if name else {})
    maildrop = RemoteMaildrop.objects.filter(account=account).first() or RemoteMaildrop(account=account)
    # A certificate that was accepted by its fingerprint does not go along to another server.
    stays = (maildrop.host, maildrop.port, maildrop.security) == (pop3.host, pop3.port, pop3.security)
    certificate = {} if stays else {"fingerprint": ""}
    _write(maildrop, _place(pop3) | certificate | schedule)
    submission = SubmissionServer.objects.filter(account=account).first() or SubmissionServer(account=account)
    _write(submission, _place(smtp))
    maildrop.check_now()
    outbox.retry_all(account)
    Identity.objects.get_or_create(
        account=account, address=account.address, defaults={"name": owner.get_full_name(), "is_default": not found}
    )
    return "Changed" if found else "Added"


def _new_account(owner: User, address: str) -> MailAccount:
    colour = owner.owned_accounts.count() % MailAccount.COLOUR_COUNT
    return MailAccount(owner=owner, address=address, name=address[:100], colour=colour)


def _place(url: ServerUrl) -> dict[str, Any]:
    """The operator may name hosts of the private network: what he types is as trusted as the settings are."""
    place = {"host": url.host, "port": url.port, "security": url.security, "may_be_private": True}
    return place | {"login": url.login, "password": url.password}


def _write(row: MailAccount | RemoteServer, changes: dict[str, Any]) -> None:
    """Check the row and write what is changed only: a pull that runs meanwhile writes the other columns."""
    for name, value in changes.items():
        setattr(row, name, value)
    row.full_clean()
    row.save(update_fields=changes if row.pk else None)


def _server(url: str, kind: str) -> ServerUrl:
    try:
        server = parse_url(url)
    except UrlError as error:
        raise CommandError(f"--{kind}: {error}") from error
    if server.kind != kind:
        raise CommandError(f"--{kind}: This is the URL of a server for {server.kind.upper()}.")
    return server


def _changes(options: dict[str, Any]) -> dict[str, Any]:
    """What was said on the command line; what was not stays as it is."""
    days, newest = options["delete_after"], options["leave_newest"]
    mode = Mode.DELETE_AFTER if days is not None else Mode.LEAVE_NEWEST if newest is not None else options["mode"]
    said = {
        "name": options["name"],
        "mode": mode,
        "delete_after_days": days,
        "leave_newest": newest,
        "preview_over_mb": options["preview_over"],
        "is_recent": options["recent"],
        "every_minutes": options["every"],
        "fingerprint": _fingerprint(options["fingerprint"]),
    }
    return {field: value for field, value in said.items() if value is not None}


def _fingerprint(typed: str | None) -> str | None:
    """Return it as it is stored; openssl prints it in pairs with colons."""
    bare = None if typed is None else typed.replace(":", "").strip().lower()
    if bare and not re.fullmatch("[0-9a-f]{64}", bare):
        raise CommandError("--fingerprint: A SHA-256 fingerprint has 64 hexadecimal digits.")
    return bare


def _sentences(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items())
