"""`manage.py serve`, as a person starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from tests.servers import answers, free_port, wait_until
from tests.site import ROOT, Site
from webmail.management.commands.serve import addresses, commands, refuse_used_ports


class Serving:
    """`manage.py serve` as a process, and what it has said."""

    def __init__(self, site: Site, *options: str) -> None:
        self.log = site.folder / "serve.log"
        command = [sys.executable, "manage.py", "serve", "--port", str(site.port), *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=log, stderr=log)

    def wait_for(self, *ports: int) -> None:
        """Return once all these ports answer."""
        wait_until(lambda: self.process.poll() is not None or all(map(answers, ports)), what="serve's start")
        assert self.process.poll() is None, self.said

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal; return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(15)

    @property
    def said(self) -> str:
        return self.log.read_text()


@contextmanager
def serving(site: Site, *options: str) -> Iterator[Serving]:
    served = Serving(site, *options)
    try:
        yield served
    finally:
        served.process.kill()
        served.process.wait()
        print(served.said)


def processes_of(site: Site) -> dict[int, str]:
    """Return the command lines of the live processes of this site, by their ids, the oldest first."""
    found = {int(folder.name): _command_line(folder, site) for folder in Path("/proc").glob("[0-9]*")}
    return {pid: found[pid] for pid in sorted(found) if found[pid]}


def _command_line(folder: Path, site: Site) -> str:
    try:
        is_of_site = f"DATA_DIR={site.folder}\0" in (folder / "environ").read_text() + "\0"
        return (folder / "cmdline").read_text().replace("\0", " ") if is_of_site else ""
    except OSError:
        return ""


def page(url: str) -> int:
    with urllib.request.urlopen(url, timeout=5) as response:
        return response.status


@pytest.fixture
def site(tmp_path: Path, site_template: Path) -> Site:
    return Site(tmp_path / "site", template=site_template)


def test_starts_all_five_and_one_ctrl_c_ends_them(site: Site):
    with serving(site, "--no-demo") as served:
        served.wait_for(site.port, site.smtp_port, site.pop3_port)
        assert page(f"{site.url}/healthz") == 200
        names = " ".join(processes_of(site).values())
        assert all(name in names for name in ("granian", "worker", "beat", "smtpd", "pop3d"))

        begun = time.monotonic()
        assert served.end(signal.SIGINT) == 0

    assert time.monotonic() - begun < 10
    assert processes_of(site) == {}
    assert f"http://127.0.0.1:{site.port}" in served.said
    assert "Traceback" not in served.said


def test_an_empty_database_gets_the_demo_and_says_how_to_sign_in(site: Site):
    with serving(site, "--no-mail-servers") as served:
        served.wait_for(site.port)
        assert served.end() == 0

    assert "alice" in served.said
    assert "password" in served.said.lower()
    assert site.manage("shell", "-v", "0", "-c", COUNT_USERS).stdout.strip() == "2"


COUNT_USERS = "from accounts.models import User; print(User.objects.count())"


def test_a_used_port_is_named_before_anything_starts(tmp_path: Path):
    site = Site(tmp_path)
    with socket.create_server(("127.0.0.1", site.port)), serving(site) as served:
        assert served.process.wait(30) == 1

    assert f"The web server cannot use 127.0.0.1:{site.port}" in served.said
    assert "--port" in served.said
    assert not (tmp_path / "letterbox.sqlite3").exists()


def test_names_every_used_port_at_once():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        used = {"web server": one.getsockname(), "POP3 server": two.getsockname()}

        with pytest.raises(CommandError) as refused:
            refuse_used_ports(used | {"SMTP server": ("127.0.0.1", free_port())})

    assert "web server" in str(refused.value)
    assert "POP3 server" in str(refused.value)
    assert "SMTP server" not in str(refused.value)


def test_without_mail_servers_their_ports_do_not_matter():
    assert list(addresses("127.0.0.1", 8000, with_mail_servers=False)) == ["web server"]
    assert list(commands("127.0.0.1", 8000, with_mail_servers=False)) == ["web", "worker", "beat"]


def test_a_killed_process_is_started_again(site: Site):
    with serving(site, "--no-demo", "--no-mail-servers") as served:
        served.wait_for(site.port)
        web = next(pid for pid, command in processes_of(site).items() if "granian" in command)
        os.kill(web, signal.SIGKILL)
        wait_until(lambda: not answers(site.port), what="the web server's end")
        wait_until(lambda: answers(site.port), what="the web server's return")
        assert served.end() == 0

    assert "web    | ended with status -9; starting it again in 1 s" in served.said
