"""What it costs to hand an account over: `uv run python -m bench.handing_over [--messages 100000] [--database …]`.

A mailbox as in `bench.pages`. Printed: milliseconds until the acceptance is answered, and the seconds in which a worker
brings the octets under the new owner's name afterwards; processor time, with SQLite in it.
"""

import os
import time

from bench.bulk import print_measured
from bench.pages import HOST, fill


def main() -> None:
    """Fill, measure, and print."""
    print_measured("bench.handing_over", "Hand a full account over.", measured)


def measured(count: int) -> dict[str, float]:
    """Fill the database of this process, and have its account change hands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")
    import django

    django.setup()
    from django.test import Client

    from accounts.models import HandOver, User
    from mailbox import settling
    from mailbox.models import Message

    alice, bob = (User.objects.create_user(name, f"{name}@home.test") for name in ("alice", "bob"))
    fill(alice, count)
    account = alice.owned_accounts.get()
    offer = HandOver.objects.create(account=account, to=bob)
    client = Client(**HOST)
    client.force_login(bob)
    begun = time.process_time()
    assert client.post(f"/accounts/offered/{offer.key}/", {"do": "accept"}).status_code == 302
    accepted = time.process_time()
    settling.settle_due()
    settled = time.process_time()
    assert not Message.objects.filter(account=account).exclude(original__owner=bob).exists()
    return {"accepted, ms": (accepted - begun) * 1000, "settled, s": settled - accepted}


if __name__ == "__main__":
    main()
