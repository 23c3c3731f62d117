"""Rows that one process works on at a time: taken by an UPDATE that must change exactly one row, given back, or stale.

Brokers lose tasks and run them twice; a column does not. A claim whose process died is free at once when it died on
this machine, and after STALE where nobody can tell.
"""

import os
import socket
import threading
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from django.db import models
from django.db.models import Q

# Longer than any session with a server may last: a claim this old belongs to a worker that died.
STALE = timedelta(minutes=15)


class Claimable(models.Model):
    """A row with room for a claim. The time of the claim, to the microsecond, also tells whether it is still ours."""

    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    claimed_by = models.CharField(max_length=255, blank=True, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def is_free(cls, now: datetime) -> Q:
        """Return the condition under which a row may be claimed at `now`."""
        claimed = cls._default_manager.filter(claimed_at__isnull=False)
        claimants = claimed.order_by().values_list("claimed_by", flat=True).distinct()
        return Q(claimed_at=None) | Q(claimed_at__lt=now - STALE) | Q(claimed_by__in=dead(claimants))

    def claim(self, now: datetime, **conditions: Any) -> bool:
        """Take this row; False when somebody else has it or it does not meet `conditions`."""
        claimable = type(self)._default_manager.filter(type(self).is_free(now), pk=self.pk, **conditions)
        if not claimable.update(claimed_at=_moment(now), claimed_by=this_process()):
            return False
        self.refresh_from_db()
        return True

    @classmethod
    def claim_all(cls, pks: Collection[int], now: datetime, **conditions: Any) -> "models.QuerySet[Self]":
        """Take those of the rows that are free and meet `conditions`; return the rows that are now ours."""
        claimed_at, process = _moment(now), this_process()
        rows = cls._default_manager.filter(pk__in=pks)
        rows.filter(cls.is_free(now), **conditions).update(claimed_at=claimed_at, claimed_by=process)
        return rows.filter(claimed_at=claimed_at, claimed_by=process)

    def held(self) -> "models.QuerySet[Self]":
        """Return this row as a query that is empty once the claim went stale and was taken over."""
        return type(self)._default_manager.filter(pk=self.pk, claimed_at=self.claimed_at, claimed_by=this_process())

    def renew_claim(self, now: datetime, **changes: Any) -> None:
        """Say that the work goes on, and write `changes`. Raises ClaimLost when another process has taken the row."""
        if not self.held().update(claimed_at=now, **changes):
            raise ClaimLost(str(self))
        self.claimed_at = now

    def release(self, **changes: Any) -> bool:
        """Write `changes` and give the claim back; False, and nothing written, when it was lost."""
        if not self.held().update(claimed_at=None, claimed_by="", **changes):
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        self.claimed_at, self.claimed_by = None, ""
        return True


class ClaimLost(Exception):
    """Another process took the row over; this one must not go on."""


def _moment(now: datetime) -> datetime:
    """Return `now`, or so little later that no two threads of this process hold claims of the same moment."""
    global _last_moment
    with _moments:
        # A clock that was set back is believed: a claim of the future would not go stale for long.
        is_next = _last_moment is None or not now <= _last_moment < now + _SAME
        _last_moment = now if is_next or _last_moment is None else _last_moment + _TICK
        return _last_moment


_TICK, _SAME = timedelta(microseconds=1), timedelta(seconds=1)
_moments = threading.Lock()
_last_moment: datetime | None = None


def this_process() -> str:
    """Return what names this process among all that share the database, also after its number is used again."""
    return _name_of(os.getpid())


def dead(claimants: Iterable[str]) -> list[str]:
    """Return those of `claimants` that were processes of this machine and are no more."""
    return [each for each in claimants if _is_dead(each)]


@lru_cache(maxsize=1)
def _machine() -> str:
    # The boot id tells a machine from itself after a restart, the name space of process numbers a container from
    # its neighbour; elsewhere than on Linux the name must do.
    boot, numbers = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    if not (boot.exists() and numbers.is_symlink()):
        return socket.gethostname()
    return f"{socket.gethostname()}/{boot.read_text().strip()}/{numbers.readlink()}"


def _name_of(pid: int) -> str:
    return f"{_machine()}/{pid}/{_started(pid)}"


def _started(pid: int) -> str:
    """Return the start time of a process in clock ticks (proc(5), field 22), or "" where it cannot be read."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _is_dead(claimant: str) -> bool:
    machine, _, rest = claimant.rpartition("/")[0].rpartition("/")
    if machine != _machine() or not rest.isdecimal():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return _name_of(int(rest)) != claimant
