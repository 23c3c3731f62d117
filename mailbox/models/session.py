"""How many sessions may be open with a submission server at once, whichever processes and machines have them."""

from datetime import datetime, timedelta

from django.db import models

from accounts.models import SubmissionServer
from webmail.claims import Claimable

# Long before a claim goes stale.
_RENEWED_EVERY = timedelta(minutes=2)


class SubmissionSession(Claimable):
    """One of the sessions that a server may have with us: claimed by the worker that uses it."""

    server = models.ForeignKey(SubmissionServer, models.CASCADE, related_name="sessions", db_index=False)
    number = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["server", "number"], name="one_row_per_session")]

    def __str__(self) -> str:
        return f"{self.number} with {self.server_id}"

    @classmethod
    def begin(cls, server: SubmissionServer, now: datetime) -> "SubmissionSession | None":
        """Claim a session with `server`; None while as many as it takes are open."""
        allowed = cls._default_manager.filter(server=server, number__lt=server.connections_limit)
        for session in allowed.filter(cls.is_free(now)):
            if session.claim(now):
                return session
        missing = set(range(server.connections_limit)) - set(allowed.values_list("number", flat=True))
        for number in sorted(missing):
            session, _ = cls._default_manager.get_or_create(server=server, number=number)
            if session.claim(now):
                return session
        return None

    def go_on(self, now: datetime) -> None:
        """Say now and then that the session is in use. Raises ClaimLost when another process has taken it."""
        if self.claimed_at is None or now - self.claimed_at > _RENEWED_EVERY:
            self.renew_claim(now)

    def has_company(self, now: datetime) -> bool:
        """Whether another session with the same server is open."""
        others = type(self)._default_manager.filter(server=self.server_id).exclude(pk=self.pk)
        return others.exclude(type(self).is_free(now)).exists()
