"""What an act on a whole list costs: `uv run python -m bench.bulk [--messages 100000] [--database sqlite|postgresql]`.

A mailbox as in `bench.pages`. Printed: milliseconds until the press is answered (median), then the seconds that the
worker takes to list the conversations, to archive them, and to take that back, and its peak RSS. The pauses in which a
worker lets others write are left out.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench.pages import HOST, HTMX, fill
from bench.pull import peak_of
from tests.servers import postgres
from tests.site import ROOT, Site, make_template


def main() -> None:
    """Fill, measure, and print."""
    print_measured("bench.bulk", "Act on all that the inbox holds.", measured)


def print_measured(module: str, words: str, measure: Callable[[int], dict[str, float]]) -> None:
    """Print what `measure` returns in a process of its own, with an empty database, for so many messages."""
    parser = argparse.ArgumentParser(description=words)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.messages)))
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="letterbox-bench-")))
        url = stack.enter_context(postgres()) if options.database == "postgresql" else ""
        site = Site(folder / "site", database_url=url, template=make_template(folder / "template"))
        site.manage("migrate", "--verbosity", "0")
        command = [sys.executable, "-m", module, "--child", "--messages", str(options.messages)]
        environment = os.environ | site.environment | {"MAIL_LOG_LEVEL": "WARNING"}
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    print(f"{options.messages:,} messages, {options.database}")
    for name, value in json.loads(done.stdout.splitlines()[-1]).items():
        print(f"  {name:40}{value:10.1f}")


def measured(count: int) -> dict[str, float]:
    """Fill the database of this process, and act on its inbox."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")
    import django

    django.setup()
    from django.test import Client

    from accounts.models import User
    from mailbox import bulk
    from mailbox.extent import Extent
    from mailbox.models import BulkAct

    alice = User.objects.create_user("alice", "alice@home.test")
    fill(alice, count)
    client = Client(**HOST)
    client.force_login(alice)

    def press() -> None:
        assert (
            client.post("/selection/", {"verb": "archive", "all": "1", "in": "inbox"}, headers=HTMX).status_code == 200
        )

    answers = [lasting(press) for _ in range(25)][5:]
    begun = time.process_time()
    for _run in range(20):
        press()
    processor = (time.process_time() - begun) / 20
    act = BulkAct.objects.latest("pk")
    BulkAct.objects.exclude(pk=act.pk).delete()
    assert act.extent is not None
    extent = Extent.read(act.extent)
    listing = lasting(lambda: extent.thread_ids("archive"))
    doing = lasting(lambda: bulk.run(act, pause_seconds=0))
    assert (act.state, act.done_count) == ("done", count + 1)
    undoing = lasting(lambda: bulk.undo(act, is_awaited=True))
    return {
        "answer to the press, ms": statistics.median(answers) * 1e3,
        "its processor time, ms": processor * 1e3,
        "listing, s": listing,
        "archiving, s": doing,
        "taking it back, s": undoing,
        "peak RSS, MB": peak_of(os.getpid()) / 1e6,
    }


def lasting(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
