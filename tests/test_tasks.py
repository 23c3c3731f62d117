"""What Celery wakes up: it finds what is due, starts each at most once, and a dead broker costs only time."""

import socket
import time
from datetime import timedelta
from unittest import mock

import pytest
from celery import Celery
from django.db import transaction
from django.utils import timezone

from accounts.models import MailAccount, RemoteMaildrop
from mailbox import outbox, pull, remote_images, tasks
from mailbox.models import Original, Outgoing, RemoteImage
from mailbox.sending import rounds
from tests.cast import octets_of, remote_maildrop
from tests.outgoing import draft_of, queued
from tests.servers import free_port
from webmail import celery

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    calls: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "wake", lambda name, pk: calls.append((name, pk)))
    return calls


@pytest.fixture
def maildrop(account: MailAccount) -> RemoteMaildrop:
    return remote_maildrop(account, port=free_port(), login="alice", password="x")


def put_off(row: RemoteMaildrop | Outgoing) -> None:
    type(row).objects.filter(pk=row.pk).update(due_at=timezone.now() + timedelta(minutes=1))


def test_wakes_a_pull_for_what_is_due(maildrop: RemoteMaildrop, woken: list[tuple[str, int]]) -> None:
    tasks.pull_due()
    assert woken == [("pull_maildrop", maildrop.pk)]


@pytest.mark.parametrize("change", [{"is_paused": True}, {"due_at": timezone.now() + timedelta(days=1)}])
def test_wakes_no_pull_for_what_is_not(
    maildrop: RemoteMaildrop, woken: list[tuple[str, int]], change: dict[str, object]
) -> None:
    RemoteMaildrop.objects.update(**change)
    tasks.pull_due()
    assert woken == []


def test_wakes_nobody_for_what_is_being_done(
    account: MailAccount, maildrop: RemoteMaildrop, woken: list[tuple[str, int]]
) -> None:
    assert maildrop.claim(timezone.now())
    assert queued(account).claim(timezone.now())
    tasks.pull_due()
    tasks.send_due()
    assert woken == []


def test_pulls_once_however_often_it_was_woken(maildrop: RemoteMaildrop) -> None:
    with mock.patch.object(pull, "pull", side_effect=put_off) as pulled:
        for _ in range(3):
            tasks.pull_maildrop(maildrop.pk)
    pulled.assert_called_once_with(maildrop)


def test_wakes_a_try_for_what_is_due_and_nothing_else(account: MailAccount, woken: list[tuple[str, int]]) -> None:
    due, later, done = queued(account), queued(account), queued(account)
    put_off(later)
    Outgoing.objects.filter(pk=done.pk).update(finished_at=timezone.now())
    tasks.send_due()
    assert woken == [("send", due.pk)]


def test_tries_once_however_often_it_was_woken(account: MailAccount) -> None:
    outgoing = queued(account)
    with mock.patch.object(rounds, "send_from", side_effect=lambda _: put_off(outgoing)) as sent:
        for _ in range(3):
            tasks.send(outgoing.pk)
    sent.assert_called_once_with(account.pk)


def test_a_message_that_leaves_later_is_not_sent_by_a_task_that_comes_early(account: MailAccount) -> None:
    outgoing = outbox.queue(draft_of(account), send_at=timezone.now() + timedelta(seconds=10))
    with mock.patch.object(rounds, "send_from") as sent:
        tasks.send(outgoing.pk)
    sent.assert_not_called()


def test_what_is_gone_is_no_error(db: None) -> None:
    tasks.pull_maildrop(0)
    tasks.send(0)


def test_housekeeping_drops_octets_that_nobody_needs(account: MailAccount) -> None:
    outgoing = queued(account)
    Original.stored(account.owner_id, octets_of("left behind"))
    tasks.housekeeping()
    assert Original.objects.get() == outgoing.original


def test_housekeeping_drops_old_images_of_the_web(db: None) -> None:
    RemoteImage.objects.create(sha256="old", made_at=timezone.now() - timedelta(days=15))
    tasks.housekeeping()
    assert not RemoteImage.objects.exists()


def test_one_alarm_loads_every_image_that_is_due(db: None) -> None:
    RemoteImage.objects.want(["http://far.test/1", "http://far.test/2"])
    with mock.patch.object(remote_images, "load", side_effect=give_up) as load:
        tasks.load_images()
    assert load.call_count == 2


def give_up(row: RemoteImage) -> None:
    RemoteImage.objects.filter(pk=row.pk).update(due_at=None)


# The broker


def broken_app(url: str) -> Celery:
    app = Celery("broken", broker=url)
    app.conf.broker_transport_options = {"socket_connect_timeout": 1, "socket_timeout": 1}
    return app


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_keeps_nobody_waiting_and_loses_nothing(
    account: MailAccount, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(celery, "app", broken_app(f"redis://127.0.0.1:{free_port()}/0"))
    begun = time.monotonic()
    outgoing = queued(account)
    assert time.monotonic() - begun < 10
    assert "the broker does not take send" in caplog.text
    assert Outgoing.objects.due(timezone.now()).get() == outgoing


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_never_answers_keeps_nobody_waiting_for_long(
    account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(celery, "app", broken_app(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"))
        begun = time.monotonic()
        queued(account)
        assert time.monotonic() - begun < 10
    assert Outgoing.objects.due(timezone.now()).exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_woken_for_what_is_rolled_back() -> None:
    with mock.patch.object(celery.app, "send_task") as send_task:
        with transaction.atomic():
            celery.wake("send", 1)
            transaction.set_rollback(True)
        send_task.assert_not_called()
        with transaction.atomic():
            celery.wake("send", 2)
            send_task.assert_not_called()
        send_task.assert_called_once()
    assert send_task.call_args.args == ("mailbox.tasks.send", (2,))
