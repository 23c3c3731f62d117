"""Queued messages per second into Postfix's smtp-sink, every state in the database, beside smtp-source in the same run.

    uv run python -m bench.send [--messages 2000] [--octets 1000] [--database sqlite|postgresql]
    uv run python -m bench.send --first-byte [--redis]     from the commit of a message to the first octet at the server
    uv run python -m bench.send --pages                    inbox and outbox with 10,000 queued messages and without
    uv run python -m bench.send --memory                   one message with an attachment of 25 MB, queued and sent

Three rounds, medians. `letterbox` is what one worker thread does (`rounds.send_from`), each time in a process of its
own with the settings of production (both databases flush every commit); `smtplib` sends the same octets over one
connection and remembers nothing, and so does `smtp-source`, which is written in C.
"""

import argparse
import json
import os
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.pull import peak_of
from tests.generated import messages
from tests.servers import postgres, program, redis
from tests.site import ROOT, Site, make_template
from tests.smtpsink import SmtpSink

ROUNDS = 3
TRIES = 40
QUEUED = 10_000
ATTACHED_OCTETS = 25_000_000


def main() -> None:
    """Measure what the options say, and print a line for each figure."""
    options = _options()
    if options.child:
        _CHILDREN[options.child](options)
    elif options.first_byte:
        _print_first_byte(options)
    elif options.pages or options.memory:
        name = "pages" if options.pages else "memory"
        with _site(options) as site, SmtpSink(keeps_messages=False) as sink:
            print(_child(name, site, options, sink.port)["words"])
    else:
        _print_rates(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Send queued messages to smtp-sink.")
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--octets", type=int, default=1_000, help="of each message, about")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--redis", action="store_true", help="Redis as the broker, not the embedded one")
    parser.add_argument("--first-byte", action="store_true")
    parser.add_argument("--pages", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--child", choices=list(_CHILDREN), help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


@contextmanager
def _site(options: argparse.Namespace) -> Iterator[Site]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="letterbox-bench-")))
        database_url = stack.enter_context(postgres(is_durable=True)) if options.database == "postgresql" else ""
        redis_url = stack.enter_context(redis()) if options.redis else ""
        template = make_template(folder / "template")
        quiet = {"MAIL_LOG_LEVEL": "WARNING"}
        site = Site(
            folder / "site", database_url=database_url, redis_url=redis_url, template=template, environment=quiet
        )
        if database_url:
            site.manage("migrate", "--verbosity", "0")
        stack.callback(site.stop)
        yield site


