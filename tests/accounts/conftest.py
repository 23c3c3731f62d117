"""A form that is filled in, names that resolve, and pulls that are only noted."""

import socket
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import hosts, views
from accounts.models import MailAccount, RemoteMaildrop, SubmissionServer, User

PUBLIC = "93.184.215.14"
SECRET = "hush-hush-hush"
FINGERPRINT = "0a1b" * 16


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Limits on tries are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Names and their addresses; every name that is not in it resolves to a public address, *.invalid to none."""
    known = {"localhost": "127.0.0.1", "router.home": "192.168.1.1"}

    def answer(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        is_literal = host.replace(".", "").isdecimal()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host if is_literal else known.get(host, PUBLIC), port))]

    monkeypatch.setattr(hosts.socket, "getaddrinfo", answer)
    return known


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The pulls that were asked for."""
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(views, "wake", lambda name, pk: asked.append((name, pk)))
    return asked


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    """The browser of somebody who may use the panel."""
    client.force_login(User.objects.create_superuser("operator"))
    return client


@pytest.fixture
def servers(account: MailAccount) -> MailAccount:
    """Alice's account with both its servers."""
    RemoteMaildrop.objects.create(
        account=account, host="pop.example.org", port=995, login="alice@home.test", password=SECRET
    )
    SubmissionServer.objects.create(
        account=account, host="smtp.example.org", port=465, login="alice@home.test", password=SECRET
    )
    return MailAccount.objects.get(pk=account.pk)


def filled(**changes: Any) -> dict[str, Any]:
    """What the browser sends of a form that is filled in well; a change to None leaves the field out."""
    form = {
        "address": "alice@work.test",
        "name": "Work",
        "colour": "3",
        "full_name": "Alice Anderson",
        "pop3-host": "pop.example.org",
        "pop3-port": "",
        "pop3-security": "tls",
        "pop3-login": "",
        "pop3-password": SECRET,
        "pop3-mode": "keep",
        "pop3-delete_after_days": "14",
        "pop3-leave_newest": "500",
        "pop3-preview_over_mb": "40",
        "pop3-every_minutes": "5",
        "smtp-host": "smtp.example.org",
        "smtp-port": "",
        "smtp-security": "tls",
        "smtp-same_login": "on",
        "smtp-login": "",
        "smtp-password": "",
    }
    form |= {name.replace("pop3_", "pop3-").replace("smtp_", "smtp-"): value for name, value in changes.items()}
    return {name: value for name, value in form.items() if value is not None}


def unchanged(**changes: Any) -> dict[str, Any]:
    """The form of Alice's account as it stands, with no password typed."""
    standing = {"address": "alice@home.test", "name": "Home", "colour": "0", "full_name": "Alice", "pop3_password": ""}
    ports = {"pop3_port": "995", "smtp_port": "465", "pop3_login": "alice@home.test", "smtp_login": "alice@home.test"}
    return filled(**(standing | ports | changes))
