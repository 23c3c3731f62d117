"""Cut lines, dead workers and two at once: what nobody can know goes to the person, and nothing leaves twice alone."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import MailAccount
from mailbox import outbox, smtp
from mailbox.models import Outgoing, Recipient
from mailbox.sending import outcomes
from tests.misbehaving_smtp import Drop, MisbehavingSmtp
from tests.outgoing import (
    is_finished,
    make_due,
    point_to,
    queued,
    statuses,
)
from tests.smtpsink import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
Status = Recipient.Status


@pytest.fixture
def sink(smtp_sink: SmtpSink) -> Iterator[SmtpSink]:
    """An smtp-sink of the test's own; the shared one decides what happens where none is installed."""
    with SmtpSink() as fresh:
        yield fresh


# What nobody can know


def test_a_line_cut_before_the_last_reply_leaves_it_to_the_person(account: MailAccount) -> None:
    with MisbehavingSmtp({".": [Drop()]}) as server:
        point_to(account, server.port)
        outgoing = queued(account, to="dana@far.test, erin@far.test")
        outbox.send(outgoing)
        assert statuses(outgoing) == {"dana": Status.UNCERTAIN, "erin": Status.UNCERTAIN}
        assert is_finished(outgoing)
        assert not Outgoing.objects.due(timezone.now() + timedelta(days=9)).exists()
        assert not outbox.send(Outgoing.objects.get())
        assert server.sessions == 1

        outbox.settle(outgoing, arrived=False)
        assert outbox.send(Outgoing.objects.get())
        assert server.messages == [outgoing.original.octets] * 2
    assert statuses(outgoing) == {"dana": Status.ACCEPTED, "erin": Status.ACCEPTED}
    assert is_finished(outgoing)


def test_of_a_mixed_message_only_what_is_uncertain_waits_for_the_person(account: MailAccount) -> None:
    with MisbehavingSmtp({"RCPT": ["250 Ok", "451 Later"], ".": [Drop()]}) as server:
        point_to(account, server.port)
        outgoing = queued(account, to="dana@far.test, erin@far.test")
        outbox.send(outgoing)
        assert statuses(outgoing) == {"dana": Status.UNCERTAIN, "erin": Status.DEFERRED}
        outbox.send(make_due(outgoing))
        assert statuses(outgoing) == {"dana": Status.UNCERTAIN, "erin": Status.ACCEPTED}
    assert [each for each in server.commands if "dana" in each] == ["RCPT TO:<dana@far.test>"]


def test_a_recipient_sent_again_while_the_others_are_tried_is_not_forgotten(account: MailAccount) -> None:
    with MisbehavingSmtp({"RCPT": ["250 Ok", "451 Later"], ".": [Drop()]}) as server:
        point_to(account, server.port)
        outgoing = queued(account, to="dana@far.test, erin@far.test")
        outbox.send(outgoing)
        data_starts = Outgoing.data_starts

        def settle_meanwhile(batch: list[Outgoing]) -> set[int]:
            outbox.settle(outgoing, arrived=False)
            return data_starts(batch)

        with mock.patch.object(Outgoing, "data_starts", settle_meanwhile):
            outbox.send(make_due(outgoing))
        assert statuses(outgoing) == {"dana": Status.QUEUED, "erin": Status.ACCEPTED}
        assert not is_finished(outgoing)
        assert outbox.send(Outgoing.objects.due(timezone.now()).get())
    assert statuses(outgoing) == {"dana": Status.ACCEPTED, "erin": Status.ACCEPTED}


def worker_dies(outgoing: Outgoing, *, after_data: bool) -> None:
    """Leave the row as a worker leaves it that is killed before, or after, content octets have left."""
    assert outgoing.claim(timezone.now())
    if after_data:
        Outgoing.data_starts([outgoing])
    Outgoing.objects.update(claimed_by=f"{outgoing.claimed_by}0")


def test_a_worker_that_died_amid_the_content_leaves_it_to_the_person(account: MailAccount, sink: SmtpSink) -> None:
    point_to(account, sink.port)
    outgoing = queued(account)
    worker_dies(outgoing, after_data=True)
    assert outbox.send(Outgoing.objects.due(timezone.now()).get())
    assert statuses(outgoing) == {"dana": Status.UNCERTAIN}
    assert is_finished(outgoing)
    assert sink.messages() == []


