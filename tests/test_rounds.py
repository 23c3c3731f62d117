"""Many messages for one server: few connections, limits that hold, and a server that is left alone when it asks."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from accounts.models import MailAccount, SubmissionServer
from mailbox import outbox, smtp
from mailbox.models import Outgoing, Recipient, SubmissionSession
from mailbox.sending import batches, courier, rounds
from mailbox.sending.overload import is_for_all
from tests.misbehaving_smtp import CAPABILITIES, Drop, MisbehavingSmtp
from tests.outgoing import FAR, point_to, queued, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
Status = Recipient.Status
LOCKSTEP = CAPABILITIES[1:]


def several(account: MailAccount, count: int) -> list[Outgoing]:
    return [queued(account, subject=str(number)) for number in range(count)]


def fates(outgoings: list[Outgoing]) -> list[str]:
    return [statuses(each)["dana"] for each in outgoings]


def server_of(account: MailAccount) -> SubmissionServer:
    return SubmissionServer.objects.get(account=account)


def minutes_until(moment: Any) -> float:
    return (moment - timezone.now()) / timedelta(minutes=1)


# Connections


def test_one_connection_carries_many_messages(account: MailAccount) -> None:
    with MisbehavingSmtp() as server:
        point_to(account, server.port)
        outgoings = several(account, 12)
        rounds.send_from(account.pk)
    assert fates(outgoings) == [Status.ACCEPTED] * 12
    assert server.messages == [each.original.octets for each in outgoings]
    assert server.sessions == 1
    assert server.verbs.count("RSET") == 11
    assert not Outgoing.objects.exclude(claimed_at=None).exists()
    assert not SubmissionSession.objects.exclude(claimed_at=None).exists()


def test_a_connection_ends_after_so_many_messages(account: MailAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "MESSAGES_PER_CONNECTION", 4)
    with MisbehavingSmtp() as server:
        point_to(account, server.port)
        outgoings = several(account, 9)
        rounds.send_from(account.pk)
    assert fates(outgoings) == [Status.ACCEPTED] * 9
    assert (server.sessions, server.verbs.count("QUIT")) == (3, 3)


def test_a_line_that_was_closed_between_messages_costs_no_wait(account: MailAccount) -> None:
    with MisbehavingSmtp({"RSET": [Drop()]}, capabilities=LOCKSTEP) as server:
        point_to(account, server.port)
        outgoings = several(account, 3)
        rounds.send_from(account.pk)
    assert fates(outgoings) == [Status.ACCEPTED] * 3
    assert server.sessions == 2
    assert set(Outgoing.objects.values_list("attempt_count", flat=True)) == {1}


def test_a_message_that_fails_does_not_stop_the_next(account: MailAccount) -> None:
    with MisbehavingSmtp({".": ["250 Ok", "554 5.7.1 Spam", Drop(), "451 4.3.0 Later", "250 Ok"]}) as server:
        point_to(account, server.port)
        outgoings = several(account, 5)
        rounds.send_from(account.pk)
    wanted = [Status.ACCEPTED, Status.REFUSED, Status.UNCERTAIN, Status.DEFERRED, Status.ACCEPTED]
    assert fates(outgoings) == wanted


def test_recipients_beyond_what_a_server_takes_at_once_go_right_after(account: MailAccount) -> None:
    with MisbehavingSmtp({"RCPT": ["250 Ok", "452 4.5.3 Too many recipients"]}) as server:
        point_to(account, server.port)
        outgoing = queued(account, to="dana@far.test, erin@far.test")
        rounds.send_from(account.pk)
    assert statuses(outgoing) == {"dana": Status.ACCEPTED, "erin": Status.ACCEPTED}
    assert server.messages == [outgoing.original.octets] * 2


def test_a_large_message_travels_alone(account: MailAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_OCTETS", 10_000)
    first = queued(account)
    large = queued(account, text="x" * 20_000)
    last = queued(account)
    taken = [[each.pk for each in batches.take(server_of(account))] for _ in range(3)]
    assert taken == [[first.pk], [large.pk], [last.pk]]


def test_nothing_is_begun_by_a_worker_that_is_to_end(account: MailAccount) -> None:
    outgoing = queued(account)
    with mock.patch.object(batches, "stopping") as stopping:
        stopping.is_set.return_value = True
        rounds.send_from(account.pk)
    assert statuses(outgoing) == {"dana": Status.QUEUED}


@pytest.mark.parametrize(("capabilities", "status"), [(CAPABILITIES, Status.ACCEPTED), (["SIZE"], Status.REFUSED)])
def test_a_server_without_smtputf8_is_spared_such_addresses(
    account: MailAccount, capabilities: list[str], status: str
) -> None:
    with MisbehavingSmtp(capabilities=capabilities) as server:
        point_to(account, server.port)
        outgoing = queued(account, to="dana@far.test, jürgen@far.test")
        rounds.send_from(account.pk)
    assert statuses(outgoing)["jürgen"] == status
    assert outgoing.recipients.get(address="jürgen@far.test").reply


# Limits


def test_no_more_sessions_than_the_server_takes(account: MailAccount) -> None:
    server, now = server_of(account), timezone.now()
    open_now = [SubmissionSession.begin(server, now) for _ in range(3)]
    assert [each is None for each in open_now] == [False, False, True]
    assert open_now[0]
    assert open_now[0].has_company(now)
    open_now[0].release()
    assert SubmissionSession.begin(server, now)


def test_a_worker_that_finds_all_sessions_open_goes_away(account: MailAccount) -> None:
    with MisbehavingSmtp() as server:
        point_to(account, server.port, connections_limit=1)
        session = SubmissionSession.begin(server_of(account), timezone.now())
        outgoing = queued(account)
        rounds.send_from(account.pk)
        assert server.sessions == 0
        assert session
        session.release()
        rounds.send_from(account.pk)
    assert statuses(outgoing) == {"dana": Status.ACCEPTED}


def test_so_many_messages_a_minute_and_the_rest_in_the_next(account: MailAccount) -> None:
    with MisbehavingSmtp() as server:
        point_to(account, server.port, messages_per_minute=3)
        outgoings = several(account, 5)
        rounds.send_from(account.pk)
        assert fates(outgoings).count(Status.ACCEPTED) == 3
        rounds.send_from(account.pk)
        assert len(server.messages) == 3
        until = server_of(account).held_until
        assert until
        assert 0 < minutes_until(until) <= 1
        waiting = Outgoing.objects.filter(finished_at=None)
        assert {each.due_at for each in waiting} == {until}
        minute = timedelta(minutes=1)
        SubmissionServer.objects.update(held_until=timezone.now(), minute_began_at=timezone.now() - minute)
        waiting.update(due_at=timezone.now())
        rounds.send_from(account.pk)
    assert fates(outgoings) == [Status.ACCEPTED] * 5


# A server that has enough


@pytest.mark.parametrize(
    "script",
    [
        {"MAIL": ["250 Ok", "421 4.3.2 Going down"]},
        {"MAIL": ["250 Ok", "451 4.7.1 Too many messages, slow down"]},
        {".": ["250 Ok", "450 4.7.0 Rate limit exceeded"]},
    ],
    ids=str,
)
def test_a_server_that_has_enough_is_left_alone_for_all(account: MailAccount, script: dict[str, Any]) -> None:
    with MisbehavingSmtp(script) as server:
        point_to(account, server.port)
        outgoings = several(account, 6)
        rounds.send_from(account.pk)
        assert fates(outgoings) == [Status.ACCEPTED, *[Status.DEFERRED] * 5]
        until = server_of(account).held_until
        assert minutes_until(until) == pytest.approx(1, rel=0.15)
        assert (server.sessions, server.verbs.count("MAIL")) == (1, 2)
        late = queued(account)
        rounds.send_from(account.pk)
        assert server.sessions == 1
        late.refresh_from_db()
        assert late.due_at == until
        # The person does not want to wait.
        outbox.retry(late)
        rounds.send_from(account.pk)
    assert statuses(late) == {"dana": Status.ACCEPTED}
    assert server_of(account).failure_count == 0


def test_a_server_that_is_down_is_asked_once_and_later_and_later(account: MailAccount) -> None:
    with MisbehavingSmtp({"CONNECT": "421 4.3.2 Too busy"}) as server:
        point_to(account, server.port)
        outgoings = several(account, 4)
        for asked, minutes in enumerate((1, 5, 15, 60, 60), start=1):
            rounds.send_from(account.pk)
            assert server.sessions == asked
            assert fates(outgoings) == [Status.DEFERRED] * 4
            assert minutes_until(server_of(account).held_until) == pytest.approx(minutes, rel=0.15)
            SubmissionServer.objects.update(held_until=None)
            Outgoing.objects.update(due_at=timezone.now())
    assert set(Outgoing.objects.values_list("attempt_count", flat=True)) == {5}


def test_one_connection_too_many_holds_nothing_up(account: MailAccount) -> None:
    with MisbehavingSmtp({"CONNECT": "421 4.7.0 Too many connections"}) as server:
        point_to(account, server.port)
        outgoing = queued(account)
        assert SubmissionSession.begin(server_of(account), timezone.now())
        rounds.send_from(account.pk)
    assert statuses(outgoing) == {"dana": Status.QUEUED}
    assert Outgoing.objects.due(timezone.now()).exists()
    assert server_of(account).held_until is None


def test_a_server_that_always_hangs_up_is_left_alone_after_three(account: MailAccount) -> None:
    with MisbehavingSmtp({"MAIL": Drop()}) as server:
        point_to(account, server.port)
        outgoings = several(account, 8)
        rounds.send_from(account.pk)
    assert fates(outgoings) == [Status.DEFERRED] * 8
    assert server.sessions == 3
    assert server_of(account).held_until


def test_other_particulars_end_the_wait(account: MailAccount) -> None:
    server_of(account).hold(timezone.now())
    server = server_of(account)
    assert server.is_held(timezone.now())
    server.password = "another"
    server.save(update_fields=["password"])
    assert not server_of(account).is_held(timezone.now())


@pytest.mark.parametrize(
    ("code", "reply", "expected"),
    [
        (421, "4.4.2 Idle too long", True),
        (451, "4.7.1 Too many messages from you", True),
        (450, "4.2.1 The user you are trying to contact is receiving mail too quickly", False),
        (452, "4.5.3 Too many recipients", False),
        (452, "4.2.2 Mailbox over quota", False),
        (450, "4.2.0 Greylisted", False),
        (0, "The connection was lost: too much.", False),
    ],
)
def test_tells_what_is_about_the_server_from_what_is_about_a_recipient(code: int, reply: str, expected: bool) -> None:
    assert is_for_all(smtp.Outcome(FAR, smtp.Status.DEFERRED, code, reply)) is expected


# Errors of our own, and clocks


def test_an_error_of_our_own_gives_back_what_was_not_tried(account: MailAccount) -> None:
    with MisbehavingSmtp() as server:
        point_to(account, server.port)
        outgoings = several(account, 8)
        envelope, calls = courier._envelope, iter(range(9))

        def fail(outgoing: Outgoing) -> smtp.Envelope:
            if next(calls) == 3:
                raise RuntimeError("a bug")
            return envelope(outgoing)

        with mock.patch.object(courier, "_envelope", fail), pytest.raises(RuntimeError):
            rounds.send_from(account.pk)
        assert fates(outgoings) == [*[Status.ACCEPTED] * 3, Status.DEFERRED, *[Status.QUEUED] * 4]
        assert not Outgoing.objects.exclude(claimed_at=None, data_started_at=None).exists()
        rounds.send_from(account.pk)
    assert fates(outgoings) == [*[Status.ACCEPTED] * 3, Status.DEFERRED, *[Status.ACCEPTED] * 4]
    assert len(server.messages) == 7


@pytest.mark.parametrize("jump", [timedelta(days=3), -timedelta(days=3)])
def test_a_clock_that_was_moved_neither_loses_nor_doubles(account: MailAccount, jump: timedelta) -> None:
    with MisbehavingSmtp({"RCPT": ["450 4.2.0 Greylisted"]}) as server:
        point_to(account, server.port, messages_per_minute=100)
        outgoing = queued(account)
        rounds.send_from(account.pk)
        moved = timezone.now() + jump
        with mock.patch("django.utils.timezone.now", return_value=moved):
            Outgoing.objects.update(due_at=moved)
            rounds.send_from(account.pk)
    assert statuses(outgoing) == {"dana": Status.ACCEPTED}
    assert [each for each in server.messages if each] == [outgoing.original.octets]
