"""The Japanese words: complete, compiled, and on every screen."""

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import LocalMaildrop, MailAccount, Membership, RemoteMaildrop, SubmissionServer, User
from mailbox import outbox
from mailbox.models import Outgoing, Recipient
from mailbox.templatetags.mail import full_time, when
from tests.cast import deliver, octets_of, remote_maildrop
from tests.conftest import started
from tests.outgoing import draft_of, queued
from tests.servers import program

ROOT = Path(__file__).resolve().parent.parent
CATALOG = Path("locale/ja/LC_MESSAGES")
SOURCES = ["accounts", "mailbox", "webmail", "templates", "locale"]
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext"}
# A space between Japanese and Latin letters, but for addresses, which would not end without it.
SPACED = re.compile(r"[ぁ-んァ-ヶ一-龠、。」] [A-Za-z]|(?<!\S)[A-Za-z0-9]+ [ぁ-んァ-ヶ一-龠「]")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|%%|\{\w*\}")


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A request leaves its language active in the process; the next test speaks English again."""
    yield
    translation.deactivate()


# The catalog ---------------------------------------------------------------------------------------------------------


@contextmanager
def _programs() -> Iterator[dict[str, str]]:
    yield {name: program(name, package="gettext") for name in ("xgettext", "msgattrib", "msgfmt")}


@pytest.fixture(scope="module")
def programs() -> Iterator[dict[str, str]]:
    """The paths of GNU gettext's programs."""
    yield from started(_programs)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory, programs: dict[str, str]) -> Path:
    """The catalog after `make messages` in a copy of the sources."""
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "Makefile"):
        shutil.copy(ROOT / name, copy / name)
    # The environment is that of this test: none is to be made.
    command = ["make", "--old-file=.venv/to-test", f"PYTHON={sys.executable}", "messages"]
    environment = os.environ | {"DATA_DIR": str(copy / "var"), "DJANGO_SETTINGS_MODULE": "webmail.settings"}
    subprocess.run(command, cwd=copy, env=environment, check=True, capture_output=True)
    return copy / CATALOG / "django.po"


@pytest.mark.parametrize("entries", ["--untranslated", "--only-fuzzy", "--only-obsolete"])
def test_every_string_of_the_sources_is_translated_and_no_other(
    entries: str, collected: Path, programs: dict[str, str]
) -> None:
    found = subprocess.run([programs["msgattrib"], entries, collected], check=True, capture_output=True, text=True)

    assert not found.stdout, found.stdout


def test_the_compiled_catalog_is_that_of_the_words(tmp_path: Path, programs: dict[str, str]) -> None:
    compiled = tmp_path / "django.mo"
    source = ROOT / CATALOG / "django.po"
    subprocess.run([programs["msgfmt"], "--check", "-o", compiled, source], check=True, capture_output=True)

    assert _catalog(ROOT / CATALOG / "django.mo") == _catalog(compiled)


def test_no_placeholder_is_lost() -> None:
    """One too many makes `msgfmt --check` fail: only it knows the plural, whose number the singular may lack."""
    for original, words in _catalog(ROOT / CATALOG / "django.mo").items():
        assert set(PLACEHOLDER.findall(original)) <= set(PLACEHOLDER.findall(words)), original


def test_no_space_stands_between_japanese_and_latin_letters() -> None:
    words = _catalog(ROOT / CATALOG / "django.mo").values()

    assert [each for each in words if SPACED.search(each)] == []


def test_xgettext_sees_every_string() -> None:
    """It does not look into f-strings, and takes nothing that is put together first."""
    known = _catalog(ROOT / CATALOG / "django.mo").keys()
    paths = [path for folder in ("accounts", "mailbox", "webmail") for path in (ROOT / folder).rglob("*.py")]

    for path in paths:
        for string in _translatable(path):
            assert string in known, f"{path.relative_to(ROOT)}: {string}"


def _catalog(compiled: Path) -> dict[str, str]:
    """Return the translations by their English, plural forms by their singular, without the header and contexts."""
    with compiled.open("rb") as file:
        entries = gettext.GNUTranslations(file)._catalog.items()  # type: ignore[attr-defined]
    singular = ((key[0] if isinstance(key, tuple) else key, words) for key, words in entries)
    return {key.rpartition("\x04")[2]: words for key, words in singular if key}


