"""compose.yaml, Dockerfile and .env.example: complete, safe, and their commands do the main job.

No container engine is needed: the services' own commands run natively, with the services' own environment, on a real
PostgreSQL and a real Redis.
"""

import json
import os
import poplib
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import yaml
from cryptography.fernet import Fernet
from redis import Redis

from tests import servers
from tests.servers import create_database, wait_until
from tests.site import ROOT, Site, running

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "letterbox"}
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
EXAMPLE = (ROOT / ".env.example").read_text().splitlines()
REQUIRED = {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS"}
VARIABLE = re.compile(r"\$\{(\w+)(?::(?P<kind>[-?])(?P<word>[^}]*))?\}")


def fill_in(text: str, values: dict[str, str]) -> str:
    """Replace ${NAME}, ${NAME:-default} and ${NAME:?complaint} as compose does."""

    def value(match: re.Match[str]) -> str:
        name, default = match[1], match["word"] if match["kind"] == "-" else None
        found = values.get(name) or default
        assert found is not None, f"{name}: {match['word']}"
        return found

    return VARIABLE.sub(value, text).replace("$$", "$")


def instructions(word: str) -> list[str]:
    return [line.removeprefix(f"{word} ") for line in DOCKERFILE.splitlines() if line.strip().startswith(f"{word} ")]


def settings_read() -> set[str]:
    code = (ROOT / "webmail/settings.py").read_text()
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_0-9]+)"', code)) - {"ENV_FILE"}


def settings_explained() -> dict[str, str]:
    """Return the names in .env.example, each with the lines before it."""
    found, comment = {}, ""
    for line in EXAMPLE:
        if match := re.fullmatch(r"#([A-Z][A-Z_0-9]+)=(.*)", line):
            found[match[1]] = comment
        else:
            comment = line if line.startswith("# ") else ""
    return found


def test_every_part_is_a_service():
    assert set(SERVICES) == {"migrate", "web", "worker", "beat", "smtpd", "pop3d", "postgres", "redis"}


def test_all_parts_share_one_environment():
    environments = [service["environment"] for service in OURS.values()]

    assert len(OURS) == 6
    assert all(environment == environments[0] for environment in environments)
    assert set(environments[0]) <= settings_read() | {"DATA_DIR"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_service_is_watched_and_restarted(name: str):
    service = SERVICES[name]

    assert service["restart"] == "unless-stopped"
    assert name == "web" or service["healthcheck"]["test"]


def test_nothing_starts_before_the_tables_are_there():
    waiting = {name: service["depends_on"] for name, service in OURS.items() if name != "migrate"}

    assert all(needs["migrate"] == {"condition": "service_completed_successfully"} for needs in waiting.values())
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES["migrate"]["restart"] == "no"


def test_secrets_have_no_default():
    variables = {match[1]: match["kind"] for match in VARIABLE.finditer((ROOT / "compose.yaml").read_text())}

    assert {name for name, kind in variables.items() if kind == "?"} == REQUIRED


def test_every_variable_of_compose_is_explained_in_the_example():
    variables = {match[1] for match in VARIABLE.finditer((ROOT / "compose.yaml").read_text())}

    assert variables <= set(settings_explained())


def test_every_setting_is_explained_in_the_example():
    explained = settings_explained()

    assert settings_read() <= set(explained)
    assert "" not in {explained[name] for name in settings_read() - {"POP3D_PORT", "SMTPD_PORT"} if name in explained}


def test_parts_run_without_rights():
    assert instructions("USER")[-1] == "letterbox"
    assert DOCKERFILE.index("USER letterbox") > DOCKERFILE.rindex("FROM ")
    for service in OURS.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_image_is_built_from_the_lock_file_with_its_static_files():
    steps = " ".join(instructions("RUN"))

    assert "uv sync --locked --no-dev" in steps
    assert "collectstatic" in steps
    assert "/healthz" in DOCKERFILE.partition("HEALTHCHECK")[2]


@pytest.mark.parametrize("name", [".env", ".git", "var", ".venv"])
def test_the_image_takes_in_neither_secrets_nor_mail(name: str):
    assert name in (ROOT / ".dockerignore").read_text().splitlines()


class Composed(Site):
    """The services of compose.yaml as native processes: their ports and hosts are replaced, and nothing else."""

    def __init__(self, folder: Path, *, values: dict[str, str], database: str, broker: str) -> None:
        super().__init__(folder)
        self._broker = urlsplit(broker).netloc.rpartition("@")[2]
        self._database = urlsplit(database)
        said = {name: self.here(fill_in(text, values)) for name, text in OURS["web"]["environment"].items()}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment |= {**said, "PATH": path, "STATIC_ROOT": str(folder / "static")}

    def command(self, name: str) -> list[str]:
        words = OURS[name].get("command") or json.loads(instructions("CMD")[-1])
        return [self.here(word) for word in words]

    def here(self, text: str) -> str:
        database = f"{self._database.hostname}:{self._database.port}{self._database.path}"
        replaced = {
            "postgres:5432/letterbox": database,
            "redis:6379": self._broker,
            "/data": str(self.folder),
            "0.0.0.0": "127.0.0.1",
            "8000": str(self.port),
            "2525": str(self.smtp_port),
            "2110": str(self.pop3_port),
        }
        for there, here in replaced.items():
            text = text.replace(there, here) if there in text else text
        return text


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Composed]:
    values = {name: secrets.token_hex(24) for name in REQUIRED} | {
        "ALLOWED_HOSTS": "127.0.0.1",
        "FIELD_KEYS": Fernet.generate_key().decode(),
    }
    with ExitStack() as stack:
        broker = stack.enter_context(servers.redis(values["REDIS_PASSWORD"]))
        database = create_database(postgres_url, f"composed_{secrets.token_hex(4)}")
        site = Composed(tmp_path_factory.mktemp("composed"), values=values, database=database, broker=broker)
        site.manage(*site.command("migrate")[2:])
        site.manage("collectstatic", "--noinput", "--verbosity", "0")
        running.append(site)
        stack.callback(running.remove, site)
        stack.callback(site.stop)
        site.start()
        for name in ("alice", "bob"):
            add_person(site, name)
        yield site


