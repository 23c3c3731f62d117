"""Look whether everything is well, and say in plain words what is not."""

import json
import os
import shutil
import socket
import stat
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import redis
import zstandard
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import QuerySet
from django.utils import timezone

from accounts.fields import UnreadableSecret, current_keys
from accounts.models import LocalMaildrop, RemoteMaildrop, SubmissionServer
from accounts.rotation import reencrypt
from mailbox.models import Message, Original, Outgoing
from webmail.claims import Claimable

SAMPLE_COUNT = 200
# Octets of free disk space: below the first mail will soon be lost, below the second somebody should look.
SPACE_NEEDED = 200 * 2**20
SPACE_WANTED = 2 * 2**30
FAILURES_TOLERATED = 2
# Work that is due this long waits for a worker that is not there.
OVERDUE = timedelta(minutes=15)
SECONDS_FOR_SERVERS = 3.0
# No clock that tells the time is behind the day this was written.
WRITTEN_AT = datetime(2025, 11, 1, tzinfo=UTC)


class Status(StrEnum):
    OK = "ok"
    HINT = "hint"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    status: Status
    words: str


type Answer = tuple[Status, str]
type Check = Callable[[], Iterator[Answer]]


class Command(BaseCommand):
    help = "Check the database, the secrets, the queue, the stored mail and the accounts. Exit 1 on trouble."
    # It has to run where little else does.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        findings = _all_findings()
        is_well = not _is_trouble(findings)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": is_well, "checks": [asdict(each) for each in findings]}))
        else:
            self._print(findings, is_well=is_well)
        if not is_well:
            raise SystemExit(1)

    def _print(self, findings: list[Finding], *, is_well: bool) -> None:
        styles = {Status.OK: self.style.SUCCESS, Status.HINT: self.style.WARNING, Status.TROUBLE: self.style.ERROR}
        for each in findings:
            self.stdout.write(f"{styles[each.status](f'{each.status:<8}')}{each.check:<12}{each.words}")
        self.stdout.write("All is well." if is_well else "There is trouble.")


def _all_findings() -> list[Finding]:
    findings = list(_findings(_database))
    checks = ABOUT_THE_MACHINE if _is_trouble(findings) else (*ABOUT_THE_MACHINE, *ABOUT_THE_MAIL)
    return findings + [finding for check in checks for finding in _findings(check)]


def _is_trouble(findings: list[Finding]) -> bool:
    return any(finding.status == Status.TROUBLE for finding in findings)


def _findings(check: Check) -> Iterator[Finding]:
    name = check.__name__.strip("_").replace("_", " ")
    try:
        for status, words in check():
            yield Finding(name, status, words)
    except DatabaseError as error:
        yield Finding(name, Status.TROUBLE, f"The database did not answer: {str(error).strip()}")


# Where things are kept -----------------------------------------------------------------------------------------------


def _database() -> Iterator[Answer]:
    connection.ensure_connection()
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield Status.TROUBLE, f"{len(missing)} migrations are missing. Run: manage.py migrate"
        return
    yield Status.OK, f"{connection.vendor}, migrated"


def _search() -> Iterator[Answer]:
    sample = _sample(Message.objects.all())
    unfound = set(sample) - _indexed(sample)
    if unfound:
        yield Status.TROUBLE, f"{len(unfound)} of {len(sample)} messages cannot be found. Run: manage.py reparse"
        return
    yield Status.OK, f"{len(sample)} messages looked at, all can be found"


def _indexed(message_ids: list[int]) -> set[int]:
    """Return those of `message_ids` that are in the search index."""
    column = "rowid" if connection.vendor == "sqlite" else "message_id"
    places = ", ".join(["%s"] * len(message_ids)) or "NULL"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM mailbox_search WHERE {column} IN ({places})", message_ids)  # noqa: S608
        return {pk for (pk,) in cursor.fetchall()}


