"""What open pages cost: `uv run python -m bench.live [--pages N] [--seconds N] [--every SECONDS] [--arrivals]`.

One web server process as `manage.py serve` runs it, on SQLite with the demo's mail. Each page holds a connection of its
own and asks `/live/` as static/js/live.js does; with `--arrivals`, a message comes every two seconds meanwhile, and who
hears of it asks for the list and the counters. Printed: answers a second, latency as the page sees it (median, 95th and
99th percentile, of the polls without news), processor time of the server in % of one core and in ms a poll, memory.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from bench.servers import SIGN_IN, memory_of, processor_seconds  # noqa: E402
from tests.site import Site, make_template  # noqa: E402

DELIVER = """
from accounts.models import MailAccount
from tests.cast import deliver, octets_of
import time
account = MailAccount.objects.filter(owner__username="alice").first()
for number in range({count}):
    deliver(account, octets_of(f"News {{number}}"))
    time.sleep(2)
"""


@dataclass
class Heard:
    """The seconds that each poll without news took, and how many had some."""

    quiet: list[float] = field(default_factory=list)
    news: int = 0


def main() -> None:
    """Start a site, open the pages, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
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
        try:
            site.start("web")
            asyncio.run(measure(site, cookie, options))
        finally:
            site.stop()


async def measure(site: Site, cookie: str, options: argparse.Namespace) -> None:
    """Open the pages, wait until each has its pulse, then count for a while."""
    heard = Heard()
    async with asyncio.TaskGroup() as group:
        pages = [group.create_task(page(site.port, cookie, options.every, heard)) for _ in range(options.pages)]
        while heard.news < options.pages:
            await asyncio.sleep(options.every)
        heard.quiet.clear()
        heard.news = 0
        group_id, begun = site.processes["web"].pid, time.perf_counter()
        used = processor_seconds(group_id)
        deliveries = asyncio.create_task(arrivals(site, options)) if options.arrivals else None
        await asyncio.sleep(options.seconds)
        report(heard, processor_seconds(group_id) - used, time.perf_counter() - begun, memory_of(group_id))
        for each in (*pages, *filter(None, [deliveries])):
            each.cancel()


async def page(port: int, cookie: str, every: float, heard: Heard) -> None:
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
            heard.news += 1
            for path in () if is_first else ("/live/list/?in=inbox", "/live/counters/"):
                await ask(line, path, cookie)
        await asyncio.sleep(every)


async def ask(line: tuple[asyncio.StreamReader, asyncio.StreamWriter], path: str, cookie: str) -> tuple[int, bytes]:
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
    times = sorted(each * 1e3 for each in heard.quiet)
    polls = len(times) + heard.news
    print(f"{len(times) / lasted:6.0f} quiet polls/s  {heard.news} with news", end="  ")
    shares = "  ".join(f"p{share} {times[int(len(times) * share / 100)]:.1f} ms" for share in (95, 99))
    print(f"median {statistics.median(times):.1f} ms  {shares}", end="  ")
    print(f"processor {used / lasted:.0%} of a core, {used / polls * 1e3:.2f} ms a poll  memory {memory:.0f} MB")


if __name__ == "__main__":
    main()
