"""Secrets that are planted everywhere turn up nowhere: not in logs, error pages, exports or the arguments of tasks."""

import logging

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Grant, RemoteMaildrop, SubmissionServer, User
from mailbox import pull, tasks
from mailbox.models import Export
from mailbox.transfer import packing
from tests.cast import PASSWORD, deliver, octets_of, remote_maildrop
from webmail.celery import app

PLANTED = "planted-secret-4711"
TYPED = "typed-secret-0815"


@pytest.fixture
def maildrop(account) -> RemoteMaildrop:
    SubmissionServer.objects.create(account=account, host="127.0.0.1", port=9, security="none", password=PLANTED)
    Grant.objects.create(account=account, server="google", access_token=PLANTED, refresh_token=PLANTED)
    return remote_maildrop(account, port=9, login="alice", password=PLANTED)


@pytest.mark.parametrize("is_debug", [True, False])
def test_error_pages_show_no_secret_and_no_mail(client, alice, maildrop, settings, monkeypatch, is_debug):
    def fail(*_, **__):
        # Put together, since the page shows this line.
        octets, password = b"planted-" + b"body", PLANTED
        raise RuntimeError(len(octets) + len(password))

    settings.DEBUG = is_debug
    settings.REDIS_URL = f"redis://:{PLANTED}@127.0.0.1/0"
    monkeypatch.setattr("accounts.views.checkup.check", fail)
    client.force_login(alice)
    client.raise_request_exception = False
    form = {"address": "alice@work.test", "pop3-host": "127.0.0.1", "pop3-password": TYPED}
    monkeypatch.setattr("accounts.views.AccountForms.is_valid", lambda *_: True)
    answer = client.post(reverse("account_test"), form)
    page = answer.content.decode()
    assert answer.status_code == 500
    assert ("RuntimeError" in page) == is_debug
    hidden = [PLANTED, TYPED, "planted-body", settings.SECRET_KEY, *settings.FIELD_KEYS]
    assert [word for word in hidden if word in page] == []


def test_logs_hold_no_secret(maildrop, client, caplog):
    with caplog.at_level(logging.DEBUG):
        pull.pull(maildrop)
        client.post(reverse("account_login"), {"login": "alice", "password": TYPED})
        client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    said = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert [word for word in (PLANTED, TYPED, PASSWORD) if word in said] == []


def test_tasks_carry_numbers_only(maildrop, monkeypatch):
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, args=(), **_: sent.append(args))
    for name in ("pull_due", "send_due", "pack_due", "push_due"):
        getattr(tasks, name)()
    assert all(isinstance(value, int) for args in sent for value in args)


def test_an_export_holds_mail_and_no_secret(account, alice, maildrop):
    deliver(account, octets_of())
    export = Export.objects.create(owner=alice, account=account, begun_at=timezone.now())
    packing.pack(export)
    octets = Export.objects.get().path.read_bytes()
    assert octets
    assert PLANTED.encode() not in octets


def test_the_database_holds_no_secret_in_the_clear(maildrop):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT password FROM accounts_remotemaildrop UNION SELECT password FROM accounts_submissionserver"
            " UNION SELECT access_token FROM accounts_grant UNION SELECT refresh_token FROM accounts_grant"
        )
        rows = cursor.fetchall()
    assert len(rows) == 4
    assert PLANTED not in str(rows)


def test_the_panel_shows_no_secret(client, maildrop):
    client.force_login(User.objects.create_superuser("operator"))
    models = [("mailaccount", maildrop.account.pk), ("remotemaildrop", maildrop.pk)]
    pages = [client.get(reverse(f"admin:accounts_{name}_change", args=[pk])) for name, pk in models]
    assert [each.status_code for each in pages] == [200, 200]
    assert [each for each in pages if PLANTED in each.content.decode()] == []


def test_the_audit_log_holds_no_secret(client: Client, alice, maildrop):
    client.post(reverse("account_login"), {"login": "alice", "password": TYPED})
    told = " ".join(f"{event.about}{event.actor_name}" for event in AuditEvent.objects.all())
    assert TYPED not in told


def test_every_page_says_what_browsers_may_do(client, db):
    policy = client.get(reverse("account_login")).headers["Permissions-Policy"]
    assert "camera=()" in policy
    assert "publickey-credentials-get=(self)" in policy


def test_a_new_password_ends_the_sessions_of_others(client, alice):
    elsewhere = Client()
    for each in (client, elsewhere):
        each.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    form = {"oldpassword": PASSWORD, "password1": "sails-and-lighthouses", "password2": "sails-and-lighthouses"}
    client.post(reverse("account_change_password"), form)
    assert client.get(reverse("settings")).status_code == 200
    assert elsewhere.get(reverse("settings")).status_code == 302
