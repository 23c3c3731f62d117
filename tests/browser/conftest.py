"""One running Letterbox for the tests of whole jobs: every process, four people, and a provider that it trusts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.browser.windows import PASSWORD, Windows
from tests.dovecot import Dovecot
from tests.site import Site, running_site

# The usual five seconds are short for a busy machine; whoever expects something waits no longer than it takes.
expect.set_options(timeout=30_000)

# Everybody has a maildrop on the embedded servers; all but alice have an account that collects from it already. Mail of
# one file of tests must not come into the lists of another: each that sends has a maildrop of its own, which nobody
# collects.
ADD_PEOPLE = """
import sys
from accounts.models import Identity, LocalMaildrop, MailAccount, RemoteMaildrop, SubmissionServer, User
password, pop3_port, smtp_port = sys.stdin.read().splitlines()
for name in ("alice", "bob", "charlie", "dana"):
    address = f"{name}@home.test"
    user = User.objects.create_user(
        name, address, password, first_name=name.title(), undo_seconds=0, writes_rich=name == "dana"
    )
    maildrop = LocalMaildrop(owner=user, address=address)
    maildrop.set_password(password)
    maildrop.save()
    if name == "alice":
        continue
    account = MailAccount.objects.create(owner=user, address=address, name="Home")
    Identity.objects.create(account=account, name=name.title(), address=address, is_default=True)
    line = {"account": account, "host": "127.0.0.1", "security": "none"}
    RemoteMaildrop.objects.create(**line, port=pop3_port, login=address, password=password, every_minutes=1)
    SubmissionServer.objects.create(**line, port=smtp_port)
for name in ("addressing", "input", "later", "rich", "writing"):
    LocalMaildrop.objects.create(owner=user, address=f"{name}@home.test", password="!")
"""


@pytest.fixture(scope="session")
def letterbox(tmp_path_factory: pytest.TempPathFactory, site_template: Path, dovecot: Dovecot) -> Iterator[Site]:
    """A whole Letterbox at work, whose processes trust the certificate of `dovecot`."""
    trust = {"SSL_CERT_FILE": str(dovecot.certificate)}
    folder = tmp_path_factory.mktemp("letterbox")
    with running_site(folder, site_template, environment=trust) as site:
        facts = f"{PASSWORD}\n{site.pop3_port}\n{site.smtp_port}\n"
        site.manage("shell", "--verbosity", "0", "--command", ADD_PEOPLE, stdin=facts)
        yield site


@pytest.fixture(scope="session")
def sessions() -> dict[str, StorageState]:
    """The cookies of those who are signed in at `letterbox`."""
    return {}


@pytest.fixture
def windows(browser: Browser, letterbox: Site, sessions: dict[str, StorageState]) -> Iterator[Windows]:
    """Windows at `letterbox`, which must not have complained in the end."""
    opened = Windows(browser, letterbox, sessions)
    yield opened
    opened.close()
