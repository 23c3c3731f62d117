"""Send what is due now."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mailbox.models import Outgoing
from mailbox.sending import rounds


class Command(BaseCommand):
    help = "Send what is due now, and say what became of it for each recipient."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print what was done as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        tried = rounds.send_everything()
        if options["json"]:
            rows = [_row(outgoing) for outgoing in tried]
            self.stdout.write(json.dumps({"messages": rows}, ensure_ascii=False))
            return
        for outgoing in tried:
            for recipient in outgoing.recipients.all():
                self.stdout.write(f"{outgoing.message_id} {recipient.address}: {recipient.status} {recipient.reply}")


def _row(outgoing: Outgoing) -> dict[str, Any]:
    recipients = [
        {"address": each.address, "status": each.status, "reply": each.reply} for each in outgoing.recipients.all()
    ]
    return {"id": outgoing.key, "message_id": outgoing.message_id, "recipients": recipients}
