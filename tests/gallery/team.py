"""What Bob's team and Dana, who runs the place, have; runs in a site's `manage.py`, after `furnishing`."""

from datetime import timedelta
from email.message import EmailMessage

from django.test import RequestFactory
from django.utils import timezone
from django.views import defaults
from django.views.csrf import csrf_failure

from accounts.models import AuditEvent, Identity, Invitation, MailAccount, Membership, RemoteMaildrop, User
from mailbox import delivery, quiet, team, teamwork
from mailbox.models import MailImport, Message, TeamLine

_LETTERS = (
    ("Rose Moreau", "rose@village.example", "May the choir sing in the boat hall?", "It would be the second of May."),
    ("Zoë Lefèvre", "zoe@cafe-lumiere.example", "Thirty cups, and who washes them", "We bring the cups on Friday."),
    ("Priya Nair", "priya@commons.example", "Key of the side door", "It is with the baker again."),
    ("Tom Hollis", "tom@tinkerers.example", "The projector works", "It was the cable."),
)


def furnish_team(password: str) -> dict[str, str]:
    """Give Bob a team mailbox that Dana shares, and Dana the panel; return their paths by name."""
    bob = User.objects.get(username="bob")
    dana = User.objects.create(
        username="dana", first_name="Dana", email="dana@home.test", password=password, is_staff=True, is_superuser=True
    )
    hall = _hall(bob, dana)
    written = {subject: _thread(hall, subject) for _name, _from, subject, _text in _LETTERS}
    choir, cups, key, projector = written.values()
    teamwork.assign([choir], actor=bob.pk, to=dana.pk)
    teamwork.assign([cups], actor=dana.pk, to=bob.pk)
    teamwork.close([projector], actor=dana.pk)
    quiet.snooze([key], until=timezone.now().isoformat())
    quiet.wake([key])
    note = TeamLine(account=hall, thread_id=choir, kind=TeamLine.Kind.NOTE, author=bob, text="The hall is free then.")
    team.write_lines([note])
    invitation, _token = Invitation.make(dana, "charlie@riverside.example")
    Invitation.make(dana)
    _log(dana, bob, invitation)
    message = Message.objects.filter(thread=choir).latest("pk")
    return {
        "team conversation": f"/m/{message.key}/",
        "woken": f"/m/{Message.objects.get(thread=key).key}/",
        "team note": f"/note/{TeamLine.objects.get(pk=note.pk).key}/",
        "hall": f"/accounts/{hall.key}/",
        "panel person": f"/admin/accounts/user/{bob.pk}/change/",
        "panel account": f"/admin/accounts/mailaccount/{hall.pk}/change/",
    }


def take_in(account: MailAccount) -> None:
    """Files of mail that Alice has uploaded: one that came whole, and one that broke off."""
    own = {"account": account, "begun_at": timezone.now() - timedelta(hours=3)}
    MailImport.objects.create(
        **own, file_name="All mail.mbox", octets_count=48_200_000, octets_done=48_200_000, found_count=2_310,
        new_count=2_284, state=MailImport.State.DONE,
    )  # fmt: skip
    MailImport.objects.create(
        **own, file_name="school.zip", octets_count=9_100_000, octets_done=9_100_000, state=MailImport.State.FAILED,
        skipped=["school.zip is no file of mail."], skipped_count=1,
    )  # fmt: skip


def refusals() -> dict[str, str]:
    """The pages that a site answers with when it refuses or fails, by their status and name."""
    request = RequestFactory().get("/")
    request.user = User.objects.get(username="alice")
    error = Exception()
    answers = {
        "403": defaults.permission_denied(request, error),
        "403_csrf": csrf_failure(request),
        "500": defaults.server_error(request),
    }
    return {name: answer.content.decode() for name, answer in answers.items()}


def _hall(bob: User, dana: User) -> MailAccount:
    hall = MailAccount.objects.create(owner=bob, address="hall@boat-hall.example", name="Hall", colour=5, is_team=True)
    Identity.objects.create(account=hall, name="The boat hall", address=hall.address, is_default=True)
    Membership.objects.create(account=hall, user=dana, role=Membership.Role.SEND)
    RemoteMaildrop.objects.create(account=hall, host="mail.boat-hall.example", port=995, login=hall.address)
    now = timezone.now()
    RemoteMaildrop.objects.filter(account=hall).update(
        last_pulled_at=now, last_success_at=now, due_at=now + timedelta(minutes=5)
    )
    delivery.deliver(hall, [_arrival(hall, number, *letter) for number, letter in enumerate(_LETTERS)])
    return hall


def _arrival(hall: MailAccount, number: int, name: str, sender: str, subject: str, text: str) -> delivery.Prepared:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"{name} <{sender}>", hall.address, subject
    message["Date"] = timezone.now() - timedelta(hours=1 + 7 * number)
    message["Message-ID"] = f"<hall-{number}@boat-hall.example>"
    message.set_content(f"{text}\n")
    return delivery.prepare(hall, message.as_bytes())


def _thread(hall: MailAccount, subject: str) -> int:
    return Message.objects.get(account=hall, subject=subject).thread_id


def _log(dana: User, bob: User, invitation: Invitation) -> None:
    what, own = AuditEvent.What, {"actor": dana, "actor_name": "dana", "address": "192.0.2.7"}
    AuditEvent.objects.create(what=what.ADMIN_CHANGED, person=bob, about="bob: storage", **own)
    AuditEvent.objects.create(what=what.ROLE, person=dana, about="hall@boat-hall.example: can read and send", **own)
    AuditEvent.objects.create(what=what.ADMIN_ACTION, about=f"invited {invitation}", **own)
    AuditEvent.objects.create(what=what.SIGN_IN_FAILED, person=bob, about="bob", address="198.51.100.23")
