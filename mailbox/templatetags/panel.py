"""The parts of the operator's overview."""

from typing import Any

from django import template
from django.utils import timezone

from mailbox import charts
from mailbox.overview import HOURS, overview

register = template.Library()


@register.inclusion_tag("admin/overview/_overview.html")
def panel_overview() -> dict[str, Any]:
    """How everything does, with its pictures."""
    found = overview(timezone.now())
    return {
        "overview": found,
        "hours": HOURS,
        "columns": charts.columns(found.hours),
        "pulls_width": len(found.hours) * charts.COLUMN,
        "queue": charts.bars(found.queue),
        "storage": charts.bars(found.storage),
        "slowest": charts.bars(found.slowest),
    }


@register.inclusion_tag("admin/overview/_bars.html")
def bar_chart(bars: list[charts.Bar], kind: str, name: str) -> dict[str, Any]:
    """Bars with their names; `kind` is octets, seconds or count. The same stands in a table for who sees no picture."""
    height = len(bars) * charts.ROW
    return {"bars": bars, "kind": kind, "name": name, "height": height, "width": charts.WIDTH}
