"""How the whole installation does, for the operator's first page: bounded queries, whatever the mailbox holds."""

import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import RemoteMaildrop
from accounts.troubles import Trouble
from mailbox.models import Outgoing, PullHour, PullLog, StorageUsed

HOURS = 48
SHOWN = 8
# The latest pulls, of which the hour under way and the slowest accounts are told.
LATEST = 2000
OVERDUE = timedelta(minutes=15)
SPACE_WANTED = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Hour:
    """The pulls of one hour."""

    at: datetime
    pull_count: int = 0
    failure_count: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """A name with a number, which is octets, seconds or a count."""

    name: str | Promise
    value: float
    url: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is not well, in a sentence, and where to see to it."""

    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page shows."""

    problems: list[Problem]
    hours: list[Hour]
    queue: list[Figure]
    storage: list[Figure]
    stored_octets: int
    slowest: list[Figure]

    @property
    def pull_count(self) -> int:
        return sum(hour.pull_count for hour in self.hours)

    @property
    def failure_count(self) -> int:
        return sum(hour.failure_count for hour in self.hours)


def overview(now: datetime) -> Overview:
    """Return how things stand at `now`."""
    pulls = PullLog.objects.order_by("-pk").values("maildrop", "at", "status", "seconds")[:LATEST]
    latest: list[dict[str, Any]] = [dict(pull) for pull in pulls]
    queue = _queue(now)
    return Overview(
        problems=[*_about_pulls(now), *_about_queue(queue), *_about_machine()],
        hours=_hours(now, latest),
        queue=_queue_figures(queue),
        storage=_storage(),
        stored_octets=StorageUsed.objects.aggregate(sum=Sum("octets_count"))["sum"] or 0,
        slowest=_slowest(latest),
    )


# Pulls ---------------------------------------------------------------------------------------------------------------


def _hours(now: datetime, latest: list[dict[str, Any]]) -> list[Hour]:
    """The last hours, the one under way with them; those not counted yet are read from the latest pulls."""
    end = now.replace(minute=0, second=0, microsecond=0)
    wanted = [end - timedelta(hours=back) for back in reversed(range(HOURS))]
    rows = {row.hour: row for row in PullHour.objects.filter(hour__gte=wanted[0])}
    known = {at: Hour(at, row.pull_count, row.failure_count) for at, row in rows.items()}
    fresh: dict[datetime, list[bool]] = defaultdict(list)
    for pull in latest:
        at = pull["at"].replace(minute=0, second=0, microsecond=0)
        fresh[at].append(pull["status"] == PullLog.Status.FAILED)
    for at, failures in fresh.items():
        # The latest pulls may begin within an hour that was counted wholly.
        if len(failures) > known.get(at, Hour(at)).pull_count:
            known[at] = Hour(at, len(failures), sum(failures))
    return [known.get(at, Hour(at)) for at in wanted]


def _slowest(latest: list[dict[str, Any]]) -> list[Figure]:
    """The accounts whose latest pulls took longest, in seconds on average."""
    lasted: dict[int, list[float]] = defaultdict(list)
    for pull in latest:
        lasted[pull["maildrop"]].append(pull["seconds"])
    means = sorted(((sum(each) / len(each), pk) for pk, each in lasted.items()), reverse=True)[:SHOWN]
    names = dict(
        RemoteMaildrop.objects.filter(pk__in=[pk for _mean, pk in means]).values_list("pk", "account__address")
    )
    return [
        Figure(names[pk], mean, reverse("admin:accounts_remotemaildrop_change", args=[pk]))
        for mean, pk in means
        if pk in names
    ]


