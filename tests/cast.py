"""The people of the tests: Alice owns the account, Bob is a member of it, Charlie is an outsider."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Identity, LocalMaildrop, MailAccount, Membership, RemoteMaildrop, SubmissionServer, User
from mailbox import delivery
from mailbox.models import Folder, Message

PASSWORD = "a long and quiet password"


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", "alice@home.test", PASSWORD, first_name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", "bob@home.test", PASSWORD, first_name="Bob")


@pytest.fixture
def charlie(db: None) -> User:
    return User.objects.create_user("charlie", "charlie@home.test", PASSWORD, first_name="Charlie")


@pytest.fixture
def account(alice: User, bob: User) -> MailAccount:
    """Alice's account, which Bob may read."""
    account = MailAccount.objects.create(owner=alice, name="Home", address="alice@home.test")
    Identity.objects.create(account=account, name="Alice", address=account.address, is_default=True)
    Membership.objects.create(account=account, user=bob, role=Membership.Role.READ)
    return account


@pytest.fixture
def submission_server(account: MailAccount) -> SubmissionServer:
    """A server for Alice's mail at which nobody listens until a test says so."""
    return SubmissionServer.objects.create(
        account=account, host="127.0.0.1", port=9, security="none", may_be_private=True
    )


@pytest.fixture
def local_maildrop(alice: User) -> LocalMaildrop:
    maildrop = LocalMaildrop(owner=alice, address="alice@home.test")
    maildrop.set_password(PASSWORD)
    maildrop.save()
    return maildrop


def remote_maildrop(account: MailAccount, *, port: int, login: str, password: str, **options: Any) -> RemoteMaildrop:
    """Point `account` at a POP3 server on loopback."""
    return RemoteMaildrop.objects.create(
        account=account,
        host="127.0.0.1",
        port=port,
        security="none",
        login=login,
        password=password,
        may_be_private=True,
        **options,
    )


def octets_of(
    subject: str = "Hello",
    *,
    sender: str = "Dana <dana@far.test>",
    message_id: str = "",
    references: Iterable[str] = (),
    date: str = "Mon, 24 Nov 2025 09:00:00 +0000",
    text: str = "A few words.",
) -> bytes:
    """Return a small message."""
    fields = {
        "From": sender,
        "To": "alice@home.test",
        "Subject": subject,
        "Date": date,
        "Message-ID": f"<{message_id}>" if message_id else "",
        "References": " ".join(f"<{each}>" for each in references),
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    header = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"{header}\r\n{text}\r\n".encode()


def deliver(
    account: MailAccount, *messages: bytes, folder: Folder = Folder.INBOX, is_read: bool = False
) -> list[Message]:
    """Put messages into `account` as a pull would."""
    prepared = [delivery.prepare(account, octets, folder=folder, is_read=is_read) for octets in messages]
    with transaction.atomic():
        return [each.message for each in delivery.deliver(account, prepared)]
