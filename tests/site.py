"""The real thing, running: web server, Celery worker and beat, smtpd and pop3d as processes on free loopback ports."""

import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests import servers
from tests.servers import answers, free_port, wait_until
from webmail.management.commands.serve import commands

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("web", "worker", "beat", "smtpd", "pop3d")
ADD_MAILDROP = """
import sys
from accounts.models import LocalMaildrop, User
name, address, password = sys.stdin.read().split()
maildrop = LocalMaildrop(owner=User.objects.get(username=name), address=address)
maildrop.set_password(password)
maildrop.save()
"""
# Sites that run now, so that a failing test can show their logs.
running: list["Site"] = []


class Site:
    """One installation: its own DATA_DIR, database, broker and ports.

    Without `database_url` and `redis_url` it lives on the embedded defaults; `database_url` names a PostgreSQL server,
    on which the site gets a database of its own. `environment` is added to that of every process.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str = "",
        redis_url: str = "",
        environment: Mapping[str, str] | None = None,
        template: Path | None = None,
    ) -> None:
        """Prepare the folder and the environment; `template` is a folder made by `make_template`."""
        self.folder = folder
        self.port, self.smtp_port, self.pop3_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = self._environment(database_url, redis_url) | dict(environment or {})
        if template:
            shutil.copytree(template, folder, dirs_exist_ok=True)

    def manage(
        self, *arguments: str, stdin: str | bytes | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a management command in this site's environment; return its status and output as text."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            check=False,
            timeout=120,
        )
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        if check and done.returncode:
            raise AssertionError(f"manage.py {' '.join(arguments)}: status {done.returncode}\n{out}\n{err}")
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def add_local_maildrop(self, owner: str, address: str, password: str) -> None:
        """Give the user named `owner` a maildrop on the embedded servers."""
        self.manage("shell", "--verbosity", "0", "--command", ADD_MAILDROP, stdin=f"{owner}\n{address}\n{password}\n")

    def command(self, name: str) -> list[str]:
        """Return the command of a process, as `manage.py serve` would run it."""
        return commands("127.0.0.1", self.port, with_mail_servers=True)[name]

    def start(self, *names: str) -> None:
        """Start these processes (all of them by default); return when those that listen do."""
        for name in names or NAMES:
            self._start(name)
        for name in names or NAMES:
            self._wait_for(name)

    def kill(self, name: str) -> None:
        """End a process and its children at once, as a loss of power would (SIGKILL)."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> str:
        """Return what a process has said since the site was made."""
        path = self._log_path(name)
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self) -> None:
        """End every process, politely first."""
        for process in self.processes.values():
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()

    @property
    def _ports(self) -> dict[str, int]:
        return {"web": self.port, "smtpd": self.smtp_port, "pop3d": self.pop3_port}

    def _environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "CI") if name in os.environ}
        if database_url:
            database_url = servers.create_database(database_url, f"site_{uuid.uuid4().hex[:12]}")
        return inherited | {
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "webmail.settings",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": database_url or f"sqlite:///{self.folder}/letterbox.sqlite3",
            "REDIS_URL": redis_url,
            "SMTPD_PORT": str(self.smtp_port),
            "POP3D_PORT": str(self.pop3_port),
            "PRIVATE_HOSTS": "127.0.0.1,localhost",
            # No stranger is asked for the servers of an address.
            "AUTOCONFIG_URLS": "",
            "ISPDB_URL": "",
            "DNS_SERVER": "127.0.0.1:9",
            "LOGIN_FAILED_RATE": "1000/m/ip",
            # A whole run shares the session of each person.
            "CONFIRMED_SECONDS": "86400",
            "TICK_SECONDS": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def _start(self, name: str) -> None:
        with self._log_path(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                self.command(name), cwd=ROOT, env=self.environment, stdout=log, stderr=log, process_group=0
            )

    def _wait_for(self, name: str) -> None:
        if port := self._ports.get(name):
            wait_until(lambda: self._is_up(name, port), what=f"{name}'s start")

    def _is_up(self, name: str, port: int) -> bool:
        if self.processes[name].poll() is not None:
            raise AssertionError(f"{name} ended at its start:\n{self.log(name)[-3000:]}")
        return answers(port)

    def _log_path(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def make_template(folder: Path) -> Path:
    """Fill `folder` with a migrated SQLite database and the static files, once for many sites; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(folder)
    site.manage("migrate", "--verbosity", "0")
    site.manage("collectstatic", "--noinput", "--verbosity", "0")
    # Each site makes keys of its own.
    (folder / "keys").unlink(missing_ok=True)
    return folder


@contextmanager
def running_site(
    folder: Path,
    template: Path,
    *names: str,
    database_url: str = "",
    redis_url: str = "",
    environment: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """Yield a site whose processes `names` run (all of them by default) and stop it afterwards."""
    site = Site(folder, database_url=database_url, redis_url=redis_url, environment=environment, template=template)
    if database_url:
        site.manage("migrate", "--verbosity", "0")
    running.append(site)
    try:
        site.start(*names)
        yield site
    finally:
        site.stop()
        running.remove(site)


def logs() -> str:
    """Return the last lines of every process of every running site."""
    return "\n".join(
        f"--- {name} ---\n{site.log(name)[-2000:]}" for site in running for name in NAMES if site.log(name).strip()
    )
