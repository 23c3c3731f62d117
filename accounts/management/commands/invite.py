"""Make a link by which somebody becomes a person here."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts import audit
from accounts.forms.invitation import InvitationForm
from accounts.models import Invitation, User
from webmail.place import address_of


class Command(BaseCommand):
    help = "Print a link that lets one person in: it works once, for seven days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="", help="the address that the person will sign in with")
        parser.add_argument("--by", default="", metavar="NAME", help="who invites, as the link's page says")

    def handle(self, *_: Any, email: str, by: str, **__: Any) -> None:
        inviter = User.objects.filter(username=by).first()
        if by and inviter is None:
            raise CommandError(f"There is nobody named {by}. Nothing was changed.")
        form = InvitationForm({"address": email})
        if not form.is_valid():
            raise CommandError(" ".join(map(str, form.errors["address"])))
        made, token = Invitation.make(inviter, form.cleaned_data["address"])
        audit.note(audit.What.INVITED, person=inviter, about=made)
        self.stdout.write(address_of(reverse("invitation", args=[token])))
