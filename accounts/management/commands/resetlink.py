"""Make a link by which a person who cannot get in chooses a new password."""

from typing import Any

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts import audit
from accounts.models import User
from webmail.place import address_of


class Command(BaseCommand):
    help = "Print a link with which a person chooses a new password: it works once, for a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the person types to sign in")

    def handle(self, *_: Any, name: str, **__: Any) -> None:
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody named {name} may sign in. Nothing was changed.")
        token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
        audit.note(audit.What.RESET_LINK, person=user, about=name)
        names = {"uidb36": user_pk_to_url_str(user), "key": token}
        self.stdout.write(address_of(reverse("account_reset_password_from_key", kwargs=names)))