def _octets() -> Iterator[Answer]:
    sample = _sample(Original.objects.all())
    damaged = [pk for pk in sample if not _is_whole(pk)]
    if damaged:
        yield Status.TROUBLE, f"{len(damaged)} of {len(sample)} stored messages are damaged: rows {damaged[:10]}"
        return
    yield Status.OK, f"{len(sample)} stored messages looked at, all whole"


def _is_whole(pk: int) -> bool:
    try:
        return Original.objects.get(pk=pk).is_whole()
    except zstandard.ZstdError:
        return False


def _sample(rows: QuerySet[Any]) -> list[int]:
    """Return ids of the oldest and the newest of `rows`, and of some between them, without counting the table."""
    ids = rows.values_list("pk", flat=True)
    third = SAMPLE_COUNT // 3
    ends = {*ids.order_by("pk")[:third], *ids.order_by("-pk")[:third]}
    if len(ends) < 2 * third:
        return sorted(ends)
    first, last = min(ends), max(ends)
    between = range(first, last, max((last - first) // third, 1))
    return sorted(ends | set(ids.filter(pk__in=between[:SAMPLE_COUNT])))


def _data_folder() -> Iterator[Answer]:
    try:
        _write_into(settings.DATA_DIR)
    except OSError as error:
        yield Status.TROUBLE, f"{settings.DATA_DIR} cannot be written: {error.strerror}"
        return
    free = shutil.disk_usage(settings.DATA_DIR).free
    words = f"{settings.DATA_DIR} has {free / 2**30:,.1f} GB free"
    yield (Status.TROUBLE if free < SPACE_NEEDED else Status.HINT if free < SPACE_WANTED else Status.OK), words


def _write_into(folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
        file.write(b"well")
        file.flush()
        os.fsync(file.fileno())


def _queue() -> Iterator[Answer]:
    try:
        yield Status.OK, _ping_redis() if settings.REDIS_URL else _write_into_broker()
    except redis.RedisError as error:
        yield Status.TROUBLE, f"Redis did not answer: {error}"
    except OSError as error:
        yield Status.TROUBLE, f"The queue's folder cannot be written: {error.strerror}"


def _ping_redis() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=SECONDS_FOR_SERVERS, socket_timeout=SECONDS_FOR_SERVERS
    )
    client.ping()
    client.close()
    return "Redis answers"


def _write_into_broker() -> str:
    folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]))
    # Beside the queue's own folder, where a worker would take the file for a task.
    _write_into(folder.parent)
    waiting = sum(1 for _ in folder.iterdir())
    return f"files in {folder}, {waiting} waiting"


def _clock() -> Iterator[Answer]:
    now = timezone.now()
    newest = Message.objects.order_by("-pk").values_list("stored_at", flat=True).first()
    if now < WRITTEN_AT or (newest and newest > now + timedelta(minutes=5)):
        yield Status.TROUBLE, f"It says {now:%Y-%m-%d %H:%M} UTC, which is before mail was stored here. Set it right."
        return
    yield Status.OK, f"{now:%Y-%m-%d %H:%M} UTC"


# Secrets and settings ------------------------------------------------------------------------------------------------


def _keys() -> Iterator[Answer]:
    if "SECRET_KEY" in os.environ and "FIELD_KEYS" in os.environ:
        yield Status.OK, "SECRET_KEY and FIELD_KEYS come from the environment"
        return
    path = settings.DATA_DIR / "keys"
    if not path.exists():
        yield Status.TROUBLE, f"{path} is gone: stored passwords cannot be read after the next start"
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        yield Status.TROUBLE, f"Others may read {path} (mode {mode:o}). Run: chmod 600 {path}"
        return
    yield Status.OK, f"in {path}, for its owner alone"
    if _database_folder() == path.parent:
        yield Status.HINT, f"They lie beside the database in {path.parent}: keep them out of its backups"


def _database_folder() -> Path | None:
    name = connection.settings_dict["NAME"]
    return Path(str(name)).resolve().parent if connection.vendor == "sqlite" else None


