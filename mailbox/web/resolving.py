"""Resolving under a deadline: the system's resolver has none that a caller could set."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future

from .errors import Unreachable
from .target import Target
from .values import Resolve


def resolved(target: Target, resolve: Resolve, *, ends_at: float) -> Sequence[str]:
    """Return the addresses of `target` that may be connected to.

    Raises what `resolve` raises, and Unreachable at `ends_at`; the thread that still waits then ends by itself.
    """
    answer: Future[Sequence[str]] = Future()
    threading.Thread(target=_fill, args=(answer, target, resolve), daemon=True).start()
    try:
        return answer.result(timeout=max(0, ends_at - time.monotonic()))
    except TimeoutError as error:
        raise Unreachable("the name was not resolved in time") from error


def _fill(answer: Future[Sequence[str]], target: Target, resolve: Resolve) -> None:
    try:
        answer.set_result(resolve(target.host, target.port))
    except BaseException as error:
        answer.set_exception(error)
