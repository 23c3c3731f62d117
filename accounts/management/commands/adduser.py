"""Add a person who may sign in."""

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import audit
from accounts.models import User


class Command(BaseCommand):
    help = "Add a person who may sign in. The password is asked for, or read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the person types to sign in")
        parser.add_argument("--email", default="", help="for signing in by address")
        parser.add_argument("--admin", action="store_true", help="may use the admin pages")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *_: Any, name: str, email: str, admin: bool, password_stdin: bool, **__: Any) -> None:
        user = User(username=name, email=email, is_staff=admin, is_superuser=admin)
        self._refuse_when_taken(user)
        password = self._read_password() if password_stdin else self._ask_password()
        # A password that cannot be used, so that full_clean looks at the rest only.
        user.set_unusable_password()
        try:
            user.full_clean()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        user.save()
        audit.note(audit.What.PERSON_ADDED, person=user, about=f"{name}{', admin' if admin else ''}")
        self.stdout.write(f"Added {name}{', who may use the admin pages' if admin else ''}.")

    def _refuse_when_taken(self, user: User) -> None:
        if User.objects.filter(username__iexact=user.username).exists():
            raise CommandError(f"There is somebody named {user.username} already. Nothing was changed.")
        if user.email and User.objects.filter(email__iexact=user.email).exists():
            raise CommandError(f"Somebody uses {user.email} already. Nothing was changed.")

    def _read_password(self) -> str:
        return sys.stdin.readline().rstrip("\r\n")

    def _ask_password(self) -> str:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ. Nothing was changed.")
        return password
