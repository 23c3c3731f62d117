"""Runs a few programs as children: passes their lines on, restarts what ends, and ends them all together.

One thread, so that it may fork at any time. It knows nothing of Django or of mail.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
# A child that ran this many seconds was healthy: its next end is the first again.
HEALTHY_AFTER = 60.0
# Seconds between the polite signal and SIGKILL.
PATIENCE = 8.0

_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass
class Child:
    """A program to keep running: its name before each of its lines, and its command."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    failures: int = 0
    unfinished: bytes = field(default=b"", repr=False)

    @property
    def delay(self) -> float:
        """Seconds before the next start: 1, 2, 4 … 30, by how often it ended in a row."""
        return min(LONGEST_DELAY, FIRST_DELAY * 2 ** (self.failures - 1))


class Supervisor:
    """Keeps the children running until SIGINT or SIGTERM; `run` returns when none is left."""

    def __init__(
        self, commands: Mapping[str, Sequence[str]], say: Callable[[str], None], *, patience: float = PATIENCE
    ) -> None:
        """Take each child's command by its name, where lines go, and the seconds a child has to end by itself."""
        self.children = [Child(name, command) for name, command in commands.items()]
        self.width = max(map(len, commands), default=0)
        self.say = say
        self.patience = patience
        self.is_stopping = False
        self.selector = selectors.DefaultSelector()

    def run(self) -> None:
        """Start all, and stay until a signal says stop and every process group is gone."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            while not self.is_stopping:
                self._start_due()
                self._pass_lines_on(0.2)
                self._reap()
        finally:
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: object) -> None:
        self.is_stopping = True

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is None and now >= child.restart_at and not self.is_stopping:
                self._start(child)

    def _start(self, child: Child) -> None:
        # A group of its own: Ctrl-C reaches the supervisor alone, which then ends each child once and in order.
        child.process = subprocess.Popen(  # noqa: S603 - the commands are serve's own
            child.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=_die_with_parent(os.getpid()),
        )
        child.started_at = time.monotonic()
        assert child.process.stdout
        os.set_blocking(child.process.stdout.fileno(), False)
        self.selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _pass_lines_on(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            octets = os.read(key.fd, 65536)
            if not octets:
                self.selector.unregister(key.fileobj)
                continue
            *lines, key.data.unfinished = (key.data.unfinished + octets).split(b"\n")
            for line in lines:
                self._say(key.data, line.decode("utf-8", "replace"))

    def _say(self, child: Child, line: str) -> None:
        if line.strip():
            self.say(f"{child.name:<{self.width}} | {line.rstrip()}")

    def _reap(self) -> None:
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._ended(child, child.process)

    def _ended(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        # Whatever it left behind in its group would hold its port against the next one.
        _signal_group(process, signal.SIGKILL)
        self._forget(child, process)
        lasted = time.monotonic() - child.started_at
        child.failures = 1 if lasted > HEALTHY_AFTER else child.failures + 1
        child.restart_at = time.monotonic() + child.delay
        self._say(child, f"ended with status {process.returncode}; starting it again in {child.delay:.0f} s")

    def _forget(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        self._pass_lines_on(0)
        if child.unfinished:
            self._say(child, child.unfinished.decode("utf-8", "replace"))
        assert process.stdout
        if process.stdout.fileno() in self.selector.get_map():
            self.selector.unregister(process.stdout)
        process.stdout.close()
        child.process, child.unfinished = None, b""

    def _end_all(self) -> None:
        running = {child.name: child.process for child in self.children if child.process is not None}
        for process in running.values():
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + self.patience
        while any(process.poll() is None for process in running.values()) and time.monotonic() < deadline:
            self._pass_lines_on(0.05)
        for process in running.values():
            _signal_group(process, signal.SIGKILL)
            process.wait()
        self.selector.close()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        # Gone already; macOS says EPERM of a group of zombies.
        return


def _die_with_parent(parent: int) -> Callable[[], None]:
    """Return what a child runs before its program, so that it ends even when its supervisor is killed with SIGKILL."""

    def ask_the_kernel() -> None:
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return ask_the_kernel
