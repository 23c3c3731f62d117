"""Which messages a session carries next: a few at a time, so that a large one holds up only what it must."""

from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from accounts.models import SubmissionServer
from mailbox.models import Outgoing, Recipient
from mailbox.models.blobs import LARGE
from webmail.celery import stopping

# What a worker that dies holds up is what it has claimed: until somebody sees it dead, not for ever.
_MESSAGES = 50
_OCTETS = 1_000_000


def is_wanted(server: SubmissionServer) -> bool:
    """Whether there is something to carry to `server` now."""
    now = timezone.now()
    return not (stopping.is_set() or server.is_held(now)) and due(server, now).exists()


def take(server: SubmissionServer) -> list[Outgoing]:
    """Claim what is to be carried next, the longest due first; nothing while the server is held."""
    now = timezone.now()
    server.refresh_from_db(fields=["held_until", "failure_count"])
    if stopping.is_set() or server.is_held(now):
        return []
    pks = _few(due(server, now))
    pks = pks[: server.allowance(now, len(pks))] if pks else []
    return claimed(Outgoing.claim_all(pks, now, finished_at=None, due_at__lte=now)) if pks else []


def claimed(rows: QuerySet[Outgoing]) -> list[Outgoing]:
    """Read what was claimed, with its octets and whom it still has to go to, in three queries.

    Where one of them is large, the octets are left to be read when their turn has come.
    """
    wanted = Prefetch("recipients", Recipient.objects.filter(status__in=Recipient.UNDECIDED), "wanted")
    found = rows.select_related("account", "writer", "original").prefetch_related(wanted)  # type: ignore[no-redef]
    if rows.filter(original__octets_count__gt=LARGE).exists():
        found = found.defer("original__compressed")
    # Sorted here: SQLite would copy the octets of each row once more for that.
    return sorted(found.order_by(), key=lambda each: (each.due_at, each.pk))


def release(batch: list[Outgoing]) -> None:
    """Give back what was claimed and not tried: its content has not left, whatever was marked ahead."""
    for outgoing in batch:
        outgoing.release(data_started_at=None)


def due(server: SubmissionServer, now: datetime) -> QuerySet[Outgoing]:
    """Return what is to be carried to `server` and nobody carries."""
    return Outgoing.objects.due(now).filter(account=server.account_id)


def _few(due: QuerySet[Outgoing]) -> list[int]:
    """Return the first ones of `due` that are small enough to be carried by one batch, or a single large one."""
    pks: list[int] = []
    octets = 0
    for pk, count in due.values_list("pk", "original__octets_count")[:_MESSAGES]:
        octets += count
        if pks and octets > _OCTETS:
            break
        pks.append(pk)
    return pks
