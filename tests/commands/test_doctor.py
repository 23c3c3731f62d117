"""The doctor finds what was broken on purpose, and finds nothing else."""

import io
import json
import os
import shutil
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts.models import LocalMaildrop, MailAccount, RemoteMaildrop, SubmissionServer, User
from accounts.troubles import Trouble
from mailbox import search
from mailbox.delivery import deliver, prepare
from mailbox.management.commands import doctor as module
from mailbox.models import Message, Original, Outgoing, VapidKey
from tests.servers import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def machine(settings, tmp_path, monkeypatch):
    """A healthy machine, whatever this one is: its own data folder with keys, and room on the disk."""
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("FIELD_KEYS", raising=False)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2**40, 2**39, 2**39))
    settings.DATA_DIR, settings.REDIS_URL, settings.DEBUG = tmp_path, "", False
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "broker" / "queue")}
    settings.SMTPD_PORT, settings.POP3D_PORT = free_port(), free_port()
    (tmp_path / "broker" / "queue").mkdir(parents=True)
    (tmp_path / "keys").touch(mode=0o600)
    return tmp_path


@pytest.fixture
def account() -> MailAccount:
    alice = User.objects.create_user("alice")
    return MailAccount.objects.create(owner=alice, address="alice@example.org", name="Home")


@pytest.fixture
def maildrop(account) -> RemoteMaildrop:
    return RemoteMaildrop.objects.create(account=account, host="pop.example.org", port=995, password="hunter-of-stars")


def store(account: MailAccount, count: int) -> None:
    with transaction.atomic():
        deliver(account, [prepare(account, b"Subject: %d\n\nHello\n" % number) for number in range(count)])


def examine() -> tuple[int, list[dict[str, str]]]:
    """Return the exit status and the findings."""
    out, status = io.StringIO(), 0
    try:
        call_command("doctor", "--json", stdout=out)
    except SystemExit as end:
        status = int(str(end.code))
    said = json.loads(out.getvalue())
    assert said["ok"] == (status == 0)
    return status, said["checks"]


def words(check: str, status: str) -> str:
    """Return what the doctor says of `check`; all other checks must be free of trouble."""
    exit_status, findings = examine()
    assert exit_status == (1 if status == "trouble" else 0)
    assert {each["check"] for each in findings if each["status"] == "trouble"} <= {check}
    return " ".join(each["words"] for each in findings if each["check"] == check and each["status"] == status)


def test_a_healthy_installation_has_no_trouble(account, maildrop):
    store(account, 3)
    status, findings = examine()
    assert status == 0
    checks = " ".join(dict.fromkeys(each["check"] for each in findings))
    assert checks == "database data folder queue keys debug servers clock search octets passwords accounts claims"


def test_says_it_in_words_on_the_screen():
    out = io.StringIO()
    call_command("doctor", stdout=out)
    assert out.getvalue().splitlines()[0] == f"ok      database    {connection.vendor}, migrated"
    assert out.getvalue().splitlines()[-1] == "All is well."


def test_finds_a_missing_migration():
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM django_migrations WHERE app = 'mailbox'")
        cursor.execute("DELETE FROM django_migrations WHERE id = %s", cursor.fetchone())
    assert "1 migrations are missing" in words("database", "trouble")


def test_without_a_database_the_machine_is_looked_at_all_the_same(monkeypatch):
    def fail() -> None:
        raise OperationalError("no such file")

    monkeypatch.setattr(connection, "ensure_connection", fail)
    status, findings = examine()
    assert status == 1
    assert findings[0]["words"] == "The database did not answer: no such file"
    assert [each["check"] for each in findings if each["status"] == "ok"] == ["data folder", "queue", "keys", "debug"]


def test_finds_a_message_that_no_search_finds(account):
    store(account, 3)
    search.remove([Message.objects.order_by("pk")[1].pk])
    assert words("search", "trouble") == "1 of 3 messages cannot be found. Run: manage.py reparse"


@pytest.mark.parametrize("damage", [b"", b"not zstandard", None])
def test_finds_a_damaged_message(account, damage):
    store(account, 3)
    row = Original.objects.order_by("pk")[1]
    swapped = Original.of(row.owner_id, b"Subject: 9\n\nHello\n").compressed
    Original.objects.filter(pk=row.pk).update(compressed=swapped if damage is None else damage)
    assert words("octets", "trouble") == f"1 of 3 stored messages are damaged: rows [{row.pk}]"


def test_looks_at_both_ends_and_between_of_a_large_table(account, monkeypatch):
    monkeypatch.setattr(module, "SAMPLE_COUNT", 9)
    store(account, 30)
    pks = list(Original.objects.order_by("pk").values_list("pk", flat=True))
    sample = module._sample(Original.objects.all())
    assert set(pks[:3] + pks[-3:]) < set(sample)
    assert 7 <= len(sample) <= 15


@pytest.mark.parametrize(("free", "status"), [(10 * 2**20, "trouble"), (2**30, "hint"), (2**40, "ok")])
def test_tells_how_much_room_is_left(monkeypatch, free, status):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2**41, 0, free))
    assert "GB free" in words("data folder", status)


