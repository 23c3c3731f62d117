"""`manage.py send`: what it prints."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import MailAccount, SubmissionServer, User
from mailbox import outbox
from mailbox.models import Outgoing
from tests.misbehaving_smtp import Drop, MisbehavingSmtp
from tests.outgoing import draft_of, point_to, queued
from tests.servers import free_port

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


def test_carries_all_of_them_over_one_connection(account: MailAccount):
    with MisbehavingSmtp() as server:
        point_to(account, server.port)
        for number in range(4):
            queued(account, subject=str(number))
        assert len(send_json()) == 4
    assert server.sessions == 1
    assert server.verbs.count("RSET") == 3


def test_tries_a_server_that_is_left_alone_for_a_while(account: MailAccount):
    with MisbehavingSmtp() as server:
        point_to(account, server.port)
        account.submission_server.hold(timezone.now(), wait=timedelta(hours=1))
        queued(account)
        [row] = send_json()
    assert [each["status"] for each in row["recipients"]] == ["accepted"]


def test_a_server_that_is_down_puts_off_all_that_is_for_it_and_nothing_else(account: MailAccount, bob: User):
    other = MailAccount.objects.create(owner=bob, name="Own", address="bob@home.test")
    point_to(account, free_port())
    with MisbehavingSmtp() as server:
        SubmissionServer.objects.create(
            account=other, host="127.0.0.1", port=server.port, security="none", may_be_private=True
        )
        mine = [queued(account, subject=str(number)) for number in range(2)]
        others = queued(other)
        found = {row["id"]: row["recipients"][0]["status"] for row in send_json()}
    assert found == {**dict.fromkeys([each.key for each in mine], "deferred"), others.key: "accepted"}
