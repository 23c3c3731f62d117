"""Two people with a lived-in inbox each, whose mail goes the whole way through this installation's own servers."""

import os
import secrets
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Identity, LocalMaildrop, MailAccount, RemoteMaildrop, Security, SubmissionServer, User
from mailbox import delivery, maildrop
from mailbox.models import Folder
from webmail.demo.letters import Letter, Place, letters
from webmail.demo.octets import octets
from webmail.demo.people import READERS, Person

# Read over the telephone without mistakes: no 0 and o, no 1 and l.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# One keeps its messages on the server, one deletes them there: both ways of POP3 can be watched.
_MODES = {"alice": RemoteMaildrop.Mode.KEEP, "bob": RemoteMaildrop.Mode.DELETE}


class Command(BaseCommand):
    help = "Add alice and bob, with mail, unless they are there. Their passwords are printed when they are made."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset-passwords", action="store_true", help="make and print new passwords")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password for both from standard input; DEMO_PASSWORD in the environment does the same",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        chosen = _chosen_password(from_stdin=options["password_stdin"])
        written = letters(timezone.now())
        said = {}
        with transaction.atomic():
            for name, person in READERS.items():
                _refuse_strangers(name, person)
                user, is_new = User.objects.get_or_create(username=name, defaults=_names(person))
                said[name] = _set_password(user, chosen, is_wanted=is_new or options["reset_passwords"])
                if not MailAccount.objects.filter(owner=user, address=person.address).exists():
                    _move_in(user, person, written)
        self._print(said)

    def _print(self, passwords: dict[str, str]) -> None:
        self.stdout.write("Demo: sign in as")
        for name, password in passwords.items():
            self.stdout.write(f"  {name:<6} password {password or 'as printed when it was made'}")
        if not all(passwords.values()):
            self.stdout.write("  manage.py demo --reset-passwords prints new ones.")


# Who they are --------------------------------------------------------------------------------------------------------


def _chosen_password(*, from_stdin: bool) -> str:
    if not from_stdin:
        return os.environ.get("DEMO_PASSWORD", "")
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CommandError("There is no password on standard input. Nothing was changed.")
    return password


def _refuse_strangers(name: str, person: Person) -> None:
    """Raise CommandError where the name or the address belongs to somebody real."""
    ours = LocalMaildrop.objects.at(person.address)
    is_stranger = User.objects.filter(username=name).exclude(local_maildrops__in=ours).exists()
    if is_stranger or ours.exclude(owner__username=name).exists():
        raise CommandError(f"{name} or {person.address} is here already and not the demo's. Nothing was changed.")


def _names(person: Person) -> dict[str, str]:
    first_name, _, last_name = person.name.partition(" ")
    return {"first_name": first_name, "last_name": last_name, "email": person.address}


def _set_password(user: User, chosen: str, *, is_wanted: bool) -> str:
    """Return the password that `user` has from now on, or "" where it stays one that nobody here knows."""
    # Setting the same again would sign the person out everywhere.
    if not is_wanted and (not chosen or user.check_password(chosen)):
        return chosen
    password = chosen or _new_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    return password


def _new_password() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


# What they have ------------------------------------------------------------------------------------------------------


def _move_in(user: User, person: Person, written: Sequence[Letter]) -> None:
    """Give `user` a maildrop, an account that collects from it, and the mail that came so far."""
    secret = secrets.token_urlsafe(24)
    account = MailAccount.objects.create(
        owner=user, address=person.address, name="Home", trusted_servers=[f"mx.{person.domain}"]
    )
    Identity.objects.create(account=account, name=person.name, address=person.address, is_default=True)
    _connect(account, secret)
    mine = [(letter, letter.places[user.username]) for letter in written if user.username in letter.places]
    here = [_arrival(account, letter, place, person) for letter, place in mine if not place.is_waiting]
    delivery.deliver(account, here)
    local, is_new = LocalMaildrop.objects.get_or_create(owner=user, address=person.address)
    local.set_password(secret)
    local.save()
    for letter in [letter for letter, place in mine if place.is_waiting and is_new]:
        maildrop.deposit(local, octets(letter, person), reverse_path=letter.author.address)


def _connect(account: MailAccount, secret: str) -> None:
    """Let the account collect and submit at the embedded servers, so that every step of the way is seen."""
    line = {"account": account, "host": "127.0.0.1", "security": Security.NONE, "may_be_private": True}
    mode = _MODES[account.owner.username]
    RemoteMaildrop.objects.create(
        **line, port=settings.POP3D_PORT, login=account.address, password=secret, mode=mode, every_minutes=1
    )
    SubmissionServer.objects.create(**line, port=settings.SMTPD_PORT)


def _arrival(account: MailAccount, letter: Letter, place: Place, person: Person) -> delivery.Prepared:
    raw = octets(letter, None if place.folder == Folder.SENT else person)
    arrival = delivery.prepare(account, raw, folder=Folder(place.folder), is_read=place.is_read)
    arrival.message.is_starred = place.is_starred
    if place.folder == Folder.TRASH:
        arrival.message.trashed_from, arrival.message.trashed_at = Folder.INBOX, letter.written_at
    return arrival
