"""Granian against gunicorn on the inbox page: requests a second, latency and memory, in one run on one machine.

`uv run --with gunicorn python -m bench.servers [--seconds N] [--connections N]`: the demo's inbox on SQLite, each
server with one process and four threads, as `manage.py serve` runs it. The rounds alternate; each figure is the median
of three.
"""

import argparse
import http.client
import importlib.util
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from tests.servers import answers, wait_until  # noqa: E402
from tests.site import ROOT, Site, make_template  # noqa: E402
from webmail.management.commands.serve import commands  # noqa: E402

ROUNDS = 3
HALVES = 8
SIGN_IN = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
user = get_user_model().objects.get(username="alice")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "accounts.backends.ByName"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""


@dataclass(frozen=True)
class Figures:
    """What one server did in one round: requests/s, milliseconds, milliseconds of processor time a request, MB,
    and whether it still answers while eight clients have sent half a request.
    """

    rate: float
    median: float
    p95: float
    processor: float
    memory: float
    survives: bool


def main() -> None:
    """Measure both servers and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="letterbox-bench-") as folder:
        site = Site(make_template(Path(folder)))
        site.manage("demo")
        cookie = f"sessionid={site.manage('shell', '-v', '0', '-c', SIGN_IN).stdout.strip()}"
        figures = {name: [] for name in servers(site)}
        for _ in range(ROUNDS):
            for name, command in servers(site).items():
                with serving(site, command) as process:
                    insist(site.port, cookie)
                    load(site.port, cookie, connections=options.connections, seconds=1)
                    figures[name].append(measure(site, process, cookie, options))
    for name, rounds in figures.items():
        print_medians(name, rounds)


def servers(site: Site) -> dict[str, list[str]]:
    """Return the command of each server."""
    if importlib.util.find_spec("gunicorn") is None:
        sys.exit("gunicorn is not part of the environment: uv run --with gunicorn python -m bench.servers")
    gunicorn = ["--worker-class", "gthread", "--workers", "1", "--threads", "4", "--log-level", "warning"]
    return {
        "granian": commands("127.0.0.1", site.port, with_mail_servers=False)["web"],
        "gunicorn": [
            sys.executable, "-m", "gunicorn", *gunicorn, "--bind", f"127.0.0.1:{site.port}", "webmail.wsgi:application",
        ],
    }  # fmt: skip


@contextmanager
def serving(site: Site, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run one server for a round."""
    with (site.folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=log, stderr=log, process_group=0)
    try:
        wait_until(lambda: answers(site.port), what="the server's start")
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def measure(site: Site, process: subprocess.Popen[bytes], cookie: str, options: argparse.Namespace) -> Figures:
    """Put the load on the server; return its figures."""
    begun, used = time.perf_counter(), processor_seconds(process.pid)
    times = sorted(load(site.port, cookie, connections=options.connections, seconds=options.seconds))
    lasted = time.perf_counter() - begun
    used = processor_seconds(process.pid) - used
    return Figures(
        rate=len(times) / lasted,
        median=statistics.median(times) * 1e3,
        p95=times[int(len(times) * 0.95)] * 1e3,
        processor=used / len(times) * 1e3,
        memory=memory_of(process.pid),
        survives=answers_beside_halves(site.port, cookie),
    )


def load(port: int, cookie: str, *, connections: int, seconds: float) -> list[float]:
    """Ask for the inbox over kept connections until the time is over; return the seconds of each request."""
    times: list[float] = []
    deadline = time.perf_counter() + seconds
    threads = [threading.Thread(target=ask, args=(port, cookie, deadline, times)) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def insist(port: int, cookie: str) -> None:
    """End the program unless the inbox is there: a quick error page would win every race."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/", headers={"Cookie": cookie})
    if (status := connection.getresponse().status) != http.HTTPStatus.OK:
        sys.exit(f"The inbox answered {status}.")


def ask(port: int, cookie: str, deadline: float, times: list[float]) -> None:
    """Add the duration of each request to `times`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while (begun := time.perf_counter()) < deadline:
        connection.request("GET", "/", headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
        response = connection.getresponse()
        response.read()
        times.append(time.perf_counter() - begun)


def answers_beside_halves(port: int, cookie: str) -> bool:
    """Tell whether the inbox comes within five seconds while other clients dawdle."""
    with ExitStack() as stack:
        for _ in range(HALVES):
            half = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            half.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        time.sleep(0.5)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Cookie": cookie})
            return connection.getresponse().status == http.HTTPStatus.OK
        except TimeoutError:
            return False


def processor_seconds(group: int) -> float:
    """Return the processor time that the live processes of a group have used; other load does not change it much."""
    ticks = [(folder / "stat").read_text().rpartition(")")[2].split()[11:13] for folder in members(group)]
    return sum(int(tick) for pair in ticks for tick in pair) / os.sysconf("SC_CLK_TCK")


def memory_of(group: int) -> float:
    """Return the proportional set size of a process group in MB: what is shared is counted once."""
    rows = [row for folder in members(group) for row in (folder / "smaps_rollup").read_text().splitlines()]
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


def members(group: int) -> list[Path]:
    """Return the folders in /proc of a process group."""
    return [folder for folder in Path("/proc").glob("[0-9]*") if group_of(folder) == group]


def group_of(folder: Path) -> int:
    """Return the group of a process, or 0 when it has ended."""
    try:
        return os.getpgid(int(folder.name))
    except ProcessLookupError:
        return 0


def print_medians(name: str, rounds: list[Figures]) -> None:
    """Print one server's line."""
    middle = {field: statistics.median(getattr(one, field) for one in rounds) for field in Figures.__annotations__}
    print("{rate:7.0f} requests/s  median {median:6.1f} ms  p95 {p95:6.1f} ms".format(**middle), end="  ")
    print("{processor:5.1f} ms of processor  {memory:4.0f} MB".format(**middle), end="  ")
    word = "answers" if middle["survives"] else "does not answer"
    print(f"{word} beside {HALVES} half-sent requests  {name}")


if __name__ == "__main__":
    main()
