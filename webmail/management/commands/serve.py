"""Runs the whole of Letterbox as one tree of processes: web, worker, beat, smtpd and pop3d."""

import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from webmail.serving import THREADS
from webmail.supervisor import Supervisor


class Command(BaseCommand):
    """`manage.py serve`: one command starts everything, one Ctrl-C ends it."""

    # A port in use is told before the database is touched; migrate runs the checks.
    requires_system_checks = ()
    help = "Migrate, then run the web server, the Celery worker and beat, and both mail servers until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default="127.0.0.1", help="address of the web server (%(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port of the web server (%(default)s)")
        parser.add_argument("--no-mail-servers", action="store_true", help="run neither smtpd nor pop3d")
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Prepare the database and the static files, then supervise until a signal comes."""
        host, port, with_mail_servers = options["host"], options["port"], not options["no_mail_servers"]
        refuse_used_ports(addresses(host, port, with_mail_servers=with_mail_servers))
        self._prepare(with_demo=not options["no_demo"])
        self.stdout.write(self.style.SUCCESS(f"Letterbox is on http://{host}:{port} (Ctrl-C ends it)"))
        self.stdout.flush()
        Supervisor(commands(host, port, with_mail_servers=with_mail_servers), self._say).run()
        self._say("Letterbox has ended.")

    def _prepare(self, *, with_demo: bool) -> None:
        call_command("migrate", interactive=False, verbosity=0, skip_checks=False, stdout=self.stdout)
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0, stdout=self.stdout)
        if with_demo and not get_user_model()._default_manager.exists():
            call_command("demo", stdout=self.stdout)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def addresses(host: str, port: int, *, with_mail_servers: bool) -> dict[str, tuple[str, int]]:
    """Return what will listen, and at which host and port."""
    web = {"web server": (host, port)}
    if not with_mail_servers:
        return web
    return web | {
        "SMTP server": (settings.SMTPD_HOST, settings.SMTPD_PORT),
        "POP3 server": (settings.POP3D_HOST, settings.POP3D_PORT),
    }


def refuse_used_ports(wanted: dict[str, tuple[str, int]]) -> None:
    """Raise CommandError naming each address that cannot be listened on, before anything is started."""
    complaints = [
        f"The {what} cannot use {host}:{port}: {reason}."
        for what, (host, port) in wanted.items()
        if (reason := _why_not(host, port))
    ]
    if complaints:
        raise CommandError(
            " ".join(complaints) + " End what uses it, or choose others: --port for the web server,"
            " SMTPD_PORT and POP3D_PORT in the environment for the mail servers."
        )


def _why_not(host: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        # Python adds the address in brackets, which is said already.
        return str(error.strerror or error).partition(" (")[0]
    return ""


def commands(host: str, port: int, *, with_mail_servers: bool) -> dict[str, list[str]]:
    """Return the command of each process by its name; they are the services of compose.yaml."""
    python = sys.executable
    manage = [python, str(settings.BASE_DIR / "manage.py")]
    celery = [python, *UNWARNED, "-m", "celery", "--app", "webmail", "--workdir", str(settings.BASE_DIR)]
    quiet = ["--loglevel", "WARNING"]
    found = {
        "web": [*web_server(python, host, port)],
        # Threads, not processes: pulling waits for the network, and a family's machine has little memory.
        "worker": [*celery, "--quiet", "worker", "--pool", "threads", "--concurrency", "8", *quiet, *ALONE],
        "beat": [*celery, "--quiet", "beat", "--pidfile", "", *quiet],
    }
    if with_mail_servers:
        found |= {"smtpd": [*manage, "smtpd"], "pop3d": [*manage, "pop3d"]}
    return found


# Celery's word to root is for workers that take pickles from strangers; this one reads JSON from its own folder.
UNWARNED = ["-W", "ignore:You're running the worker with superuser privileges"]
# Workers that gossip keep the broker busy with messages nobody reads.
ALONE = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


def web_server(python: str, host: str, port: int) -> list[str]:
    """Return the command of the web server: one process with threads, the better of those in bench/servers.py."""
    # Each open page keeps a connection, and one that is refused is a page that never opens; below the usual 1,024.
    threads = ["--workers", "1", "--blocking-threads", str(THREADS), "--backpressure", "800"]
    # It warns of more threads than it would choose: `webmail.serving` says what most of them do.
    quiet = ["--log-level", "error", "--no-ws", "--respawn-failed-workers"]
    listen = ["--interface", "wsgi", "--host", host, "--port", str(port), "--working-dir", str(settings.BASE_DIR)]
    return [python, "-m", "granian", *listen, *threads, *quiet, "webmail.wsgi:application"]
