"""What the demo's Alice has besides her mail, so that every screen shows something; runs in a site's `manage.py`."""

import json
from collections.abc import Iterable
from datetime import timedelta
from email.message import EmailMessage

from django.db import transaction
from django.utils import timezone

from accounts.models import HandOver, Identity, MailAccount, RemoteMaildrop, SubmissionServer, User
from accounts.troubles import Trouble
from mailbox import delivery, labelling, outbox, quiet, threads
from mailbox.models import Draft, Entry, Label, Outgoing, PullLog, Recipient, TrustedSender
from tests.gallery import team, under_way

_LABELS = (
    ("Family", 6, ("Rose turns 80: a weekend at the lake?", "The lake, this morning")),
    ("Travel/Japan", 4, ("来月の東京行きについて",)),
    ("Travel/Rail", 0, ("Your tickets",)),
    ("Money", 1, ("Your electricity invoice 4127", "Your monthly statement is ready")),
    ("Studio", 2, ("Gull approved", "Lighthouse: first drawings together")),
)
_STUDIO = (
    ("Emil Novak", "emil@harbour-studio.example", "Proofs are back from the printer", "The blue is right this time."),
    ("Dana Whitfield", "dana@harbour-studio.example", "Keys for Monday", "I leave them with the baker."),
    ("Jonas Berg", "berg@ferry-museum.example", "Lettering for the new sign", "Could it be a little wider?"),
)
_OUTGOING = (
    ("Tea on Sunday", "rose@village.example", Recipient.Status.REFUSED, "550 5.1.1 No such user here"),
    ("The spare oar", "charlie@riverside.example", Recipient.Status.UNCERTAIN, ""),
    ("Sketches, second round", "dana@harbour-studio.example", Recipient.Status.DEFERRED, "451 4.7.1 Try again later"),
)


def furnish() -> None:
    """Give Alice a second account, labels, drafts and sent mail of every fate, and three people less than she has.

    Bob gets a team, Dana the panel, and Finn his first mail. Prints two JSON objects: "paths" from the subject of a
    conversation, and from words like "draft" or "account", to a path; "refusals" from a status to the page that is
    answered with it.
    """
    alice = User.objects.get(username="alice")
    home = alice.owned_accounts.get()
    with transaction.atomic():
        studio = _studio(alice)
        _label(alice)
        _move(home)
        _write(alice, home)
        _send(alice, home)
        _add_others(alice.password)
        RemoteMaildrop.objects.filter(account=home).update(due_at=timezone.now() + timedelta(minutes=4))
        TrustedSender.trust(alice, "letter@slow-kitchen.example")
        team.take_in(home)
        HandOver.objects.create(account=studio, to=User.objects.get(username="charlie"))
        paths = _paths(alice, home, studio) | team.furnish_team(alice.password) | under_way.furnish(alice)
    print(json.dumps({"paths": paths, "refusals": team.refusals()}))


def _studio(alice: User) -> MailAccount:
    """An account whose password is wrong since an hour ago."""
    account = MailAccount.objects.create(owner=alice, address="alice@harbour-studio.example", name="Studio", colour=2)
    Identity.objects.create(account=account, name="Alice Moreau", address=account.address, is_default=True)
    now, host = timezone.now(), "mail.harbour-studio.example"
    maildrop = RemoteMaildrop.objects.create(
        account=account, host=host, port=995, login=account.address, password="x", is_paused=True, failure_count=1
    )
    said = {"trouble": Trouble.PASSWORD, "last_error": "-ERR [AUTH] Authentication failed."}
    times = {"last_pulled_at": now - timedelta(hours=1), "last_success_at": now - timedelta(hours=2)}
    RemoteMaildrop.objects.filter(pk=maildrop.pk).update(**said, **times, due_at=now + timedelta(days=9))
    SubmissionServer.objects.create(account=account, host=host, port=465)
    _log(maildrop)
    delivery.deliver(account, [_arrival(account, number, *letter) for number, letter in enumerate(_STUDIO)])
    return account


def _arrival(account: MailAccount, number: int, name: str, sender: str, subject: str, text: str) -> delivery.Prepared:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"{name} <{sender}>", account.address, subject
    message["Date"] = timezone.now() - timedelta(hours=2 + 9 * number)
    message["Message-ID"] = f"<studio-{number}@harbour-studio.example>"
    message.set_content(f"{text}\n")
    return delivery.prepare(account, message.as_bytes(), is_read=number > 0)


