"""The operator's view of what goes out: to whom, since when, with what result. Never what a message says."""

from typing import Any, NoReturn

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.panel.moments import moment
from accounts.panel.noting import NotedAdmin
from mailbox import outbox
from mailbox.models import Outgoing


@admin.register(Outgoing)
class OutgoingAdmin(NotedAdmin):
    """The queue. There is no page for one message: even its title would be the subject."""

    list_display = [
        *(moment(Outgoing, "queued_at"), "account", "writer"),
        *(moment(Outgoing, "due_at"), moment(Outgoing, "finished_at")),
        *("attempt_count", "result"),
    ]
    list_display_links = None
    list_filter = [("finished_at", admin.EmptyFieldListFilter), "recipients__status"]
    list_select_related = ["account", "writer"]
    search_fields = ["account__address", "recipients__address", "message_id"]
    date_hierarchy = "queued_at"
    actions = ["try_again"]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outgoing]:
        return super().get_queryset(request).defer("subject").prefetch_related("recipients")

    @admin.display(description=_("Recipients"))
    def result(self, outgoing: Outgoing) -> SafeString:
        lines = ((each.address, each.get_status_display(), each.reply[:200]) for each in outgoing.recipients.all())
        return format_html_join("", "<div>{}: {} {}</div>", lines)

    @admin.action(description=_("Try again now"), permissions=["view"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[Outgoing]) -> None:
        """Make the next attempt due; what is finished or scheduled is its writer's to decide about."""
        waiting = list(chosen.filter(finished_at=None, is_scheduled=False))
        for outgoing in waiting:
            outbox.retry(outgoing)
        self.note_action("try again", waiting)
        count = len(waiting)
        words = ngettext("%(count)d message is tried again now.", "%(count)d messages are tried again now.", count)
        messages.success(request, words % {"count": count})
        if left := chosen.count() - count:
            words = ngettext(
                "%(count)d message is finished or has its time. Only its writer decides about it.",
                "%(count)d messages are finished or have their time. Only their writers decide about them.",
                left,
            )
            messages.warning(request, words % {"count": left})

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
