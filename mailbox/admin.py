"""The operator's view of what goes out: to whom, since when, with what result. Never what a message says."""

from typing import Any, NoReturn

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from mailbox.models import Outgoing


@admin.register(Outgoing)
class OutgoingAdmin(admin.ModelAdmin):
    """The queue. There is no page for one message: even its title would be the subject."""

    list_display = ["queued_at", "account", "writer", "due_at", "finished_at", "attempt_count", "result"]
    list_display_links = None
    list_filter = [("finished_at", admin.EmptyFieldListFilter), "recipients__status"]
    list_select_related = ["account", "writer"]
    search_fields = ["account__address", "recipients__address", "message_id"]
    date_hierarchy = "queued_at"
    actions = None
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outgoing]:
        return super().get_queryset(request).defer("subject").prefetch_related("recipients")

    @admin.display(description=_("Recipients"))
    def result(self, outgoing: Outgoing) -> SafeString:
        lines = ((each.address, each.get_status_display(), each.reply[:200]) for each in outgoing.recipients.all())
        return format_html_join("", "<div>{}: {} {}</div>", lines)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Outgoing | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Outgoing | None = None) -> bool:
        return False

    def change_view(self, *arguments: Any, **options: Any) -> NoReturn:
        raise Http404

    def history_view(self, *arguments: Any, **options: Any) -> NoReturn:
        raise Http404
