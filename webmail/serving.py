"""How the threads of the web server are shared out between pages and files.

A thread that sends a file is held until the last piece of it has left, which on a slow line takes minutes; it does
nothing meanwhile. A page leaves its thread at once. So there are as many threads as both need together, and no more
pages are made at the same time than is good for one process.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

# Pages made at once: more would only wait for each other.
PAGES = 4
# Large files on their way at once.
FILES = 8
THREADS = PAGES + FILES

type Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def sharing(application: Application, pages: int = PAGES) -> Application:
    """Return `application`, which makes so many answers at once; how long they take to leave does not count."""
    places = threading.Semaphore(pages)

    def share(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with places:
            return application(environ, start_response)

    return share
