"""What the tests of several screens start with."""

import pytest
from django.test import Client

from accounts.models import MailAccount, SubmissionServer, User
from mailbox import outbox


@pytest.fixture
def web(
    client: Client,
    alice: User,
    account: MailAccount,
    submission_server: SubmissionServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Client:
    """Alice's browser, from which she can send; no worker wakes."""
    monkeypatch.setattr(outbox, "wake", lambda *_call: None)
    client.force_login(alice)
    return client
