"""Runs every test: first on PostgreSQL what depends on the database, then everything on SQLite.

`python -m tests.run [pytest's arguments]`; with arguments they go to both runs. The servers start here and not in
fixtures, because Django reads DATABASE_URL once, before the first test.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.servers import Missing, postgres

# What these test cannot depend on Django's database: they know no rows, or start a site that has its own.
PURE = [
    "tests/browser",
    "tests/flows/test_broker.py",
    "tests/flows/test_worker.py",
    "tests/mime",
    "tests/pop3",
    "tests/smtp",
    "tests/templatetags",
    "tests/web",
    "tests/test_compose.py",
    "tests/webmail/test_broker.py",
    "tests/webmail/test_demo_letters.py",
    "tests/webmail/test_demo_trust.py",
    "tests/webmail/test_keys.py",
    "tests/webmail/test_serve.py",
    "tests/webmail/test_supervisor.py",
]

_SCRATCH_OCTETS = 4 * 2**30
# More than these is no accident.
_FEW = 5


def main(arguments: list[str]) -> int:
    """Run both suites; return 0 when both passed."""
    os.environ.setdefault("TMPDIR", _scratch())
    on_postgres = _run_on_postgres(arguments)
    print("== SQLite: every test ==", flush=True)
    on_sqlite = _pytest_twice(arguments)
    if on_postgres:
        print(f"The run on PostgreSQL, above, failed with status {on_postgres}.", flush=True)
    return on_postgres or on_sqlite


def _scratch() -> str:
    """Return a folder in memory where there is room: the tests wait for the disk more than for anything else."""
    memory = Path("/dev/shm")
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _SCRATCH_OCTETS
    return str(memory) if has_room else tempfile.gettempdir()


def _run_on_postgres(arguments: list[str]) -> int:
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres())
        except Missing as missing:
            print(f"== PostgreSQL: not run, {missing} ==", flush=True)
            return int(os.environ.get("CI") == "true")
        print("== PostgreSQL: every test that the database can change ==", flush=True)
        ignored = [f"--ignore={path}" for path in PURE]
        # 5 is pytest's "no tests collected", as when the arguments name a pure folder.
        return _pytest(["-m", "not browser", *ignored, *arguments], {"DATABASE_URL": url}) % 5


def _pytest_twice(arguments: list[str]) -> int:
    """Run the tests; where few failed, and only such as drive a browser, run those once more, each alone.

    The first run has a whole site and a browser on each of two processors: the second tells what is broken from a
    machine that was late. What failed at first stays in the output. No other test has a second chance.
    """
    with tempfile.TemporaryDirectory() as folder:
        failures = Path(folder) / "failures"
        status = _pytest(arguments, {"FAILURES_FILE": str(failures)})
        failed = failures.read_text().splitlines() if failures.exists() else []
    # Any status but 1 is more than failed tests.
    if status != 1 or not 0 < len(failed) <= _FEW or not all(name.startswith("tests/browser/") for name in failed):
        return status
    print("== Once more, alone ==", *failed, sep="\n", flush=True)
    return max(_pytest(["-n", "0", name], {}) for name in failed)


def _pytest(arguments: list[str], environment: dict[str, str]) -> int:
    # A file's tests stay in one process, so that what a module starts is started once.
    command = [sys.executable, "-m", "pytest", "-q", "-rfEs", "-n", "2", "--dist", "loadfile", *arguments]
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.run(command, env=inherited | settings | environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
