"""The supervisor, with small programs as its children."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.servers import wait_until
from webmail.supervisor import Child, Supervisor

# Supervises the programs given as NAME=PYTHON and prints their lines, as serve does.
SUPERVISE = """
import sys
from webmail.supervisor import Supervisor
commands = {name: [sys.executable, "-c", code] for name, code in (word.split("=", 1) for word in sys.argv[1:])}
Supervisor(commands, lambda line: print(line, flush=True), patience=2).run()
"""
SLEEP = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
WITH_GRANDCHILD = (
    "import subprocess, sys, os, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print(child.pid, flush=True); time.sleep(60)"
)


def supervise(**programs: str) -> subprocess.Popen[str]:
    words = [f"{name}={code}" for name, code in programs.items()]
    return subprocess.Popen([sys.executable, "-c", SUPERVISE, *words], stdout=subprocess.PIPE, text=True)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_passes_lines_on_under_the_names_of_the_children():
    process = supervise(web="print('hello', flush=True); import time; time.sleep(60)")

    assert first_line(process) == "web | hello\n"
    process.terminate()
    process.wait(5)


def test_ends_every_child_on_ctrl_c():
    process = supervise(one=SLEEP, two=SLEEP)
    pids = [int(first_line(process).split()[-1]) for _ in range(2)]

    process.send_signal(signal.SIGINT)

    assert process.wait(5) == 0
    assert not any(map(is_alive, pids))


def test_kills_a_child_that_does_not_listen():
    process = supervise(one=STUBBORN)
    pid = int(first_line(process).split()[-1])

    process.terminate()

    assert process.wait(6) == 0
    assert not is_alive(pid)


def test_leaves_no_grandchild_behind():
    process = supervise(one=WITH_GRANDCHILD)
    pid = int(first_line(process).split()[-1])

    process.terminate()

    assert process.wait(6) == 0
    wait_until(lambda: not is_alive(pid), what="the grandchild's end", seconds=3)


def test_children_end_even_when_the_supervisor_is_killed():
    process = supervise(one=SLEEP)
    pid = int(first_line(process).split()[-1])

    process.kill()
    process.wait(5)

    wait_until(lambda: not is_alive(pid), what="the child's end", seconds=5)


def test_starts_a_child_again_after_a_second():
    process = supervise(one="raise SystemExit(3)")
    started = time.monotonic()

    lines = [first_line(process), first_line(process)]

    process.terminate()
    process.wait(5)
    assert lines == [
        "one | ended with status 3; starting it again in 1 s\n",
        "one | ended with status 3; starting it again in 2 s\n",
    ]
    assert time.monotonic() - started > 1


def test_the_delay_doubles_up_to_thirty_seconds():
    delays = [Child("web", [], failures=failures).delay for failures in range(1, 8)]

    assert delays == [1, 2, 4, 8, 16, 30, 30]


def test_the_last_words_without_a_line_end_are_passed_on():
    lines: list[str] = []
    supervisor = Supervisor({"one": [sys.executable, "-c", "import os; os.write(1, b'half')"]}, lines.append)
    stop = threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGTERM))

    stop.start()
    supervisor.run()

    assert lines[0] == "one | half"
