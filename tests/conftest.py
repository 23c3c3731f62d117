"""Fixtures for every test: real servers on loopback, Chromium, and a running site."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.models.signals import post_migrate
from django.test import override_settings
from playwright.sync_api import Playwright

from tests import dovecot as dovecot_server
from tests import servers, site
from tests.cast import account, alice, bob, charlie, local_maildrop, submission_server  # noqa: F401  # fixtures
from tests.dovecot import Dovecot
from tests.site import Site, make_template
from tests.smtpsink import SmtpSink

# Playwright keeps an event loop running in the thread that the later tests use too, where Django then sees danger.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM_FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def refuse(word: str) -> NoReturn:
    """Skip the test with the word what to install; on CI a test that is skipped is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(word)
    pytest.skip(word)


def started[T](make: Callable[[], AbstractContextManager[T]]) -> Iterator[T]:
    """Yield the running server; where its program is missing, refuse the test."""
    try:
        server = make()
        running = server.__enter__()
    except (servers.Missing, dovecot_server.Missing) as missing:
        refuse(str(missing))
    try:
        yield running
    finally:
        server.__exit__(None, None, None)


@pytest.fixture(scope="session", autouse=True)
def empty_index_after_flush() -> None:
    """Empty the search index whenever the tables of the models are emptied: it is none, so a flush passes it by."""

    def empty(using: str, **_: object) -> None:
        with connections[using].cursor() as cursor:
            if "mailbox_search" in connections[using].introspection.table_names(cursor):
                cursor.execute("DELETE FROM mailbox_search")

    post_migrate.connect(empty, sender=apps.get_app_config("mailbox"), weak=False, dispatch_uid="empty index")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of an empty database on a PostgreSQL server of this run."""
    yield from started(servers.postgres)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of a Redis server of this run."""
    yield from started(servers.redis)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], playwright: Playwright) -> dict[str, Any]:
    """Chromium from PATH where there is one, calling nobody, and without its sandbox for root, who may not have it."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found and not Path(playwright.chromium.executable_path).exists():
        refuse("Chromium is missing: install Debian's package chromium, or run `playwright install chromium`")
    flags = [*CHROMIUM_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else CHROMIUM_FLAGS
    chosen = {"executable_path": found} if found else {}
    return {**browser_type_launch_args, **chosen, "args": flags}


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A Dovecot POP3 server of this run."""
    yield from started(Dovecot)


@pytest.fixture(scope="session")
def smtp_sink() -> Iterator[SmtpSink]:
    """Postfix's smtp-sink, which takes every message and keeps it."""
    yield from started(SmtpSink)


@pytest.fixture(scope="session")
def site_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated database and the static files, to be copied for each site."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What collectstatic leaves behind, but for the pages of the operator."""
    folder = tmp_path_factory.mktemp("static")
    storage = {"BACKEND": "webmail.storage.BundledStorage", "OPTIONS": {"location": folder}}
    with override_settings(STORAGES={"staticfiles": storage}):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin", "*.map"])
    return folder


@pytest.fixture(scope="session")
def running_site(tmp_path_factory: pytest.TempPathFactory, site_template: Path) -> Iterator[Site]:
    """The whole of Letterbox on its embedded defaults, shared by the tests of this process."""
    with site.running_site(tmp_path_factory.mktemp("site"), site_template) as running:
        yield running


@pytest.fixture
def start_site(tmp_path: Path, site_template: Path) -> Iterator[Callable[..., Site]]:
    """Start a site of this test's own: start_site("web", "worker", database_url=…, redis_url=…, environment={…})."""
    with ExitStack() as stack:
        yield lambda *names, **options: stack.enter_context(
            site.running_site(tmp_path / f"site-{len(site.running)}", site_template, *names, **options)
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the logs of the running sites below a failure."""
    report = yield
    if report.failed and site.running:
        report.sections.append(("Logs of the running site", site.logs()))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell tests.run by name what failed, where it asks."""
    if path := os.environ.get("FAILURES_FILE"):
        reports = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
        Path(path).write_text("".join(f"{name}\n" for name in dict.fromkeys(report.nodeid for report in reports)))
