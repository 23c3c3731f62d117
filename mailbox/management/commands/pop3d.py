"""The embedded POP3 server."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections, connections

from mailbox.maildrop import PostOffice
from mailbox.management.commands.smtpd import tls_context, wait_for_the_end, with_fresh_connection
from mailbox.pop3 import Opened, PopServer, Rejected


class _PostOffice(PostOffice):
    """Asked from one thread per visit, whose database connection ends with the visit."""

    retrieve = with_fresh_connection(PostOffice.retrieve)
    update = with_fresh_connection(PostOffice.update)

    def open(self, user: str, password: str, peer: str) -> Opened | Rejected:
        answer = super().open(user, password, peer)
        if isinstance(answer, Rejected):
            connections.close_all()
        return answer

    def close(self, opened: Opened) -> None:
        close_old_connections()
        try:
            super().close(opened)
        finally:
            connections.close_all()


class Command(BaseCommand):
    help = "Give out the mail of the local maildrops by POP3."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.POP3D_HOST)
        parser.add_argument("--port", type=int, default=settings.POP3D_PORT)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            server = PopServer(
                options["host"],
                options["port"],
                post_office=_PostOffice(),
                hostname=settings.HOSTNAME,
                tls_context=tls_context(),
            )
            server.start()
        except OSError as error:
            raise CommandError(f"Cannot listen on {options['host']}:{options['port']}: {error.strerror}") from error
        self.stdout.write(f"POP3 on {options['host']}:{server.port}")
        wait_for_the_end()
        server.stop()
