"""What is seen while it goes on, and never ends here; runs in a site's `manage.py`, after `furnishing`."""

from datetime import timedelta
from email.message import EmailMessage

from django.utils import timezone

from accounts.models import Identity, MailAccount, RemoteMaildrop, User
from mailbox import delivery
from mailbox.models import BulkAct

_LETTERS = (
    ("Rose Moreau", "rose@village.example", "Plums", "The first basket is yours."),
    ("Zoë Lefèvre", "zoe@cafe-lumiere.example", "A table by the window", "For two, at eight."),
)


def furnish(alice: User) -> dict[str, str]:
    """Have Alice mark many conversations, and Finn's first mail arrive; return their paths by name."""
    act = BulkAct.objects.create(
        owner=alice, verb="read", conversation_count=2_310, done_count=1_240, begun_at=timezone.now()
    )
    account = _account(User.objects.create(username="finn", password=alice.password, email="finn@home.test"))
    delivery.deliver(account, [_arrival(account, number, *letter) for number, letter in enumerate(_LETTERS)])
    return {"bulk": f"/selection/{act.key}/?in=inbox", "arriving": f"/accounts/{account.key}/arriving/"}


def _account(owner: User) -> MailAccount:
    """An account whose first pull is claimed for longer than anybody looks at it."""
    account = MailAccount.objects.create(owner=owner, address="finn@home.test", name="Home")
    Identity.objects.create(account=account, name="Finn", address=account.address, is_default=True)
    maildrop = RemoteMaildrop.objects.create(account=account, host="127.0.0.1", port=9, login="finn")
    RemoteMaildrop.objects.filter(pk=maildrop.pk).update(
        claimed_at=timezone.now() + timedelta(days=1), wanted_count=1_204, came_count=318
    )
    return account


def _arrival(account: MailAccount, number: int, name: str, sender: str, subject: str, text: str) -> delivery.Prepared:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"{name} <{sender}>", account.address, subject
    message["Date"] = timezone.now() - timedelta(hours=1 + 3 * number)
    message["Message-ID"] = f"<first-{number}@home.test>"
    message.set_content(f"{text}\n")
    return delivery.prepare(account, message.as_bytes())
