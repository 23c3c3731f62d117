"""Take the second factors of a person away who has lost them."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import audit
from accounts.models import User
from accounts.sessions import end_all


class Command(BaseCommand):
    help = "Remove a person's app codes, recovery codes and passkeys, and sign him out everywhere. Make sure who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the person types to sign in")

    def handle(self, *_: Any, name: str, **__: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is nobody named {name}. Nothing was changed.")
        count, _each = Authenticator.objects.filter(user=user).delete()
        end_all(user)
        audit.note(audit.What.FACTOR_REMOVED, person=user, about="all, by a command")
        self.stdout.write(f"Removed {count} factors of {name}; the password alone signs in now.")
        if not user.has_usable_password():
            self.stdout.write(f"{name} has no password: make a link with `manage.py resetlink {name}`.")