def _child(name: str, site: Site, options: argparse.Namespace, port: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.send", "--child", name, "--port", str(port)]
    command += ["--messages", str(options.messages), "--octets", str(options.octets)]
    done = subprocess.run(command, cwd=ROOT, env=site.environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# Messages per second -------------------------------------------------------------------------------------------------


def _print_rates(options: argparse.Namespace) -> None:
    contenders: dict[str, Callable[[int], float]] = {}
    seconds: dict[str, list[float]] = {}
    cpu: list[float] = []

    def letterbox(port: int) -> float:
        found = _child("send", site, options, port)
        cpu.append(found["cpu"])
        return float(found["seconds"])

    with _site(options) as site, SmtpSink(keeps_messages=False) as sink:
        contenders["letterbox"] = letterbox
        contenders["smtplib"] = lambda port: _timed(lambda: _with_smtplib(port, options))
        contenders["smtp-source"] = lambda port: _timed(lambda: _with_smtp_source(port, options))
        for _ in range(ROUNDS):
            for name, run in contenders.items():
                seconds.setdefault(name, []).append(run(sink.port))
    print(f"{options.messages} x messages of about {options.octets} octets, {options.database}")
    for name, found in seconds.items():
        print(f"{name:12} {options.messages / statistics.median(found):8.0f} messages/s")
    print(f"of letterbox {1000 * statistics.median(cpu) / options.messages:8.2f} ms of processor time a message")


def _timed(run: Callable[[], None]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def _with_smtplib(port: int, options: argparse.Namespace) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        for octets in _octets(options):
            client.sendmail("alice@home.test", ["bob@far.test"], octets)


def _with_smtp_source(port: int, options: argparse.Namespace) -> None:
    command = [program("smtp-source", package="postfix"), "-d", "-m", str(options.messages), "-l", str(options.octets)]
    envelope = ["-f", "alice@home.test", "-t", "bob@far.test"]
    subprocess.run([*command, *envelope, f"127.0.0.1:{port}"], check=True)


def _octets(options: argparse.Namespace) -> list[bytes]:
    """Return different messages without the odd ones, which a server may have its own opinion about."""
    made = messages(2 * options.messages, seed=os.getpid(), octets=max(options.octets - 350, 80))
    mark = b"X-Run: %d\r\n" % os.getpid()
    return [mark + each for each in made if b"Message-ID" in each][: options.messages]


def _run_send(options: argparse.Namespace) -> None:
    account = _account(options)
    from mailbox import outbox
    from mailbox.models import Recipient
    from mailbox.sending import rounds

    for octets in _octets(options):
        outbox.queue_octets(account, account.owner, octets, reverse_path=account.address, recipients=["bob@far.test"])
    before = time.process_time()
    seconds = _timed(lambda: rounds.send_from(account.pk))
    cpu = time.process_time() - before
    accepted = Recipient.objects.filter(outgoing__account=account, status=Recipient.Status.ACCEPTED).count()
    if accepted != options.messages:
        sys.exit(f"{accepted} messages accepted instead of {options.messages}.")
    print(json.dumps({"seconds": seconds, "cpu": cpu}))


def _account(options: argparse.Namespace) -> Any:
    """Return a new account whose server is on loopback, in a process where nothing is woken."""
    import django

    django.setup()
    from accounts.models import MailAccount, SubmissionServer, User
    from webmail import celery

    if options.child != "queue":
        celery._send_task = lambda *_: None
    user = User.objects.create_user(f"alice{os.getpid()}")
    account = MailAccount.objects.create(owner=user, address=f"alice{os.getpid()}@home.test")
    SubmissionServer.objects.create(
        account=account, host="127.0.0.1", port=options.port, security="none", may_be_private=True
    )
    return account


# From the queue to the first octet -----------------------------------------------------------------------------------


class _Clock:
    """A server that notes when the first octet of a session comes, and hangs up."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.times: list[float] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            with sock:
                sock.sendall(b"220 clock.test ESMTP\r\n")
                if sock.recv(1):
                    self.times.append(time.time())
                sock.sendall(b"554 5.3.0 Only looking at the time\r\n")


def _print_first_byte(options: argparse.Namespace) -> None:
    """One message at a time, queued by one process, found by a worker that was idle."""
    clock = _Clock()
    with _site(options) as site:
        site.start("worker")
        time.sleep(3)
        queued = _child("queue", site, options, clock.port)["times"]
        time.sleep(1)
    waits = sorted(1000 * (min(came for came in clock.times if came > at) - at) for at in queued)
    broker = "Redis" if options.redis else "the embedded broker"
    median, most = statistics.median(waits), waits[int(len(waits) * 0.95)]
    print(f"{len(waits)} messages by {broker}: first octet after {median:.0f} ms (median), {most:.0f} ms (95 %)")


def _run_queue(options: argparse.Namespace) -> None:
    account = _account(options)
    from mailbox import outbox

    times = []
    for octets in _octets(options)[:TRIES]:
        account.submission_server.save()
        outbox.queue_octets(account, account.owner, octets, reverse_path=account.address, recipients=["bob@far.test"])
        times.append(time.time())
        time.sleep(0.7)
    print(json.dumps({"times": times}))


# Pages, memory -------------------------------------------------------------------------------------------------------


def _run_pages(options: argparse.Namespace) -> None:
    account = _account(options)
    from django.test import Client
    from django.utils import timezone

    from mailbox import outbox
    from mailbox.models import Outgoing, Recipient

    client = Client(headers={"host": "localhost"})
    client.force_login(account.owner)
    _queue_few(outbox, account, options)
    before = {path: _page(client, path) for path in ("/", "/outbox/")}
    pattern = Outgoing.objects.earliest("pk")
    columns = {"account": account, "original_id": pattern.original_id, "writer": account.owner, "subject": "Queued"}
    rows = [Outgoing(message_id=f"{number}@home.test", **columns) for number in range(QUEUED)]
    Outgoing.objects.bulk_create(rows, batch_size=500)
    now = timezone.now()
    Recipient.objects.bulk_create(
        [Recipient(outgoing=each, address="bob@far.test", decided_at=now) for each in rows], batch_size=500
    )
    after = {path: _page(client, path) for path in before}
    words = [f"{path:9} {before[path]:5.1f} ms, with {QUEUED} queued {after[path]:5.1f} ms" for path in before]
    print(json.dumps({"words": "\n".join(words)}))


def _queue_few(outbox: Any, account: Any, options: argparse.Namespace) -> None:
    """Fill a page of the outbox, so that both figures are of a full one."""
    for octets in _octets(options)[:100]:
        outbox.queue_octets(account, account.owner, octets, reverse_path=account.address, recipients=["bob@far.test"])


def _page(client: Any, path: str) -> float:
    """Return the median milliseconds of a page."""
    times = []
    for _ in range(15):
        begun = time.perf_counter()
        if client.get(path, secure=False).status_code != 200:
            sys.exit(f"{path} is not shown.")
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times)


def _run_memory(options: argparse.Namespace) -> None:
    account = _account(options)
    from mailbox import outbox
    from mailbox.models import Draft, DraftFile
    from mailbox.sending import rounds

    _queue_few(outbox, account, options)
    rounds.send_from(account.pk)
    draft = Draft.objects.create(writer=account.owner, account=account, to="bob@far.test", subject="Large")
    DraftFile.objects.create(
        draft=draft, name="f", media_type="a/b", octets_count=ATTACHED_OCTETS, octets=os.urandom(ATTACHED_OCTETS)
    )
    words = []
    for name, run in {"queued": lambda: outbox.queue(draft), "sent": lambda: rounds.send_from(account.pk)}.items():
        before = _reset_peak()
        run()
        words.append(f"{name} with {(peak_of(os.getpid()) - before) / 1e6:.0f} MB of extra memory")
    print(json.dumps({"words": f"{ATTACHED_OCTETS / 1e6:.0f} MB attached: " + ", ".join(words)}))


def _reset_peak() -> int:
    """Have the kernel forget the peak of this process; return what it uses now, in octets."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_of(os.getpid())


_CHILDREN: dict[str, Callable[[argparse.Namespace], None]] = {
    "send": _run_send,
    "queue": _run_queue,
    "pages": _run_pages,
    "memory": _run_memory,
}


if __name__ == "__main__":
    main()
