"""Times in the panel's lists: as short as they tell, as in the lists of mail."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def moment(model: type[Model], field: str, name: str | Promise = "") -> Callable[[Any], SafeString | None]:
    """Return a column that shows the time in `field` and sorts by it; without `name`, it has that of the field."""

    @admin.display(description=name or model._meta.get_field(field).verbose_name, ordering=field)
    def shown(row: Any) -> SafeString | None:
        return written(getattr(row, field))

    # It names the class of the cells.
    shown.__name__ = field
    return shown


def written(at: datetime | None) -> SafeString | None:
    """Return 14:05, with its day unless that is today; of another year the day alone. The whole time is its title."""
    if at is None:
        return None
    local = timezone.localtime(at)
    whole = date_format(local, _("l j F Y, H:i T"))
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), whole, _short(local))


def _short(local: datetime) -> str:
    today = timezone.localdate()
    if local.date() == today:
        return date_format(local, "H:i")
    if local.year == today.year:
        return date_format(local, pgettext("date format, as in: Mon 3 Nov, 14:05", "D j M, H:i"))
    return date_format(local, _("Y-m-d"))