def add_person(site: Site, name: str) -> None:
    """Add a user with a maildrop on the embedded servers and an account that uses it."""
    address = f"{name}@home.test"
    site.manage("adduser", name, "--password-stdin", stdin="three blind mice\n")
    site.add_local_maildrop(name, address, "maildrop-secret")
    pop3 = f"pop3://{quote(address)}:maildrop-secret@127.0.0.1:{site.pop3_port}"
    site.manage("addaccount", name, address, "--pop3", pop3, "--smtp", f"smtp://127.0.0.1:{site.smtp_port}")


def waiting(site: Site, address: str) -> int:
    """Return how many messages wait in a maildrop on pop3d, once no pull has it open."""
    counts: list[int] = []

    def look() -> list[int]:
        client = poplib.POP3("127.0.0.1", site.pop3_port, timeout=10)
        try:
            client.user(address)
            client.pass_("maildrop-secret")
            counts.append(client.stat()[0])
        except poplib.error_proto as refused:
            if b"[IN-USE]" not in refused.args[0]:
                raise
        finally:
            client.quit()
        return counts

    wait_until(look, what="the end of the pull that has the maildrop open")
    return counts[0]


MESSAGE = """\
From: alice@home.test
To: bob@home.test
Subject: The way through every service

It was carried by worker, smtpd and pop3d.
"""


def test_a_message_goes_from_alice_to_bob_through_every_service(composed: Composed, tmp_path: Path):
    before = waiting(composed, "bob@home.test")

    composed.manage("sendmail", "alice", "-t", stdin=MESSAGE)
    wait_until(lambda: waiting(composed, "bob@home.test") > before, what="the worker's delivery to bob's maildrop")
    pulls = [json.loads(composed.manage("pull", "bob@home.test", "--json").stdout)["accounts"][0] for _ in range(2)]

    assert [pull["status"] for pull in pulls] == ["ok", "ok"]
    assert pulls[1]["retrieved"] == 0
    composed.manage("exportmail", "bob", str(tmp_path), "--format", "eml")
    exported = [path.read_bytes() for path in tmp_path.rglob("*.eml")]
    assert sum(octets.count(b"The way through every service") for octets in exported) == 1


def test_a_message_goes_out_although_redis_was_wiped(composed: Composed):
    before = waiting(composed, "bob@home.test")
    composed.kill("worker")

    composed.manage("sendmail", "alice", "-t", stdin=MESSAGE.replace("The way through", "Forgotten by"))
    with Redis.from_url(composed.environment["REDIS_URL"]) as redis:
        assert redis.llen("celery") > 0
        redis.flushall()
    composed.start("worker")

    wait_until(lambda: waiting(composed, "bob@home.test") == before + 1, what="the delivery that beat asked for")


def test_beat_and_worker_pull_without_being_told(composed: Composed):
    add_person(composed, "carol")

    wait_until(lambda: "last_success" in composed.manage("shell", "-v", "0", "-c", PULLED).stdout, what="beat's pull")


PULLED = """
from accounts.models import RemoteMaildrop
maildrop = RemoteMaildrop.objects.get(account__address="carol@home.test")
print("last_success" if maildrop.last_success_at else maildrop.last_error)
"""


def becomes_healthy(composed: Composed, command: list[str], **environment: str) -> None:
    """Repeat a check, as the engine does, until it says that all is well."""

    def is_well() -> bool:
        words = [composed.here(word) for word in command]
        done = subprocess.run(words, cwd=ROOT, env=composed.environment | environment, check=False, timeout=60)
        return done.returncode == 0

    wait_until(is_well, what=f"{' '.join(command)} to succeed")


def test_the_web_service_is_healthy_by_the_image_s_own_check(composed: Composed):
    becomes_healthy(composed, json.loads(DOCKERFILE.partition("HEALTHCHECK")[2].partition("CMD ")[2].splitlines()[0]))


@pytest.mark.parametrize("name", ["smtpd", "pop3d", "worker", "beat"])
def test_the_other_services_are_healthy_by_their_own_checks(composed: Composed, name: str):
    kind, *words = OURS[name]["healthcheck"]["test"]
    command = ["sh", "-c", words[0].replace("$$", "$")] if kind == "CMD-SHELL" else words
    becomes_healthy(composed, command, HOSTNAME=socket.gethostname())
