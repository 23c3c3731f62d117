"""What stands in for a mail server where the operator has named none."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """Sends nothing. The pages that would write say so instead; Django's own dummy is refused by `check --deploy`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return 0
