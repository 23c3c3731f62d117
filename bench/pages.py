"""What the pages of a full mailbox cost: `uv run python -m bench.pages [--sizes 10000 100000 1000000] [--runs N]`.

Mailboxes of these sizes in a database of their own each (`--database sqlite|postgresql`), with the settings of
production; every third conversation unread, every hundredth starred. On top of each lies a conversation of five real
messages; the rest are copies of one row in every table, which no page below the list opens. Each page is asked for
through the whole of Django in one process per size, the sizes in turns. Printed: milliseconds of server time (least,
median, 95th percentile), the octets of the answer compressed, and the ratio of the medians, largest to smallest; among
them a loop that is always the same, which says how even the machine was. Then two of the pages over HTTP, and in turns
with them Roundcube's list and message, where it is installed (`bench.roundcube`).
"""

import argparse
import gzip
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import over_http
from bench.over_http import Times
from tests.servers import postgres
from tests.site import ROOT, Site, make_template

HOST = {"HTTP_HOST": "127.0.0.1"}
HTMX = {"HX-Request": "true"}
# So often a page is asked for before it is the turn of the next one.
IN_A_ROW = 5


def main() -> None:
    """Fill, measure, and print."""
    parser = argparse.ArgumentParser(description="Ask for the pages of mailboxes of several sizes.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        answer_turns(options.child)
        return
    with tempfile.TemporaryDirectory(prefix="letterbox-bench-") as folder, ExitStack() as stack:
        template = make_template(Path(folder) / "template")
        boxes = [
            stack.enter_context(mailbox_of(size, options.database, Path(folder) / str(size), template))
            for size in options.sizes
        ]
        found = in_turns(boxes, options.runs)
        for box in boxes:
            box.process.terminate()
        medians: dict[str, list[float]] = {}
        for box in boxes:
            print(f"{box.size:,} messages, {options.database}")
            pages = found[box.size] | over_http.measured(box.site, box.size, box.session, box.key, runs=options.runs)
            for name, (times, octets) in pages.items():
                medians.setdefault(name, []).append(statistics.median(times))
                spread = f"{times[0]:9.1f}{statistics.median(times):9.1f}{times[int(len(times) * 0.95)]:9.1f}  ms"
                print(f"  {name:40}{spread}{octets / 1000:9.1f}  KB")
    for name, each in medians.items():
        print(f"{name:42}{each[-1] / each[0]:9.2f}  times from {options.sizes[0]:,} to {options.sizes[-1]:,}")


@dataclass(frozen=True)
class Mailbox:
    """A mailbox of `size` messages in a site of its own, and the process that asks for its pages."""

    size: int
    site: Site
    process: "subprocess.Popen[str]"
    session: str
    key: str

    def turn(self) -> dict[str, tuple[list[float], int]]:
        """Return the milliseconds of one turn and the octets, by the name of the page."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        turn: dict[str, tuple[list[float], int]] = json.loads(self.process.stdout.readline())
        return turn


@contextmanager
def mailbox_of(size: int, database: str, folder: Path, template: Path) -> Iterator[Mailbox]:
    """Yield a mailbox, filled, whose process waits for its first turn."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres()) if database == "postgresql" else ""
        site = Site(folder, database_url=url, template=template)
        site.manage("migrate", "--verbosity", "0")
        environment = os.environ | site.environment | {"MAIL_LOG_LEVEL": "WARNING"}
        command = [sys.executable, "-m", "bench.pages", "--child", str(size)]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        process = stack.enter_context(subprocess.Popen(command, cwd=ROOT, env=environment, **pipes))
        stack.callback(process.terminate)
        assert process.stdout
        yield Mailbox(size, site, process, **json.loads(process.stdout.readline()))


def in_turns(boxes: Sequence[Mailbox], runs: int) -> dict[int, Times]:
    """Return by size what `runs` of each page took. A machine gets slower and faster: no size has a time of its own."""
    times: dict[int, dict[str, list[float]]] = {box.size: {} for box in boxes}
    octets: dict[int, dict[str, int]] = {box.size: {} for box in boxes}
    for turn in range(runs // IN_A_ROW + 1):
        for box in boxes:
            for name, (each, weight) in box.turn().items():
                # The first turn writes SQL and compiles templates.
                times[box.size].setdefault(name, []).extend(each if turn else [])
                octets[box.size][name] = weight
    return {size: {name: (sorted(found[name]), octets[size][name]) for name in found} for size, found in times.items()}


def answer_turns(size: int) -> None:
    """Fill the database of this process and say so; ask for each page some times for each line that comes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")
    import django

    django.setup()
    from django.test import Client

    from accounts.models import User

    alice = User.objects.create_user("alice", "alice@home.test")
    key = fill(alice, size)
    client = Client(**HOST)
    client.force_login(alice)
    pages = asked(client, key)
    print(json.dumps({"session": client.cookies["sessionid"].value, "key": key}), flush=True)
    for _line in sys.stdin:
        times = {name: _timed(ask, before) for name, (ask, before) in pages.items()}
        print(json.dumps(times | {"(a loop, always the same)": (_loop_times(), 0)}), flush=True)


def asked(client: Any, key: str) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """Return by the name of a page what asks for it, and what is done before; `key` opens the conversation on top."""
    [deep] = re.findall(r'href="[^"]*before=([^"&]+)', client.get("/").content.decode())
    pulse = {"since": ""}

    def hear() -> None:
        pulse["since"] = client.get("/live/").json()["pulse"]

    def act(verb: str) -> Callable[[], Any]:
        return lambda: client.post(f"/m/{key}/{verb}/", {"in": "inbox"}, headers=HTMX)

    return {
        "the inbox": (lambda: client.get("/"), dict),
        "the inbox, nothing drawn before": (lambda: client.get("/"), forget_drawings),
        "its next page, for htmx": (lambda: client.get("/", {"before": deep}, headers=HTMX), dict),
        "a conversation of 5, for htmx": (lambda: client.get(f"/m/{key}/", {"in": "inbox"}, headers=HTMX), dict),
        "a conversation of 5, its page": (lambda: client.get(f"/m/{key}/", {"in": "inbox"}), dict),
        "a poll, nothing new": (lambda: client.get("/live/", pulse), hear),
        "archive": (act("archive"), act("inbox")),
        "star": (act("star"), act("unstar")),
        "archive all in this view: the press": (
            lambda: client.post("/selection/", {"verb": "archive", "all": "1", "in": "inbox"}, headers=HTMX),
            lambda: forget_acts(client),
        ),
    }


def forget_drawings() -> None:
    """Let every line of a list be drawn as if this process had drawn none."""
    from mailbox.templatetags import rows
    from mailbox.views import clock

    for kept in (*vars(rows).values(), *vars(clock).values()):
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()


def forget_acts(client: Any) -> None:
    """Let the next act on many be the first; no worker is there to do one."""
    from mailbox.models import BulkAct
    from mailbox.views.selection import SESSION_KEY

    BulkAct.objects.all().delete()
    session = client.session
    session.pop(SESSION_KEY, None)
    session.save()


def _timed(ask: Callable[[], Any], before: Callable[[], Any]) -> tuple[list[float], int]:
    times, octets = [], 0
    for _again in range(IN_A_ROW):
        before()
        begun = time.perf_counter()
        response = ask()
        times.append((time.perf_counter() - begun) * 1e3)
        assert response.status_code in (200, 204), response.status_code
        octets = len(gzip.compress(response.content, 6)) if response.content else 0
    return times, octets


def _loop_times() -> list[float]:
    times = []
    for _again in range(IN_A_ROW):
        begun = time.perf_counter()
        sum(number * number for number in range(100_000))
        times.append((time.perf_counter() - begun) * 1e3)
    return times


def fill(owner: Any, size: int) -> str:
    """Store `size` messages of `owner`; return the key of the conversation on top."""
    from django.db import connection, transaction

    from accounts.models import MailAccount
    from mailbox.models import Entry, Message, Original, Thread
    from tests.cast import deliver, octets_of

    account = MailAccount.objects.create(owner=owner, name="Home", address="alice@home.test")
    [first] = deliver(account, octets_of("One of many", message_id="many@far.test", date="1 Nov 2025 09:00:00 +0000"))
    entry = Entry.objects.get(thread=first.thread_id)
    with transaction.atomic(), connection.cursor() as cursor:
        for model, pk in (
            (Thread, first.thread_id),
            (Original, first.original_id),
            (Message, first.pk),
            (Entry, entry.pk),
        ):
            cursor.execute(_copies(model), [size - 1, pk])
        for statement in connection.ops.sequence_reset_sql(_no_style(), [Thread, Original, Message, Entry]):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    answers = [
        octets_of(f"{'Re: ' if at else ''}Boats", message_id=f"{at}@far.test", references=["0@far.test"] if at else [])
        for at in range(5)
    ]
    return deliver(account, *answers)[-1].key


def _no_style() -> Any:
    from django.core.management.color import no_style

    return no_style()


def _copies(model: Any) -> str:
    """Return the statement that copies a row (its key is the second parameter) as often as the first one says.

    Number n gets a primary key and foreign keys that are higher by n, so that copies of several tables fit together.
    """
    from django.db import connection

    is_sqlite = connection.vendor == "sqlite"
    name = "printf('%%016d', n)" if is_sqlite else "lpad(n::text, 16, '0')"
    moment = (
        "strftime('%%Y-%%m-%%d %%H:%%M:%%f', row.{0}, '-' || n || ' minutes')"
        if is_sqlite
        else "row.{0} - n * interval '1 minute'"
    )
    no, yes = ("0", "1") if is_sqlite else ("false", "true")
    changed = {
        **{each: f"row.{each} + n" for each in ("id", "thread_id", "original_id")},
        **dict.fromkeys(("key", "sha256"), name),
        **{each: moment.format(each) for each in ("received_at", "newest_at")},
        "is_read": f"CASE WHEN n %% 3 = 0 THEN {no} ELSE {yes} END",
        "unread_count": "CASE WHEN n %% 3 = 0 THEN 1 ELSE 0 END",
        "is_starred": f"CASE WHEN n %% 100 = 0 THEN {yes} ELSE {no} END",
    }
    columns = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(changed.get(column, f"row.{column}") for column in columns)
    table = model._meta.db_table
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
    return (
        f"{numbers} INSERT INTO {table} ({', '.join(columns)})"  # names of our own columns
        f" SELECT {values} FROM {table} AS row, numbers WHERE row.id = %s"
    )


if __name__ == "__main__":
    main()
