"""What the operator's pages cost: `uv run python -m bench.panel [--messages 100000] [--database sqlite|postgresql]`.

A mailbox as in `bench.pages`, 200 people with an account each, 2,000 messages on their way out or gone, 10,000 events.
Printed: milliseconds of processor time that the server takes for each page, with SQLite in it (median of 15).
"""

import os
import statistics
import time
from typing import Any

from bench.bulk import print_measured
from bench.pages import HOST, fill

PEOPLE, OUTGOING, EVENTS = 200, 2_000, 10_000
PAGES = {
    "overview": "/admin/",
    "people": "/admin/accounts/user/",
    "mail accounts": "/admin/accounts/mailaccount/",
    "remote maildrops": "/admin/accounts/remotemaildrop/",
    "local maildrops": "/admin/accounts/localmaildrop/",
    "audit log": "/admin/accounts/auditevent/",
    "audit log, a search": "/admin/accounts/auditevent/?q=person77",
    "outgoing messages": "/admin/mailbox/outgoing/",
    "outgoing messages, a search": "/admin/mailbox/outgoing/?q=eve77%40far.test",
}


def main() -> None:
    """Fill, measure, and print."""
    print_measured("bench.panel", "Ask for each page of the panel.", measured)


def measured(count: int) -> dict[str, float]:
    """Fill the database of this process, and ask for the pages as its operator."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")
    import django

    django.setup()
    from django.test import Client

    from accounts.models import User

    alice = User.objects.create_superuser("alice", "alice@home.test")
    fill(alice, count)
    _furnish()
    client = Client(**HOST)
    client.force_login(alice)
    return {name: _median(client, url) for name, url in PAGES.items()}


def _furnish() -> None:
    """People with accounts, a queue, and a log; and the figures that housekeeping counts."""
    from django.utils import timezone

    from accounts.models import AuditEvent, LocalMaildrop, MailAccount, RemoteMaildrop, User
    from mailbox.models import Original, Outgoing, PullHour, PullLog, Recipient, StorageUsed

    now = timezone.now()
    names = [f"person{number}" for number in range(PEOPLE)]
    people = User.objects.bulk_create(User(username=name, email=f"{name}@home.test", quota_mb=500) for name in names)
    owned = MailAccount.objects.bulk_create(MailAccount(owner=each, name="x", address=each.email) for each in people)
    drops = [RemoteMaildrop(account=each, host="pop.example.org", port=995, login="x", password="x") for each in owned]
    RemoteMaildrop.objects.bulk_create(drops)
    LocalMaildrop.objects.bulk_create(LocalMaildrop(owner=each, address=each.email) for each in people)
    PullLog.objects.bulk_create(PullLog(maildrop=each, status="ok", seconds=1) for each in drops for _ in range(20))
    originals = [Original.stored(each.pk, each.email.encode()) for each in people]
    queue = Outgoing.objects.bulk_create(
        Outgoing(
            account=owned[n % PEOPLE], writer=people[n % PEOPLE], original=originals[n % PEOPLE], message_id=f"<{n}>"
        )
        for n in range(OUTGOING)
    )
    Recipient.objects.bulk_create(Recipient(outgoing=each, address=f"eve{n}@far.test") for n, each in enumerate(queue))
    AuditEvent.objects.bulk_create(
        AuditEvent(what="signed-in", actor=people[n % PEOPLE], actor_name=names[n % PEOPLE], person=people[n % PEOPLE])
        for n in range(EVENTS)
    )
    PullHour.count(now)
    StorageUsed.count(now)


def _median(client: Any, url: str) -> float:
    lasted = []
    for _ in range(17):
        begun = time.process_time()
        assert client.get(url).status_code == 200
        lasted.append((time.process_time() - begun) * 1000)
    return statistics.median(lasted[2:])


if __name__ == "__main__":
    main()
