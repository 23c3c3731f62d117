"""Send what is due now."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from mailbox import outbox
from mailbox.models import Outgoing


class Command(BaseCommand):
    help = "Send what is due now, and say what became of it for each recipient."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print what was done as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        due = list(Outgoing.objects.due(timezone.now()).values_list("pk", flat=True))
        tried = [outgoing for outgoing in map(_send, due) if outgoing]
        if options["json"]:
            rows = [_row(outgoing) for outgoing in tried]
            self.stdout.write(json.dumps({"messages": rows}, ensure_ascii=False))
            return
        for outgoing in tried:
            for recipient in outgoing.recipients.all():
                self.stdout.write(f"{outgoing.message_id} {recipient.address}: {recipient.status} {recipient.reply}")


def _send(pk: int) -> Outgoing | None:
    outgoing = Outgoing.objects.filter(pk=pk).first()
    return outgoing if outgoing and outbox.send(outgoing) else None


def _row(outgoing: Outgoing) -> dict[str, Any]:
    recipients = outgoing.recipients.values("address", "status", "reply")
    return {"id": outgoing.key, "message_id": outgoing.message_id, "recipients": list(recipients)}