def _about_pulls(now: datetime) -> list[Problem]:
    waiting = Q(is_paused=False, claimed_at=None, due_at__lt=now - OVERDUE)
    counts = RemoteMaildrop.objects.aggregate(
        paused=Count("pk", filter=Q(is_paused=True) & ~Q(trouble="")),
        failing=Count("pk", filter=Q(is_paused=False, failure_count__gt=0)),
        overdue=Count("pk", filter=waiting),
        full=Count("pk", filter=Q(is_paused=False, failure_count=0, trouble=Trouble.FULL)),
    )
    pulls = reverse("admin:accounts_remotemaildrop_changelist")
    paused, failing, overdue = counts["paused"], counts["failing"], counts["overdue"]
    full = counts["full"]
    told = [
        (
            full,
            ngettext(
                "%(count)d account gets no mail, because its owner has no room left.",
                "%(count)d accounts get no mail, because their owners have no room left.",
                full,
            ),
            "?health=full",
        ),
        (
            paused,
            ngettext(
                "%(count)d account is paused, because something is wrong.",
                "%(count)d accounts are paused, because something is wrong.",
                paused,
            ),
            "?health=paused",
        ),
        (
            failing,
            ngettext("%(count)d account is failing.", "%(count)d accounts are failing.", failing),
            "?health=failing",
        ),
        (
            overdue,
            ngettext(
                "%(count)d account is due, but nobody collects it. Is the worker running?",
                "%(count)d accounts are due, but nobody collects them. Is the worker running?",
                overdue,
            ),
            "",
        ),
    ]
    return [Problem(words % {"count": count}, pulls + query) for count, words, query in told if count]


# The queue -----------------------------------------------------------------------------------------------------------


def _queue(now: datetime) -> dict[str, int]:
    unfinished = Outgoing.objects.filter(finished_at=None).order_by()
    counts: dict[str, int] = unfinished.aggregate(
        scheduled=Count("pk", filter=Q(is_scheduled=True, due_at__gt=now)),
        waiting=Count("pk", filter=Q(attempt_count=0) & ~Q(is_scheduled=True, due_at__gt=now)),
        deferred=Count("pk", filter=Q(attempt_count__gt=0)),
        overdue=Count("pk", filter=Q(due_at__lt=now - OVERDUE)),
    )
    return counts | {"troubled": Outgoing.objects.filter(troubled_at__isnull=False).count()}


def _queue_figures(counts: dict[str, int]) -> list[Figure]:
    outbox = reverse("admin:mailbox_outgoing_changelist")
    return [
        Figure(_("About to be sent"), counts["waiting"], outbox),
        Figure(_("Tried, and tried again later"), counts["deferred"], outbox),
        Figure(_("Wait for their time"), counts["scheduled"], outbox),
        Figure(_("Refused, returned or in doubt"), counts["troubled"], outbox),
    ]


def _about_queue(counts: dict[str, int]) -> list[Problem]:
    outbox = reverse("admin:mailbox_outgoing_changelist")
    overdue, troubled = counts["overdue"], counts["troubled"]
    told = [
        (
            overdue,
            ngettext(
                "%(count)d message should have been sent by now. Is the worker running?",
                "%(count)d messages should have been sent by now. Is the worker running?",
                overdue,
            ),
        ),
        (
            troubled,
            ngettext(
                "%(count)d message was refused, came back or is in doubt. Its writer has not looked yet.",
                "%(count)d messages were refused, came back or are in doubt. Their writers have not looked yet.",
                troubled,
            ),
        ),
    ]
    return [Problem(words % {"count": count}, outbox) for count, words in told if count]


# The machine ---------------------------------------------------------------------------------------------------------


def _storage() -> list[Figure]:
    most = StorageUsed.objects.select_related("user").order_by("-octets_count")[:SHOWN]
    return [
        Figure(row.user.get_username(), row.octets_count, reverse("admin:accounts_user_change", args=[row.user_id]))
        for row in most
    ]


def _about_machine() -> list[Problem]:
    problems = []
    if shutil.disk_usage(settings.DATA_DIR).free < SPACE_WANTED:
        problems.append(Problem(_("The disk is nearly full: new mail will soon find no room.")))
    if settings.DEBUG:
        problems.append(Problem(_("DEBUG is on: error pages show mail and settings to strangers.")))
    return problems
