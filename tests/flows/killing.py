"""Start work on the database of the running test, and kill it at a random moment."""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


class Killer:
    """A process that forks victims, as a context manager."""

    def __enter__(self) -> Self:
        keys = {"SECRET_KEY": "of the victims", "FIELD_KEYS": ",".join(settings.FIELD_KEYS)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.victim"],
            cwd=ROOT,
            env=os.environ | keys | {"DATABASE_URL": database_url()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.communicate()

    def run(self, work: str, pk: int = 0, *, seconds: float | None = None) -> bool:
        """Let a victim do its work, for at most `seconds`, then SIGKILL; return whether it had finished before that."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{work} {pk}\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        # The victim is not reaped before its end was read below, so its number cannot be another process' yet.
        killer = threading.Timer(seconds, os.kill, (pid, signal.SIGKILL)) if seconds is not None else None
        if killer:
            killer.start()
        ended = int(self._process.stdout.readline())
        if killer:
            killer.cancel()
        assert ended in {0, -signal.SIGKILL}, f"The victim ended with status {ended}"
        return ended == 0


def database_url() -> str:
    """Return the URL of the database that this test uses."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
    return f"postgresql://{user}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


def moments(count: int, *, most: float, seed: int) -> list[float]:
    """Return `count` random moments within `most` seconds."""
    chance = random.Random(seed)
    return [chance.uniform(0, most) for _ in range(count)]