def _translatable(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT:
            string = node.args[1 if "pgettext" in node.func.id else 0]
            assert isinstance(string, ast.Constant), f"{path}:{node.lineno}"
            yield str(string.value)


# The screens ---------------------------------------------------------------------------------------------------------

# What is the same in every language, and the names that people gave.
COMMON = re.compile(
    r"\S+@\S+|https?://\S+|Letterbox|POP3|SMTP|STARTTLS|TLS|Gmail|IMAP|URL|Bcc|Cc|Re:|Fwd:|UTC|English|Ctrl|Shift|Bob|[kMG]?B"
)
ENGLISH = re.compile(r"[A-Za-z]{2,}")
SPOKEN = {"title", "aria-label", "placeholder", "alt", "value", "data-failed", "data-signed-out", "hx-confirm"}


class Words(HTMLParser):
    """What a page says: its text, and the attributes that are shown or read out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.language = ""
        self._silent: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang") or ""
        # Values of form fields are for the server, but for what a text field holds; time zones have no Japanese names.
        if tag in {"script", "style"} or (tag == "select" and given.get("name") == "time_zone"):
            self._silent.append(tag)
        spoken = SPOKEN - ({"value"} if tag != "input" or given.get("type", "text") != "text" else set())
        self.found += [value for name, value in attrs if name in spoken and value]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.found.append(" ".join(data.split()))


@pytest.fixture
def tanaka(alice: User, account: MailAccount) -> User:
    """Alice's account in the hands of somebody who reads Japanese, and has mail in every state."""
    User.objects.filter(pk=alice.pk).update(language="ja", username="田中", first_name="恵子", last_name="田中")
    MailAccount.objects.filter(pk=account.pk).update(name="自宅")
    account.identities.update(name="田中恵子")
    remote_maildrop(account, port=9, login="恵子", password="x", trouble="password", is_paused=True, failure_count=3)
    SubmissionServer.objects.create(account=account, host="127.0.0.1", port=9, security="none", may_be_private=True)
    deliver(account, octets_of("打ち合わせ", sender='"山田太郎" <dana@far.test>', text="明日の件です。"))
    draft_of(account, subject="書きかけ", text="こんにちは\n")
    for status in Recipient.Status:
        queued(account, subject="お茶", text="いかがですか\n").recipients.update(status=status)
    return User.objects.get(pk=alice.pk)


def _screens(account: MailAccount) -> dict[str, str]:
    message = account.messages.get(folder="inbox")
    places = ("inbox", "starred", "drafts", "sent", "outbox", "archive", "trash", "search", "compose", "accounts")
    return {
        **{name: reverse(name) for name in (*places, "account_new", "settings", "identities")},
        "conversation": reverse("conversation", args=[message.key]),
        "reply": f"{reverse('compose')}?reply={message.key}",
        "forward": f"{reverse('compose')}?forward={message.key}",
        "draft": reverse("draft", args=[account.drafts.get().key]),
        "account": reverse("account", args=[account.key]),
        "deleting": reverse("account_delete", args=[account.key]),
        "password": reverse("account_change_password"),
        "nothing found": f"{reverse('search')}?q=見つからない",
        "nothing there": "/m/AAAAAAAAAAAAAAAA/",
    }


def test_every_screen_speaks_japanese(tanaka: User, account: MailAccount) -> None:
    client = Client()
    client.force_login(tanaka)

    for name, url in _screens(account).items():
        assert _leftovers(client.get(url).text) == [], name


def test_what_is_said_of_a_mistake_is_japanese(tanaka: User, account: MailAccount) -> None:
    client = Client()
    client.force_login(tanaka)
    typed = {"do": "send", "key": "A" * 16, "account": account.key, "to": "だれか", "subject": "件", "text": "本文"}

    assert _leftovers(client.post(reverse("compose"), typed).text) == []
    assert _leftovers(client.post(reverse("account_new"), {"address": "壊れた"}).text) == []
    assert _leftovers(client.post(reverse("settings"), {"time_zone": "x"}).text) == []


@pytest.mark.parametrize("name", ["account_login", "account_signup"])
def test_the_way_in_follows_the_browser(db: None, name: str) -> None:
    client = Client(headers={"Accept-Language": "ja,en;q=0.5"})

    assert _leftovers(client.get(reverse(name)).text) == []
    assert _leftovers(client.post(reverse(name), {"login": "田中", "password": "違う"}).text) == []


def test_ones_own_choice_counts_more_than_the_browser(tanaka: User, bob: User) -> None:
    for user, language in ((tanaka, "ja"), (bob, "en")):
        client = Client(headers={"Accept-Language": "en" if language == "ja" else "ja"})
        User.objects.filter(pk=user.pk).update(language=language)
        client.force_login(user)

        assert Words(client.get("/").text).language == language


def test_an_empty_place_speaks_japanese_too(alice: User) -> None:
    client = Client(headers={"Accept-Language": "ja"})
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(username="田中", first_name="恵子")

    for name in ("inbox", "starred", "drafts", "outbox", "trash", "compose", "accounts", "identities"):
        assert _leftovers(client.get(reverse(name)).text) == [], name


def test_a_member_reads_in_japanese_what_he_may_do(tanaka: User, account: MailAccount, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(language="ja", username="次郎", first_name="次郎")
    Membership.objects.filter(user=bob).update(role=Membership.Role.SEND)
    client = Client()
    client.force_login(bob)

    for name in ("inbox", "accounts", "outbox"):
        assert _leftovers(client.get(reverse(name)).text) == [], name


def _leftovers(page: str) -> list[str]:
    said = Words(page)
    assert said.language == "ja"
    assert len(said.found) > 3
    return [words for words in said.found if ENGLISH.search(COMMON.sub("", words))]


def test_the_admin_pages_speak_japanese(tanaka: User, account: MailAccount, local_maildrop: LocalMaildrop) -> None:
    User.objects.filter(pk=tanaka.pk).update(is_staff=True, is_superuser=True)
    # Django's own: what its Japanese catalog lacks, and booleans as screen readers are told them.
    foreign = {"Search", "- Select an option -", "Filter by 送信の依頼", "True", "False", "home.test"}
    client = Client()
    client.force_login(tanaka)

    for model in (MailAccount, RemoteMaildrop, LocalMaildrop, Outgoing):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert set(_leftovers(client.get(reverse(f"{name}_changelist")).text)) <= foreign, name
    for row in (account, account.remote_maildrop, local_maildrop):
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        assert set(_leftovers(client.get(reverse(name, args=[row.pk])).text)) <= foreign, name


def test_a_worker_writes_down_what_happened_in_the_language_of_the_writer(tanaka: User, account: MailAccount) -> None:
    outgoing = queued(account)
    account.submission_server.delete()

    outbox.send(outgoing)

    assert outgoing.recipients.get().reply == "このアカウントには、送信サーバーがなくなりました。"


def test_the_family_name_comes_first(tanaka: User, bob: User) -> None:
    client = Client()
    client.force_login(tanaka)
    page = client.get(reverse("settings")).text

    assert page.index('name="last_name"') < page.index('name="first_name"')
    assert str(tanaka) == "田中 恵子"
    assert str(User(first_name="Bob", last_name="Tanaka")) == "Bob Tanaka"


# The dates -----------------------------------------------------------------------------------------------------------


def test_dates_stand_in_japanese_order(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2025, 11, 5, 12, 0, tzinfo=timezone.get_current_timezone())
    monkeypatch.setattr(timezone, "now", lambda: now)

    with translation.override("ja"):
        assert when(now.replace(hour=9, minute=5)) == "09:05"
        assert when(now - timedelta(days=1)) == "昨日"
        assert when(now - timedelta(days=2)) == "11月3日(月)"
        assert when(now.replace(month=3, day=1, year=2024)) == "2024/03/01"
        assert full_time(now).startswith("2025年11月5日(水) 12:00 ")
