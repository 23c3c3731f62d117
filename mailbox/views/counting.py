"""Counters that stop: the count of a full mailbox would cost more than the whole page."""

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery

UNREAD_LIMIT = 999


def capped_count(rows: QuerySet[Any]) -> Subquery:
    """Return the number of `rows`, which refer to an outer query, up to one over the limit."""
    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    return Subquery(rows.values("pk")[: UNREAD_LIMIT + 1], template=template, output_field=IntegerField())


def capped(count: int) -> str:
    """Return `count` for reading: nothing at 0, 999+ where counting stopped."""
    if count > UNREAD_LIMIT:
        return f"{UNREAD_LIMIT}+"
    return str(count or "")
