"""Lighthouse's word on the main pages: `uv run python -m bench.lighthouse [--tool FOLDER] [--presets mobile desktop]`.

The web server as `manage.py serve` runs it, with the demo's mail and a page full of letters, and Debian's Chromium.
Lighthouse comes from npm into a folder of its own, which goes away again unless `--tool` names one. Printed: the score
of each category by page and preset, with its least and most where the runs differ, and below it what was found wanting
in the last run. A score is the median of the runs, as Lighthouse's authors advise; before each the conversation is made
unread again. The status is 1 where one is below the bound.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from playwright.sync_api import sync_playwright

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from bench import chromium  # noqa: E402
from bench.first_load import filled_site  # noqa: E402
from bench.servers import SIGN_IN  # noqa: E402
from tests.servers import free_port  # noqa: E402
from tests.site import Site  # noqa: E402

PACKAGE = "lighthouse@12"
BOUND = 95
RUNS = 5
NEWEST = """
from mailbox.models import Message
print(Message.objects.order_by("-received_at").first().key)
"""
# Opening a conversation marks it as read, which is work that each run is to see.
UNREAD = """
from mailbox.models import Message
from mailbox.reading import mark_unread
newest = Message.objects.order_by("-received_at").first()
mark_unread([newest.thread_id], reader=newest.account.owner_id)
"""


@dataclass(frozen=True)
class Report:
    """The scores of one page in one run, in hundredths by category, and the audits that cost points."""

    scores: dict[str, int]
    wanting: list[str]


def main() -> None:
    """Start a site, ask Lighthouse about each page, and print."""
    parser = argparse.ArgumentParser(description="Ask Lighthouse about the main pages.")
    parser.add_argument("--tool", type=Path, help="folder in which Lighthouse is, or is put")
    parser.add_argument("--presets", nargs="+", choices=["mobile", "desktop"], default=["mobile", "desktop"])
    parser.add_argument("--pages", nargs="+", help="some of: sign-in inbox conversation compose")
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    medians = []
    with tempfile.TemporaryDirectory(prefix="letterbox-lighthouse-") as folder, filled_site() as site:
        tool = installed(options.tool or Path(folder) / "tool")
        session = _said(site, SIGN_IN)
        for name, path in pages(site).items():
            if options.pages and name not in options.pages:
                continue
            for preset in options.presets:
                reports = []
                for _run in range(options.runs):
                    _said(site, UNREAD)
                    with browser(Path(folder), site.url, "" if name == "sign-in" else session) as port:
                        reports.append(report_of(tool, site.url + path, preset, port))
                medians += show(f"{name}, {preset}", reports)
    sys.exit(min(medians) < BOUND)


def pages(site: Site) -> dict[str, str]:
    """The paths of the pages that are asked about, by their names."""
    conversation = f"/m/{_said(site, NEWEST)}/"
    return {"sign-in": "/account/login/", "inbox": "/", "conversation": conversation, "compose": "/compose/"}


def installed(folder: Path) -> Path:
    """Return Lighthouse's program in `folder`, after npm has put it there where it was missing."""
    program = folder / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
        subprocess.run(command, check=True)
    return program


@contextmanager
def browser(folder: Path, url: str, session: str) -> Iterator[int]:
    """Start Chromium with the session of somebody, in a cookie as ever; yield the port of its developer tools."""
    port = free_port()
    flags = [*chromium.flags(), f"--remote-debugging-port={port}"]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(dir=folder) as profile:
        context = playwright.chromium.launch_persistent_context(profile, executable_path=chromium.path(), args=flags)
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
        yield port
        context.close()


def report_of(tool: Path, url: str, preset: str, port: int) -> Report:
    """Run Lighthouse on a page in the browser behind `port`."""
    command = [str(tool), url, f"--port={port}", "--quiet", "--output=json", "--output-path=stdout"]
    command += ["--preset=desktop"] if preset == "desktop" else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise SystemExit(f"Lighthouse failed on {url}:\n{done.stderr}")
    found = json.loads(done.stdout)
    assert found["finalDisplayedUrl"].partition("?")[0] == url, found["finalDisplayedUrl"]
    return _read(found)


def _read(found: dict[str, Any]) -> Report:
    scores = {name: round(each["score"] * 100) for name, each in found["categories"].items()}
    weighty = {
        each["id"] for category in found["categories"].values() for each in category["auditRefs"] if each["weight"]
    }
    wanting = [
        f"{each['title']} {each.get('displayValue', '')}{_where(each)}"
        for name, each in found["audits"].items()
        if name in weighty and each["score"] is not None and each["score"] < 0.9
    ]
    return Report(scores, wanting)


def _where(audit: dict[str, Any]) -> str:
    items = audit.get("details", {}).get("items", [])[:3]
    named = [
        (each.get("node") or {}).get("snippet") or each.get("description") or each.get("issueType") for each in items
    ]
    return "".join(f"\n        {name}" for name in named if isinstance(name, str))


def show(name: str, reports: list[Report]) -> list[float]:
    """Print the scores of a page, and what cost it points in the last run; return the medians."""
    medians = []
    words = []
    for category in reports[0].scores:
        scores = [report.scores[category] for report in reports]
        medians.append(statistics.median(scores))
        spread = "" if min(scores) == max(scores) else f" ({min(scores)} to {max(scores)})"
        words.append(f"{category} {medians[-1]:g}{spread}")
    print(f"{name:24}" + "  ".join(words), flush=True)
    for each in reports[-1].wanting:
        print(f"    {each}", flush=True)
    return medians


def _said(site: Site, script: str) -> str:
    return site.manage("shell", "--verbosity", "0", "--command", script).stdout.strip()


if __name__ == "__main__":
    main()
