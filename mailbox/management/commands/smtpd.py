"""The embedded SMTP server."""

import signal
import ssl
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from mailbox import maildrop
from mailbox.smtp import MailServer


class Command(BaseCommand):
    help = "Take mail for the local maildrops by SMTP. Relays for nobody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.SMTPD_HOST)
        parser.add_argument("--port", type=int, default=settings.SMTPD_PORT)

    def handle(self, *_args: Any, **options: Any) -> None:
        server = MailServer(
            options["host"],
            options["port"],
            hostname=settings.HOSTNAME,
            find=with_fresh_connection(maildrop.find),
            receive=with_fresh_connection(maildrop.receive),
            message_octets_limit=settings.MESSAGE_OCTETS_LIMIT,
            tls_context=tls_context(),
        )
        try:
            server.start()
        except OSError as error:
            raise CommandError(f"Cannot listen on {options['host']}:{options['port']}: {error.strerror}") from error
        self.stdout.write(f"SMTP on {options['host']}:{server.port}")
        wait_for_the_end()
        server.stop()


def with_fresh_connection[**P, R](question: Callable[P, R]) -> Callable[P, R]:
    """Have `question` open a new database connection where the thread's old one has died."""

    @wraps(question)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        close_old_connections()
        try:
            return question(*args, **kwargs)
        finally:
            close_old_connections()

    return ask


def tls_context() -> ssl.SSLContext | None:
    """Return the certificate of MAIL_TLS_CERTIFICATE and MAIL_TLS_KEY for the mail servers, or None without one."""
    if not settings.MAIL_TLS_CERTIFICATE:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(Path(settings.MAIL_TLS_CERTIFICATE), settings.MAIL_TLS_KEY or None)
    return context


def wait_for_the_end() -> None:
    """Return at SIGTERM or SIGINT."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
