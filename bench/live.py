"""What open pages cost: `uv run python -m bench.live [--pages N] [--seconds N] [--every SECONDS] [--arrivals]`.

One web server process on SQLite with the demo's mail, three times: with the poll, as `manage.py serve` runs it, and
with server-sent events (`bench.streaming`), for which the database is asked once for all pages of a person, or once for
each page. Each page holds a connection of its own and polls `/live/` as static/js/live.js does, or listens; with
`--arrivals`, a message comes every two seconds meanwhile, and who hears of it asks for the list and the counters.
Printed: polls a second and how long one takes (without news: median, 95th and 99th percentile), how long the inbox
takes somebody who opens it every half second meanwhile, processor time of the server in % of one core, memory.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from bench.servers import SIGN_IN, memory_of, processor_seconds, serving  # noqa: E402
from tests.site import Site, make_template  # noqa: E402
from webmail.management.commands.serve import commands  # noqa: E402

DELIVER = """
from accounts.models import MailAccount
from tests.cast import deliver, octets_of
import time
account = MailAccount.objects.filter(owner__username="alice").first()
for number in range({count}):
    deliver(account, octets_of(f"News {{number}}"))
    time.sleep(2)
"""


type Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Heard:
    """What the pages have heard."""

    quiet: list[float] = field(default_factory=list)
    """The seconds that each poll without news took."""
    inbox: list[float] = field(default_factory=list)
    """The seconds that each look at the inbox took."""
    news: int = 0


def main() -> None:
    """Start a site, open the pages in each way, and print."""
    parser = argparse.ArgumentParser(description="Hold pages open.")
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--every", type=float, default=1.5)
    parser.add_argument("--arrivals", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="letterbox-bench-") as folder:
        site = Site(make_template(Path(folder)))
        site.manage("demo")
        site.manage("pull", check=False)
        cookie = f"sessionid={site.manage('shell', '-v', '0', '-c', SIGN_IN).stdout.strip()}"
        for name, page in (("poll", polling), ("stream", listening), ("stream, asked for each page", listening)):
            site.environment["STREAM_WATCH"] = "page" if "each" in name else "person"
            print(name)
            with serving(site, server(site, is_streaming=page is listening)) as process:
                asyncio.run(measure(site, process.pid, cookie, page, options))


def server(site: Site, *, is_streaming: bool) -> list[str]:
    """Return the command of the web server."""
    command = commands("127.0.0.1", site.port, with_mail_servers=False)["web"]
    if not is_streaming:
        return command
    threads = command.index("--blocking-threads")
    command[threads : threads + 2] = []
    command[command.index("wsgi")] = "asgi"
    return [*command[:-1], "bench.streaming:application"]


async def measure(site: Site, group: int, cookie: str, page: "Page", options: argparse.Namespace) -> None:
    """Open the pages, wait until each has its pulse, then count for a while."""
    heard = Heard()
    async with asyncio.TaskGroup() as tasks:
        pages = [tasks.create_task(page(site.port, cookie, options.every, heard)) for _ in range(options.pages)]
        while heard.news < options.pages:
            await asyncio.sleep(options.every)
        pages.append(tasks.create_task(looking(site.port, cookie, heard)))
        # The first look of a process compiles templates.
        await asyncio.sleep(3)
        heard.quiet.clear()
        heard.inbox.clear()
        heard.news = 0
        used, begun = processor_seconds(group), time.perf_counter()
        deliveries = asyncio.create_task(arrivals(site, options)) if options.arrivals else None
        await asyncio.sleep(options.seconds)
        report(heard, processor_seconds(group) - used, time.perf_counter() - begun, memory_of(group))
        for each in (*pages, *filter(None, [deliveries])):
            each.cancel()


async def looking(port: int, cookie: str, heard: Heard) -> None:
    """Open the inbox every half second, as somebody who reads does."""
    line = await asyncio.open_connection("127.0.0.1", port)
    while True:
        begun = time.perf_counter()
        await ask(line, "/", cookie)
        heard.inbox.append(time.perf_counter() - begun)
        await asyncio.sleep(0.5)


type Page = Callable[[int, str, float, Heard], Coroutine[None, None, None]]


async def polling(port: int, cookie: str, every: float, heard: Heard) -> None:
    """Poll as one open page does, not in step with the others."""
    await asyncio.sleep(random.uniform(0, every))
    line = await asyncio.open_connection("127.0.0.1", port)
    pulse = ""
    while True:
        begun = time.perf_counter()
        status, content = await ask(line, f"/live/?since={pulse}", cookie)
        if status == 204:
            heard.quiet.append(time.perf_counter() - begun)
        else:
            is_first, pulse = not pulse, json.loads(content)["pulse"]
            await hear(line, cookie, heard, is_first=is_first)
        await asyncio.sleep(every)


async def listening(port: int, cookie: str, every: float, heard: Heard) -> None:
    """Listen as one open page would."""
    await asyncio.sleep(random.uniform(0, every))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /live/stream/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
    line, is_first = None, True
    async for said in reader:
        if said.startswith(b"data:"):
            line = line or (None if is_first else await asyncio.open_connection("127.0.0.1", port))
            await hear(line, cookie, heard, is_first=is_first)
            is_first = False


async def hear(line: Line | None, cookie: str, heard: Heard, *, is_first: bool) -> None:
    """Ask for what has changed, unless these are the first words that a page hears."""
    heard.news += 1
    for path in () if is_first or line is None else ("/live/list/?in=inbox", "/live/counters/"):
        await ask(line, path, cookie)


async def ask(line: Line, path: str, cookie: str) -> tuple[int, bytes]:
    """Send one request over a kept connection; return the status and the content of the answer."""
    reader, writer = line
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
    header = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((int(each[15:]) for each in header.split("\r\n") if each.startswith("content-length:")), 0)
    return int(header.split()[1]), await reader.readexactly(length)


async def arrivals(site: Site, options: argparse.Namespace) -> None:
    """Deliver a message every two seconds, from another process."""
    await asyncio.to_thread(site.manage, "shell", "-v", "0", "-c", DELIVER.format(count=int(options.seconds / 2)))


def report(heard: Heard, used: float, lasted: float, memory: float) -> None:
    """Print the figures."""
    print(f"  processor {used / lasted:.0%} of a core, memory {memory:.0f} MB, {heard.news} news", end="  ")
    print(f"inbox {shares(heard.inbox)}")
    if heard.quiet:
        each = used / (len(heard.quiet) + heard.news) * 1e3
        print(f"  {len(heard.quiet) / lasted:.0f} quiet polls/s, {each:.2f} ms of processor each", end="  ")
        print(shares(heard.quiet))


def shares(seconds: list[float]) -> str:
    """Return the median and the percentiles in words."""
    times = sorted(each * 1e3 for each in seconds)
    ends = "  ".join(f"p{share} {times[int(len(times) * share / 100)]:.1f} ms" for share in (95, 99))
    return f"median {statistics.median(times):.1f} ms  {ends}"


if __name__ == "__main__":
    main()