def test_finds_a_data_folder_that_cannot_be_written(settings, machine):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(machine / "broker" / "queue")}
    settings.DATA_DIR = machine / "gone"
    (machine / "gone").symlink_to("/proc/1")
    findings = {each["check"]: each for each in examine()[1]}
    assert findings["data folder"]["status"] == "trouble"
    assert "cannot be written" in findings["data folder"]["words"]


def test_finds_a_queue_that_cannot_be_written(machine):
    shutil.rmtree(machine / "broker")
    assert "queue's folder cannot be written" in words("queue", "trouble")


def test_leaves_nothing_in_the_folders_it_tried(machine):
    words("queue", "ok")
    assert sorted(path.name for path in machine.rglob("*")) == ["broker", "keys", "queue"]


def test_finds_a_redis_that_does_not_answer(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert "Redis did not answer" in words("queue", "trouble")


def test_a_redis_that_answers_is_well(settings, redis_url):
    settings.REDIS_URL = redis_url
    assert words("queue", "ok") == "Redis answers"


def test_finds_a_clock_that_went_back(account):
    store(account, 1)
    Message.objects.update(stored_at=timezone.now() + timedelta(hours=1))
    assert "before mail was stored" in words("clock", "trouble")


def test_finds_keys_that_others_may_read(machine):
    (machine / "keys").chmod(0o644)
    assert "mode 644" in words("keys", "trouble")


def test_finds_that_the_keys_are_gone(machine):
    (machine / "keys").unlink()
    assert "is gone" in words("keys", "trouble")


def test_keys_may_come_from_the_environment(machine, monkeypatch):
    (machine / "keys").unlink()
    monkeypatch.setitem(os.environ, "SECRET_KEY", "x")
    monkeypatch.setitem(os.environ, "FIELD_KEYS", "y")
    assert "from the environment" in words("keys", "ok")


def test_hints_when_keys_and_database_share_a_folder(machine, monkeypatch):
    monkeypatch.setattr(module, "_database_folder", lambda: machine)
    assert "keep them out of its backups" in words("keys", "hint")


def test_finds_passwords_whose_key_is_lost(account, maildrop, settings):
    SubmissionServer.objects.create(account=account, host="smtp.example.org", port=465, password="hunter-of-stars")
    assert words("passwords", "ok") == "those of 2 servers can be read"
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert "alice@example.org cannot be read" in words("passwords", "trouble")


def test_debug_is_trouble(settings):
    settings.DEBUG = True
    assert "DEBUG is on" in words("debug", "trouble")


def test_a_mail_server_that_does_not_run_is_only_a_hint():
    assert "smtpd does not answer" in words("servers", "hint")


def test_a_pause_by_its_owner_is_only_a_hint(maildrop):
    RemoteMaildrop.objects.update(is_paused=True)
    assert words("accounts", "hint") == "alice@example.org is paused"


def test_a_pause_for_a_wrong_password_is_trouble_in_the_servers_words(maildrop):
    RemoteMaildrop.objects.update(is_paused=True, trouble=Trouble.PASSWORD, last_error="[AUTH] no such user")
    said = words("accounts", "trouble")
    assert said.startswith("alice@example.org is paused: The server does not accept")
    assert said.endswith("The server said: [AUTH] no such user")


@pytest.mark.parametrize(("failures", "status"), [(2, "ok"), (3, "trouble")])
def test_failing_again_and_again_is_trouble(maildrop, failures, status):
    RemoteMaildrop.objects.update(failure_count=failures, trouble=Trouble.UNREACHABLE)
    assert ("failed 3 times" in words("accounts", status)) == (status == "trouble")


def test_finds_work_that_a_dead_worker_left(account, maildrop):
    long_ago = timezone.now() - timedelta(hours=1)
    store(account, 1)
    Outgoing.objects.create(account=account, original=Original.objects.get(), claimed_at=long_ago)
    RemoteMaildrop.objects.update(claimed_at=long_ago, due_at=timezone.now())
    said = words("claims", "trouble")
    assert "1 pulls were left" in said
    assert "1 messages to send were left" in said


def test_work_that_is_going_on_is_no_trouble(maildrop):
    assert maildrop.claim(timezone.now())
    assert words("claims", "ok") == "nothing is stuck"


def test_hints_that_no_worker_runs(maildrop):
    RemoteMaildrop.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert "overdue" in words("claims", "hint")


def test_hints_at_a_local_maildrop_that_was_left_locked(account):
    an_hour_ago = timezone.now() - timedelta(hours=1)
    LocalMaildrop.objects.create(owner=account.owner, address="alice@home.test", claimed_at=an_hour_ago)
    assert "left locked" in words("claims", "hint")


def test_no_secret_is_said(maildrop):
    assert "hunter-of-stars" not in json.dumps(examine())


def test_finds_other_secrets_whose_key_is_lost_or_old(account, maildrop, settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    RemoteMaildrop.objects.update(password="")
    settings.FIELD_KEYS = [old]
    VapidKey.current()
    settings.FIELD_KEYS = [new, old]
    assert "still under an old key" in words("passwords", "hint")
    settings.FIELD_KEYS = [new]
    assert "1 other secrets cannot be decrypted" in words("passwords", "trouble")