def _passwords() -> Iterator[Answer]:
    servers = [
        server
        for model in (RemoteMaildrop, SubmissionServer)
        for server in model._default_manager.select_related("account")
    ]
    unreadable = {server.account.address for server in servers if isinstance(server.password, UnreadableSecret)}
    if unreadable:
        words = f"Passwords of {', '.join(sorted(unreadable))} cannot be read: a key is missing from FIELD_KEYS"
        yield Status.TROUBLE, words
        return
    yield Status.OK, f"those of {len(servers)} servers can be read"
    tally = reencrypt(current_keys(), is_dry=True)
    if tally.unreadable:
        yield Status.TROUBLE, f"{tally.unreadable} other secrets cannot be decrypted: a key is missing from FIELD_KEYS"
    if tally.renewed:
        yield Status.HINT, f"{tally.renewed} secrets are still under an old key. Run: manage.py rotatekeys"


def _debug() -> Iterator[Answer]:
    if settings.DEBUG:
        yield Status.TROUBLE, "DEBUG is on: error pages show mail and settings to strangers"
        return
    yield Status.OK, "off"


# What is going on ----------------------------------------------------------------------------------------------------


def _servers() -> Iterator[Answer]:
    places = {"smtpd": (settings.SMTPD_HOST, settings.SMTPD_PORT), "pop3d": (settings.POP3D_HOST, settings.POP3D_PORT)}
    for name, (host, port) in places.items():
        if _answers(host, port):
            yield Status.OK, f"{name} answers on {host}:{port}"
        else:
            yield Status.HINT, f"{name} does not answer on {host}:{port}. That is fine where it is not used"


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), SECONDS_FOR_SERVERS).close()
    except OSError:
        return False
    return True


def _accounts() -> Iterator[Answer]:
    maildrops = RemoteMaildrop.objects.select_related("account")
    yield Status.OK, f"{maildrops.count()} are pulled"
    for maildrop in maildrops.filter(is_paused=True):
        yield Status.TROUBLE if maildrop.trouble else Status.HINT, f"{maildrop.account} is paused{_why(maildrop)}"
    for maildrop in maildrops.filter(is_paused=False, failure_count__gt=FAILURES_TOLERATED):
        yield Status.TROUBLE, f"{maildrop.account} failed {maildrop.failure_count} times{_why(maildrop)}"


def _why(maildrop: RemoteMaildrop) -> str:
    said = f" The server said: {maildrop.last_error}" if maildrop.last_error else ""
    return f": {maildrop.get_trouble_display()}{said}" if maildrop.trouble else ""


def _claims() -> Iterator[Answer]:
    pulls, messages = _abandoned(RemoteMaildrop), _abandoned(Outgoing).filter(finished_at=None)
    for what, count in {"pulls": pulls.count(), "messages to send": messages.count()}.items():
        if count:
            yield Status.TROUBLE, f"{count} {what} were left by a worker that died. Is a worker running?"
    if locked := _abandoned(LocalMaildrop).count():
        yield Status.HINT, f"{locked} local maildrops were left locked; the next login takes them over"
    since = timezone.now() - OVERDUE
    overdue = RemoteMaildrop.objects.due(since).count() + Outgoing.objects.due(since).count()
    if overdue:
        yield Status.HINT, f"{overdue} pulls or messages are overdue. Are the worker and beat running?"
    if not overdue and not pulls and not messages:
        yield Status.OK, "nothing is stuck"


def _abandoned(model: type[Claimable]) -> QuerySet[Any]:
    """Return the rows that a process claimed which is no more."""
    return model._default_manager.filter(model.is_free(timezone.now())).exclude(claimed_at=None)


ABOUT_THE_MACHINE: tuple[Check, ...] = (_data_folder, _queue, _keys, _debug, _servers)
ABOUT_THE_MAIL: tuple[Check, ...] = (_clock, _search, _octets, _passwords, _accounts, _claims)
