"""People as the operator sees them: how much they store, when they came last, whether they may come."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import Count, Field, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.models import AuditEvent, User
from accounts.panel.moments import moment
from accounts.panel.noting import NotedAdmin
from mailbox.models import StorageUsed
from mailbox.quotas import Space
from mailbox.templatetags.mail import octets

# Django's own words are about users, sites and objects.
_HELP = {
    "username": _("What the person types to sign in."),
    "is_active": _("May sign in. Take this away rather than delete somebody: the mail stays, and is still collected."),
    "is_staff": _("May use these pages. Nobody reads other people's mail here."),
    "is_superuser": _("May change everything on these pages, and invite people."),
}


@admin.register(User)
class PersonAdmin(NotedAdmin, UserAdmin):
    """Django's own, with what Letterbox knows about a person. Groups and single rights are not used here."""

    list_display = [
        *("username", "full_name", "email", "account_count", "storage"),
        *(moment(User, "last_login"), "is_active", "is_staff"),
    ]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["username", "first_name", "last_name", "email"]
    filter_horizontal = ()
    fieldsets = [
        (None, {"fields": ["username", "new_password"]}),
        (_("Personal info"), {"fields": ["first_name", "last_name", "email"]}),
        (_("Permissions"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Room for mail"), {"fields": ["quota_mb", "storage"]}),
        (_("Reading"), {"fields": ["language", "time_zone", "writes_rich"]}),
        (_("Important dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["new_password", "storage", "last_login", "date_joined"]
    actions = ["let_in", "keep_out"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        used = StorageUsed.objects.filter(user=OuterRef("pk")).values("octets_count")
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.annotate(
            account_count=Count("owned_accounts", distinct=True),
            octets_count=Subquery(used),
        )

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **options: Any) -> Any:
        if db_field.name in _HELP:
            options["help_text"] = _HELP[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **options)

    @admin.display(description=_("Password"))
    def new_password(self, user: User) -> SafeString | str:
        """The way to a new one, where Django would show the beginning of its hash."""
        path = reverse("admin:auth_user_password_change", args=[user.pk]) if user.pk else ""
        return format_html('<a class="button" href="{}">{}</a>', path, _("Choose a new one")) if path else ""

    @admin.display(description=_("Name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=_("Accounts"), ordering="account_count")
    def account_count(self, user: Any) -> int:
        count: int = user.account_count
        return count

    @admin.display(description=_("Mail stored"), ordering="octets_count")
    def storage(self, user: Any) -> SafeString | str:
        """What was counted last, and how much of the person's room that is."""
        space = Space(getattr(user, "octets_count", None) or 0, user.quota_octets)
        if not space.limit:
            return octets(space.used) if space.used else "-"
        words = _("%(used)s of %(limit)s") % {"used": octets(space.used), "limit": octets(space.limit)}
        scarce = " space--scarce" if space.is_scarce else ""
        bar = '<span class="space{}">{}<progress max="100" value="{}"></progress></span>'
        return format_html(bar, scarce, words, space.percent)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002
        """Django's page for a new password; whoever had the old one is signed out by it."""
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            audit.note(AuditEvent.What.PASSWORD, person=User.objects.filter(pk=id).first(), about="in the panel")
        return answer

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete the accounts first, and their messages with them: a message keeps its octets from being deleted."""
        for account in obj.owned_accounts.all():
            account.delete()
        obj.delete()

    @admin.action(description=_("Let in again"), permissions=["change"])
    def let_in(self, request: HttpRequest, people: QuerySet[User]) -> None:
        chosen = list(people)
        User.objects.filter(pk__in=[each.pk for each in chosen]).update(is_active=True)
        self.note_action("let in again", chosen)
        words = ngettext("%(count)d person may sign in.", "%(count)d people may sign in.", len(chosen))
        messages.success(request, words % {"count": len(chosen)})

    @admin.action(description=_("Keep out"), permissions=["change"])
    def keep_out(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Let them sign in no more, at once; their mail stays and is still collected. Nobody shuts himself out."""
        chosen = list(people.exclude(username=request.user.get_username()))
        User.objects.filter(pk__in=[each.pk for each in chosen]).update(is_active=False)
        self.note_action("keep out", chosen)
        words = ngettext("%(count)d person is kept out.", "%(count)d people are kept out.", len(chosen))
        messages.success(request, words % {"count": len(chosen)})
