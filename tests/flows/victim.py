"""Processes to be killed: for each line `pull ID` or `send 0` on its input this forks one that does that work.

It answers with the number of the new process, and then with how that ended. Python and Django are loaded before the
fork, so that a kill hits the work itself and not the start.
"""

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"


def main() -> None:
    """Fork a worker for each line of input."""
    django.setup()
    from tests.flows import work

    for line in sys.stdin:
        name, pk = line.split()
        pid = os.fork()
        if not pid:
            getattr(work, name)(int(pk))
            os._exit(0)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
