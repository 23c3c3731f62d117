"""The audit log as the operator reads it: searchable, and changed by nobody."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from accounts.panel.moments import moment
from accounts.panel.noting import NotedAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(NotedAdmin):
    """What happened, the latest first."""

    list_display = [moment(AuditEvent, "at"), "what", "actor_name", "person", "address", "about"]
    list_display_links = None
    list_select_related = ["person"]
    list_filter = ["what", "at"]
    search_fields = ["actor_name", "person__username", "about", "address"]
    search_help_text = _("Who, whom, from which address, on what")
    actions = None
    list_per_page = 100
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False
