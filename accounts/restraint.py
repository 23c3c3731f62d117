"""How much a submission server takes, and how long it is left alone after it said that this was too much."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from webmail import backoff

# Until the next try after the first, second … failure; then every hour (RFC 5321, 4.5.4.1).
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
_MINUTE = timedelta(minutes=1)


def wait_after(failure_count: int) -> timedelta:
    """Return how long to wait after so many failures in a row, at least one."""
    return WAITS[min(max(failure_count, 1), len(WAITS)) - 1]


class Restrained(models.Model):
    """A server that is spared: so many connections, so many messages a minute, and none while it is held."""

    connections_limit = models.PositiveSmallIntegerField(
        _("connections at once"), default=2, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    messages_per_minute = models.PositiveIntegerField(
        _("messages a minute"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit")
    )
    held_until = models.DateTimeField(null=True, editable=False)
    failure_count = models.PositiveIntegerField(default=0, editable=False)
    minute_began_at = models.DateTimeField(null=True, editable=False)
    minute_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def is_held(self, now: datetime) -> bool:
        return self.held_until is not None and self.held_until > now

    def hold(self, now: datetime, *, wait: timedelta | None = None) -> datetime:
        """Leave the server alone for `wait`, by default longer after every failure; return until when."""
        self.failure_count += 1
        until = now + backoff.jittered(wait or wait_after(self.failure_count))
        self._write(held_until=until, failure_count=self.failure_count)
        return until

    def let_go(self) -> None:
        """The server works, or somebody wants it tried now: nothing is held against it any more."""
        if self.failure_count or self.held_until:
            self._write(held_until=None, failure_count=0)

    def allowance(self, now: datetime, wanted: int) -> int:
        """Count up to `wanted` messages into this minute; return how many it has room for. None: held to its end."""
        if self.messages_per_minute is None:
            return wanted
        with transaction.atomic():
            row = self._manager().select_for_update().get(pk=self.pk)
            granted = row._count_in(now, wanted)
        if not granted:
            self._write(held_until=(row.minute_began_at or now) + _MINUTE)
        return granted

    def _count_in(self, now: datetime, wanted: int) -> int:
        began_at, count = self.minute_began_at, self.minute_count
        # A minute that begins in the future is what a clock left behind that was set back.
        if began_at is None or not began_at <= now < began_at + _MINUTE:
            began_at, count = now, 0
        granted = max(0, min(wanted, (self.messages_per_minute or wanted) - count))
        self._write(minute_began_at=began_at, minute_count=count + granted)
        return granted

    def _write(self, **columns: Any) -> None:
        self._manager().filter(pk=self.pk).update(**columns)
        for name, value in columns.items():
            setattr(self, name, value)

    @classmethod
    def _manager(cls) -> "models.Manager[Self]":
        return cls._default_manager