def test_a_worker_that_died_before_that_is_replaced_at_once(account: MailAccount, sink: SmtpSink) -> None:
    point_to(account, sink.port)
    outgoing = queued(account)
    worker_dies(outgoing, after_data=False)
    assert outbox.send(Outgoing.objects.due(timezone.now()).get())
    assert statuses(outgoing) == {"dana": Status.ACCEPTED}
    assert len(sink.messages()) == 1


# Several workers


def test_of_two_workers_one_sends(account: MailAccount, sink: SmtpSink) -> None:
    point_to(account, sink.port)
    outgoing = queued(account)
    other = Outgoing.objects.get(pk=outgoing.pk)
    answers: list[bool] = []
    data_starts = Outgoing.data_starts

    def interrupt(batch: list[Outgoing]) -> set[int]:
        answers.append(outbox.send(other))
        return data_starts(batch)

    with mock.patch.object(Outgoing, "data_starts", interrupt):
        answers.append(outbox.send(outgoing))
    assert answers == [False, True]
    assert len(sink.messages()) == 1


def taken_over(*_: object) -> None:
    Outgoing.objects.update(claimed_at=timezone.now(), claimed_by="another machine")


def test_a_worker_that_was_replaced_before_the_content_sends_nothing(
    account: MailAccount, caplog: pytest.LogCaptureFixture
) -> None:
    with MisbehavingSmtp() as server, mock.patch.object(smtp.Client, "login", taken_over):
        point_to(account, server.port, login="alice")
        outgoing = queued(account)
        with caplog.at_level(logging.WARNING):
            assert not outbox.send(outgoing)
    assert server.messages == []
    assert statuses(outgoing) == {"dana": Status.QUEUED}
    assert Outgoing.objects.get().claimed_by == "another machine"
    assert "taken over" in caplog.text


def test_a_worker_that_was_replaced_later_writes_nothing(account: MailAccount) -> None:
    submit = smtp.Client.submit

    def slow(*arguments: Any, **options: Any) -> Any:
        outcomes = submit(*arguments, **options)
        taken_over()
        return outcomes

    with MisbehavingSmtp() as server:
        point_to(account, server.port)
        outgoing = queued(account)
        with mock.patch.object(smtp.Client, "submit", slow):
            outbox.send(outgoing)
    assert statuses(outgoing) == {"dana": Status.QUEUED}
    row = Outgoing.objects.get()
    assert (row.claimed_by, row.finished_at) == ("another machine", None)
    assert row.data_started_at


# Errors of our own


@pytest.mark.parametrize(("step", "status"), [("connect", Status.DEFERRED), ("quit", Status.ACCEPTED)])
def test_an_error_of_our_own_is_raised_and_gives_the_claim_back(
    account: MailAccount, sink: SmtpSink, step: str, status: Status
) -> None:
    point_to(account, sink.port)
    outgoing = queued(account)
    with mock.patch.object(smtp.Client, step, side_effect=RuntimeError("a bug")), pytest.raises(RuntimeError):
        outbox.send(outgoing)
    assert statuses(outgoing) == {"dana": status}
    assert is_finished(outgoing) is (status == Status.ACCEPTED)


def test_an_outcome_that_cannot_be_written_down_at_first_is_written_then(
    account: MailAccount, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(account, sink.port)
    outgoing = queued(account)
    failing = mock.Mock(side_effect=[DatabaseError("locked"), mock.DEFAULT], wraps=outcomes._accept_recipients)
    monkeypatch.setattr(outcomes, "_accept_recipients", failing)
    with pytest.raises(DatabaseError):
        outbox.send(outgoing)
    assert len(sink.messages()) == 1
    assert statuses(outgoing) == {"dana": Status.ACCEPTED}
    assert is_finished(outgoing)


def test_an_outcome_that_cannot_be_written_down_is_uncertain(
    account: MailAccount, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(account, sink.port)
    outgoing = queued(account)
    monkeypatch.setattr(outcomes, "_accept_recipients", mock.Mock(side_effect=DatabaseError("too long")))
    with pytest.raises(DatabaseError):
        outbox.send(outgoing)
    assert len(sink.messages()) == 1
    assert statuses(outgoing) == {"dana": Status.UNCERTAIN}
    assert is_finished(outgoing)


def test_a_try_costs_sixteen_queries_at_most(
    account: MailAccount, sink: SmtpSink, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    point_to(account, sink.port)
    outgoing = queued(account)
    assert connection.connection
    with django_assert_max_num_queries(16):
        outbox.send(outgoing)
