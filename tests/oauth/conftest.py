"""An authorization server that stands in for Google and Microsoft, and an account that lives by its tokens."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Grant, MailAccount, RemoteMaildrop, SubmissionServer, User
from accounts.oauth import ending
from mailbox import checkup, outbox
from mailbox.checkup import Checkup, Finding
from tests.oauth_server import CLIENTS, OAuthServer, oauth_server

ADDRESS = "alice@gmail.com"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Limits on tries are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def provider(settings) -> Iterator[OAuthServer]:
    """Letterbox is registered with both."""
    with oauth_server() as server:
        settings.OAUTH_STAND_IN = server.url
        settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = CLIENTS["google"]
        settings.MICROSOFT_CLIENT_ID, settings.MICROSOFT_CLIENT_SECRET = CLIENTS["microsoft"]
        yield server


@pytest.fixture
def as_alice(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The pulls and rounds of sending that were asked for."""
    asked: list[tuple[str, int]] = []
    for module in (ending, outbox):
        monkeypatch.setattr(module, "wake", lambda name, pk: asked.append((name, pk)))
    return asked


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Grant]:
    """The grants that were tried on mail servers, which open every mailbox."""
    tried: list[Grant] = []

    def check(_maildrop: RemoteMaildrop, _submission: SubmissionServer, *, grant: Grant) -> Checkup:
        tried.append(grant)
        return Checkup(Finding(True, "Logged in."), Finding(True, "Logged in."))

    monkeypatch.setattr(checkup, "check", check)
    return tried


@pytest.fixture
def gmail(account) -> MailAccount:
    """Alice's account at Gmail, by an app password."""
    login = {"account": account, "login": ADDRESS, "password": "planted-app-password"}
    RemoteMaildrop.objects.create(host="pop.gmail.com", port=995, **login)
    SubmissionServer.objects.create(host="smtp.gmail.com", port=465, **login)
    return account


def granted(
    account: MailAccount, provider: OAuthServer, *, server: str = "google", minutes: int = 60, **columns: object
) -> Grant:
    """Give the account tokens that end in so many minutes."""
    access, refresh = provider.issue(ADDRESS)
    columns = {"expires_at": timezone.now() + timedelta(minutes=minutes), "address": ADDRESS, **columns}
    return Grant.objects.create(account=account, server=server, access_token=access, refresh_token=refresh, **columns)
