"""Sessions in the database, read by a statement that is written once.

A session is read for every page. It is kept nowhere else, so that signing out and a new password end it at once.
"""

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from webmail.prepared import Prepared


class SessionStore(db.SessionStore):
    """Django's own, but for how a session is read."""

    def _get_session_from_db(self) -> Session | None:
        found = _sessions(key=self.session_key, now=timezone.now()) if self.session_key else []
        if not found:
            self._session_key = None
        return next(iter(found), None)


@Prepared
def _sessions(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)
