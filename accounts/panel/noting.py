"""What every page of the panel has in common: it writes the audit log, and shows nothing of what hangs on a row."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_noop

from accounts import audit
from accounts.models import User
from accounts.models.audit import AuditEvent

What = AuditEvent.What
# Django's words for a choice that is not made yet, for which its own catalogues have no Japanese.
gettext_noop("- Select an option -")


class NotedAdmin(admin.ModelAdmin):
    """Changes go into the audit log, where Django would keep a log of its own with other words."""

    show_facets = admin.ShowFacets.NEVER

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    # Django's entries, which these would return, are read by nobody.
    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        self._note(What.ADMIN_ADDED, obj)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        self._note(What.ADMIN_CHANGED, obj, _changed_fields(message))

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> None:  # type: ignore[override]
        for each in queryset:
            self._note(What.ADMIN_DELETED, each)

    def note_action(self, action: str, rows: Iterable[Model]) -> None:
        for each in rows:
            self._note(What.ADMIN_ACTION, each, action)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        raise Http404

    def get_deleted_objects(self, objs: Iterable[Model], request: HttpRequest) -> Any:
        """Name what is deleted only: what goes with it would be a list of subjects, and longer than any page."""
        may = self.has_delete_permission(request)
        return [str(each) for each in objs], {}, set() if may else {self.opts.verbose_name}, []

    def _note(self, what: AuditEvent.What, obj: Model, more: str = "") -> None:
        about = f"{self.opts.model_name} {obj}{': ' if more else ''}{more}"
        audit.note(what, person=_concerned(obj), about=about)


def _concerned(obj: Model) -> User | None:
    """Whose the thing is; None for what is nobody's, or for a person who is deleted just now."""
    account = getattr(obj, "account", None)
    person = obj if isinstance(obj, User) else getattr(obj, "owner", None) or getattr(account, "owner", None)
    return person if isinstance(person, User) and person.pk else None


def _changed_fields(message: Any) -> str:
    """The names of the fields that a form has changed, never their values."""
    parts = message if isinstance(message, list) else []
    return ", ".join(str(name) for part in parts for name in part.get("changed", {}).get("fields", []))