def _log(maildrop: RemoteMaildrop) -> None:
    now = timezone.now()
    for number in range(12, 0, -1):
        at, count = now - timedelta(hours=number), number % 4
        PullLog.objects.create(
            maildrop=maildrop,
            at=at,
            status="ok",
            retrieved=count,
            known=40 + number,
            octets_count=9_400 * count,
            seconds=0.4,
        )
    PullLog.objects.create(
        maildrop=maildrop, at=now, status="failed", trouble=Trouble.PASSWORD, words="-ERR [AUTH] Authentication failed."
    )


def _label(alice: User) -> None:
    for name, colour, subjects in _LABELS:
        label = Label.objects.create(owner=alice, name=name, colour=colour)
        labelling.label(_threads(alice, subjects), label=label.pk)


def _move(home: MailAccount) -> None:
    """Something in every place: snoozed, muted, spam."""
    alice = home.owner
    tomorrow = (timezone.localtime() + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    quiet.snooze(_threads(alice, ["Three books are due soon", "Soup or pasta"]), until=tomorrow.isoformat())
    quiet.mute(_threads(alice, ["[bicycle-kitchen] Winter opening hours"]))
    threads.spam(_threads(alice, ["You are the lucky one of 1,000,000", "New in the shop: ink in four greys"]))
    threads.trash(_threads(alice, ["A year ago: 14 pictures from the coast"]))


def _threads(alice: User, subjects: Iterable[str]) -> list[int]:
    entries = Entry.objects.visible_to(alice)
    return [pk for each in subjects for pk in entries.filter(subject__startswith=each).values_list("thread", flat=True)]


def _write(alice: User, home: MailAccount) -> None:
    own = {"writer": alice, "account": home}
    Draft.objects.create(**own, to="rose@village.example", subject="Plums", text="Dear Rose,\n\nthe plums are ripe.\n")
    Draft.objects.create(**own, to="Dana Whitfield <dana@harbour-studio.example>", subject="Paper for the gull")
    Draft.objects.create(**own, text="Ask about the boat\n")


def _send(alice: User, home: MailAccount) -> None:
    for subject, to, status, reply in _OUTGOING:
        outgoing = outbox.queue(_parting(alice, home, subject, to))
        outgoing.recipients.update(status=status, reply=reply, decided_at=timezone.now())
        is_over = status == Recipient.Status.REFUSED
        Outgoing.objects.filter(pk=outgoing.pk).update(
            due_at=timezone.now() + timedelta(days=9),
            troubled_at=None if status == Recipient.Status.DEFERRED else timezone.now(),
            finished_at=timezone.now() if is_over else None,
            attempt_count=1,
        )
    monday = timezone.now() + timedelta(days=4)
    outbox.queue(
        _parting(alice, home, "Minutes of the garden meeting", "vorstand@gartenverein.example"), send_at=monday
    )


def _parting(alice: User, home: MailAccount, subject: str, to: str) -> Draft:
    return Draft.objects.create(writer=alice, account=home, to=to, subject=subject, text="Here it is.\n")


def _add_others(password: str) -> None:
    """Charlie, whose account is empty, and Eve, who has none; they sign in with Alice's password."""
    for name in ("charlie", "eve"):
        User.objects.create(username=name, first_name=name.title(), password=password, email=f"{name}@home.test")
    owner = User.objects.get(username="charlie")
    account = MailAccount.objects.create(owner=owner, address="charlie@home.test", name="Home")
    RemoteMaildrop.objects.create(account=account, host="127.0.0.1", port=9, login="charlie")
    now = timezone.now()
    RemoteMaildrop.objects.filter(account=account).update(
        last_pulled_at=now, last_success_at=now, due_at=now + timedelta(minutes=5)
    )


def _paths(alice: User, home: MailAccount, studio: MailAccount) -> dict[str, str]:
    entries = Entry.objects.visible_to(alice).order_by("newest_at").values_list("subject", "key")
    label = Label.objects.get(owner=alice, name="Family")
    draft = Draft.objects.get(writer=alice, subject="Plums")
    return {subject: f"/m/{key}/" for subject, key in entries} | {
        "draft": f"/compose/{draft.key}/",
        "label": f"/label/{label.key}/",
        "label settings": f"/settings/labels/{label.key}/",
        "account": f"/accounts/{home.key}/",
        "trouble": f"/accounts/{studio.key}/",
        "offer": f"/accounts/offered/{studio.hand_over.key}/",
    }
