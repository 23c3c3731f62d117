"""Lighthouse's word on the main pages: `uv run python -m bench.lighthouse [--tool FOLDER] [--presets mobile desktop]`.

The web server as `manage.py serve` runs it, with the demo's mail and a page full of letters, and Debian's Chromium.
Lighthouse comes from npm into a folder of its own, which goes away again unless `--tool` names one. Printed: the score
of each category by page and preset, and below it what was found wanting. The status is 1 where one is below the bound.
"""

import argparse
import json
import os
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
NEWEST = """
from mailbox.models import Message
print(Message.objects.order_by("-received_at").first().key)
"""


@dataclass(frozen=True)
class Report:
    """The scores of one page under one preset, in hundredths by category, and the audits that cost points."""

    scores: dict[str, int]
    wanting: list[str]


def main() -> None:
    """Start a site, ask Lighthouse about each page, and print."""
    parser = argparse.ArgumentParser(description="Ask Lighthouse about the main pages.")
    parser.add_argument("--tool", type=Path, help="folder in which Lighthouse is, or is put")
    parser.add_argument("--presets", nargs="+", choices=["mobile", "desktop"], default=["mobile", "desktop"])
    parser.add_argument("--pages", nargs="+", help="some of: sign-in inbox conversation compose")
    options = parser.parse_args()
    scores = []
    with tempfile.TemporaryDirectory(prefix="letterbox-lighthouse-") as folder, filled_site() as site:
        tool = installed(options.tool or Path(folder) / "tool")
        session = _said(site, SIGN_IN)
        for name, path in pages(site).items():
            if options.pages and name not in options.pages:
                continue
            for preset in options.presets:
                with browser(Path(folder), site.url, "" if name == "sign-in" else session) as port:
                    report = report_of(tool, site.url + path, preset, port)
                show(f"{name}, {preset}", report)
                scores += report.scores.values()
    sys.exit(min(scores) < BOUND)


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
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
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


def show(name: str, report: Report) -> None:
    """Print the scores of a page, and what costs it points."""
    print(f"{name:24}" + "  ".join(f"{category} {score}" for category, score in report.scores.items()), flush=True)
    for each in report.wanting:
        print(f"    {each}", flush=True)


def _said(site: Site, script: str) -> str:
    return site.manage("shell", "--verbosity", "0", "--command", script).stdout.strip()


if __name__ == "__main__":
    main()
