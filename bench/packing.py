"""What it costs to pack a mailbox: `uv run python -m bench.packing [--messages 100000] [--database sqlite|postgresql]`.

A mailbox as in `bench.pages`. Printed for both forms: the seconds, messages/s, the size of the file, and the peak RSS.
"""

import os
from typing import Any

from bench.bulk import lasting, print_measured
from bench.pages import fill
from bench.pull import peak_of


def main() -> None:
    """Fill, measure, and print."""
    print_measured("bench.packing", "Pack a mailbox.", measured)


def measured(count: int) -> dict[str, float]:
    """Fill the database of this process, and pack its mail."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")
    import django

    django.setup()
    from accounts.models import User

    alice = User.objects.create_user("alice", "alice@home.test")
    fill(alice, count)
    before = peak_of(os.getpid()) / 1e6
    return {"peak RSS before, MB": before, **_of(alice, count, "mbox"), **_of(alice, count, "eml")}


def _of(owner: Any, count: int, form: str) -> dict[str, float]:
    from mailbox.transfer import packing

    export = packing.begin(owner, form=form)
    seconds = lasting(lambda: packing.pack(export))
    export.refresh_from_db()
    assert export.is_ready
    return {
        f"{form}, s": seconds,
        f"{form}, messages/s": count / seconds,
        f"{form}, file, MB": export.octets_count / 1e6,
        f"{form}, peak RSS, MB": peak_of(os.getpid()) / 1e6,
    }


if __name__ == "__main__":
    main()
