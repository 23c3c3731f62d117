"""`manage.py send`: what it prints."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import MailAccount
from mailbox import outbox
from mailbox.models import Outgoing
from tests.misbehaving_smtp import Drop, MisbehavingSmtp
from tests.outgoing import draft_of, point_to, queued

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]


def send(*arguments: str) -> str:
    out = io.StringIO()
    call_command("send", *arguments, stdout=out)
    return out.getvalue()


def send_json() -> list[dict[str, Any]]:
    answer = json.loads(send("--json"))
    assert list(answer) == ["messages"]
    return answer["messages"]


def test_tells_in_json_what_became_of_each_recipient(account: MailAccount):
    with MisbehavingSmtp({"RCPT": ["250 Ok", "550 5.1.1 Who?", "451 4.2.0 Not now"]}) as server:
        point_to(account, server.port)
        outgoing = queued(account, to="dana@far.test, erin@far.test, frank@far.test")
        [row] = send_json()
    assert list(row) == ["id", "message_id", "recipients"]
    assert (row["id"], row["message_id"]) == (outgoing.key, outgoing.message_id)
    assert row["recipients"] == [
        {"address": "dana@far.test", "status": "accepted", "reply": "250 2.0.0 Taken"},
        {"address": "erin@far.test", "status": "refused", "reply": "550 5.1.1 Who?"},
        {"address": "frank@far.test", "status": "deferred", "reply": "451 4.2.0 Not now"},
    ]


def test_says_when_nobody_can_know(account: MailAccount):
    with MisbehavingSmtp({".": Drop()}) as server:
        point_to(account, server.port)
        queued(account)
        [row] = send_json()
    assert [each["status"] for each in row["recipients"]] == ["uncertain"]


def test_sends_everything_that_is_due_and_nothing_else(account: MailAccount):
    with MisbehavingSmtp() as server:
        point_to(account, server.port)
        due = [queued(account, subject=str(number)) for number in range(3)]
        outbox.queue(draft_of(account), send_at=timezone.now() + timedelta(minutes=1))
        taken = queued(account)
        assert taken.claim(timezone.now())
        assert [row["id"] for row in send_json()] == [outgoing.key for outgoing in due]
        assert send_json() == []
    assert len(server.messages) == 3
    assert Outgoing.objects.filter(finished_at=None).count() == 2


def test_says_it_in_words(account: MailAccount):
    with MisbehavingSmtp() as server:
        point_to(account, server.port)
        outgoing = queued(account)
        assert send() == f"{outgoing.message_id} dana@far.test: accepted 250 2.0.0 Taken\n"
        assert send() == ""
